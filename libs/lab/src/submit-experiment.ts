/** From a document to stored runs, or to the list of everything wrong with it. */
import { replicateSeed } from '@airmeta/numerics';
import {
  canonicalHash,
  datasetOf,
  expandExperiment,
  goesThroughChannel,
  InvalidSpecificationError,
  jsonPointer,
  matchedUplink,
  type ExpandedExperiment,
  type Fault,
} from '@airmeta/spec';
import { pointLabels } from './point-label.js';
import type { CreatedExperiment, DatasetInspection, DatasetInspector, ExperimentPlan, ExperimentStore } from './ports.js';

/** Keys of parts of configurations, which points share: the hash of each object is computed once. */
function sharedKeys(): (part: object) => string {
  const known = new WeakMap<object, string>();
  return (part) => {
    const key = known.get(part) ?? canonicalHash(part);
    known.set(part, key);
    return key;
  };
}

/** Where a key of a point stands in its document: at the axis that sweeps it, or one above or below it, or in base. */
function pointerTo(path: readonly string[], axes: readonly string[]): string {
  const covers = (above: readonly string[], below: readonly string[]) => above.every((key, depth) => key === below[depth]);
  const axis = axes.find((each) => covers(each.split('.'), path) || covers(path, each.split('.')));
  return axis === undefined ? jsonPointer(['base', ...path]) : jsonPointer(['sweep', 'grid', axis]);
}

/**
 * Makes sure that the data which an experiment names can serve every point.
 * @returns fingerprint of the data of every point; null for those that draw their own
 * @throws InvalidSpecificationError with every fault found
 */
export async function checkDatasets({ points }: ExpandedExperiment, datasets: DatasetInspector): Promise<readonly (string | null)[]> {
  const faults: Fault[] = [];
  const blame = (message: string, pointer = '/base/task') => {
    if (!faults.some((fault) => fault.message === message)) faults.push({ pointer, message });
  };
  const inspections = new Map<string, DatasetInspection>();
  const byTask = new Map<string, string | null>();
  const fingerprints: (string | null)[] = [];
  const keyOf = sharedKeys();
  for (const { config, axes } of points) {
    const { task, model, agents, engine, evaluate, rounds, uplink } = config;
    const shadow = matchedUplink(uplink);
    const channel = shadow ?? uplink;
    const remembers = goesThroughChannel(channel) && channel.memory;
    const transform = channel.kind === 'over-the-air' ? channel.transform : '';
    const ofChannel = [channel.kind, transform, remembers, shadow !== null];
    const key = [keyOf(task), keyOf(model), keyOf(agents), keyOf(evaluate), engine, rounds, ...ofChannel].join();
    const inspection = inspections.get(key) ?? (await datasets.inspect(config));
    inspections.set(key, inspection);
    if (inspection.kind === 'problem') {
      blame(inspection.problem, inspection.at && pointerTo(inspection.at, Object.keys(axes)));
      continue;
    }
    const { fingerprint } = inspection;
    const taskKey = keyOf(task);
    if ((byTask.get(taskKey) ?? fingerprint) !== fingerprint) {
      blame(`the images of dataset "${datasetOf(task)}" were changed while they were read: submit again when they are whole`);
    }
    byTask.set(taskKey, fingerprint);
    fingerprints.push(fingerprint);
  }
  if (faults.length > 0) throw new InvalidSpecificationError(faults);
  return fingerprints;
}

/** An experiment whose data are there. */
export interface CheckedExperiment {
  readonly expanded: ExpandedExperiment;
  /** Of the data of every point; null for those that draw their own. */
  readonly dataFingerprints: readonly (string | null)[];
}

/** Expands a document and makes sure the data it names can serve every point. @throws InvalidSpecificationError with every fault found */
export async function checkExperiment(document: unknown, datasets: DatasetInspector): Promise<CheckedExperiment> {
  const expanded = expandExperiment(document);
  return { expanded, dataFingerprints: await checkDatasets(expanded, datasets) };
}

/** How an experiment is submitted, beside its specification. */
export type SubmissionOptions = Pick<ExperimentPlan, 'visibility' | 'force' | 'priority' | 'tags' | 'idempotency'>;

/** The seed of every replicate. */
export function replicateSeedsOf({ envelope: { replicates, seed } }: ExpandedExperiment): number[] {
  return Array.from({ length: replicates }, (_, replicate) => replicateSeed(seed, replicate));
}

/**
 * Stores an experiment with its points and runs; nothing is written when anything is wrong.
 * @throws InvalidSpecificationError with every fault found
 * @throws IdempotencyConflictError when the key has been used for something else
 */
export async function submitExperiment(
  document: unknown,
  { experiments, datasets }: { readonly experiments: ExperimentStore; readonly datasets: DatasetInspector },
  options: SubmissionOptions = {},
): Promise<CreatedExperiment> {
  const { expanded, dataFingerprints } = await checkExperiment(document, datasets);
  return experiments.create({
    ...options,
    expanded,
    dataFingerprints,
    labels: pointLabels(expanded.points),
    replicateSeeds: replicateSeedsOf(expanded),
  });
}
