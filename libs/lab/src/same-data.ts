/** What an experiment has begun on some images goes on with these images, or not at all. */
import { canonicalHash, datasetOf, shortFingerprint } from '@airmeta/spec';
import { ControlConflictError } from './control-errors.js';
import type { DatasetInspector, Point } from './ports.js';

/**
 * Why a task cannot go on: its data are others than those it began with, or nobody knows which those were. Null when it can.
 * @param dataset that its task reads; null: it draws its own data
 * @param began fingerprint that was stored; null for a task that reads images: an earlier version did not record it
 * @param now fingerprint of what is there
 */
export function dataChange(dataset: string | null, began: string | null, now: string | null): string | null {
  if (dataset === null) return null;
  if (began === null) {
    return `which images of dataset "${dataset}" this experiment began with was not recorded by the version it was submitted to: submit it again, as a new experiment`;
  }
  if (began === now) return null;
  return (
    `the images of dataset "${dataset}" are not those this experiment began with (fingerprint ${shortFingerprint(began)}, now ${shortFingerprint(now)}): ` +
    'put them back as they were, or submit it again, as a new experiment'
  );
}

/** @throws ControlConflictError when the images of a point are not those it began with, or cannot be read */
export async function requireSameData(
  points: readonly Pick<Point, 'config' | 'dataFingerprint'>[],
  datasets: DatasetInspector,
): Promise<void> {
  const inspected = new Set<string>();
  for (const { config, dataFingerprint } of points) {
    if (datasetOf(config.task) === null) continue;
    const key = canonicalHash({ task: config.task, dataFingerprint });
    if (inspected.has(key)) continue;
    inspected.add(key);
    const inspection = await datasets.inspect(config);
    const conflict =
      inspection.kind === 'problem' ? inspection.problem : dataChange(datasetOf(config.task), dataFingerprint, inspection.fingerprint);
    if (conflict !== null) throw new ControlConflictError(conflict);
  }
}
