/** What the points of an experiment need of the data that they name, each need once, however many points share it. */
import {
  canonicalHash,
  datasetOf,
  goesThroughChannel,
  InvalidSpecificationError,
  jsonPointer,
  matchedUplink,
  type ExpandedPoint,
  type Fault,
  type PointSpec,
} from '@airmeta/spec';
import type { DatasetInspection, DatasetInspector } from './ports/simulator.js';

/** A need that has been answered without looking at any data, or a configuration with which to ask. */
export type DataNeed = (
  { readonly kind: 'answered'; readonly inspection: DatasetInspection } | { readonly kind: 'open'; readonly config: PointSpec }
) & {
  /** Axes of the first point that has it. */
  readonly axes: readonly string[];
};

/** Where a key of a point stands in its document: at the axis that sweeps it, or one above or below it, or in base. */
function pointerTo(path: readonly string[], axes: readonly string[]): string {
  const covers = (above: readonly string[], below: readonly string[]) => above.every((key, depth) => key === below[depth]);
  const axis = axes.find((each) => covers(each.split('.'), path) || covers(path, each.split('.')));
  return axis === undefined ? jsonPointer(['base', ...path]) : jsonPointer(['sweep', 'grid', axis]);
}

export interface DataNeeds {
  readonly needs: readonly DataNeed[];
  /** Position of the need of every point. */
  readonly needOf: Uint32Array;
}

/** Keys of parts of configurations, which points share: the hash of each object is computed once. */
function sharedKeys(): (part: object) => string {
  const known = new WeakMap<object, string>();
  return (part) => {
    const key = known.get(part) ?? canonicalHash(part);
    known.set(part, key);
    return key;
  };
}

/**
 * @param atOnce answers that need no look at any data; undefined: it takes one
 */
export function dataNeedsOf(
  points: readonly Pick<ExpandedPoint, 'config' | 'axes'>[],
  atOnce: (config: PointSpec) => DatasetInspection | undefined = () => undefined,
): DataNeeds {
  const needs: DataNeed[] = [];
  const known = new Map<string, number>();
  const keyOf = sharedKeys();
  const once = (key: string, need: () => DataNeed) => {
    const position = known.get(key) ?? needs.push(need()) - 1;
    known.set(key, position);
    return position;
  };
  const byConfig = new Map<string, number>();
  const needOf = Uint32Array.from(points, ({ config, axes: own }) => {
    const { task, model, agents, engine, evaluate, rounds, uplink } = config;
    const shadow = matchedUplink(uplink);
    const channel = shadow ?? uplink;
    const remembers = goesThroughChannel(channel) && channel.memory;
    const transform = channel.kind === 'over-the-air' ? channel.transform : '';
    const ofChannel = [channel.kind, transform, remembers, shadow !== null];
    const key = [...[task, model, agents, evaluate].map(keyOf), engine, rounds, ...ofChannel].join();
    const position = byConfig.get(key);
    if (position !== undefined) return position;
    const inspection = atOnce(config);
    const axes = Object.keys(own);
    const found =
      inspection === undefined
        ? once(key, () => ({ kind: 'open', config, axes }))
        : once(JSON.stringify(inspection), () => ({ kind: 'answered', inspection, axes }));
    byConfig.set(key, found);
    return found;
  });
  return { needs, needOf };
}

/**
 * Makes sure that the data which an experiment names can serve every point.
 * @returns fingerprint of the data of every point; null for those that draw their own
 * @throws InvalidSpecificationError with every fault found
 */
export async function checkData({ needs, needOf }: DataNeeds, datasets: DatasetInspector): Promise<readonly (string | null)[]> {
  const faults: Fault[] = [];
  const blame = (message: string, pointer = '/base/task') => {
    if (!faults.some((fault) => fault.message === message)) faults.push({ pointer, message });
  };
  const byTask = new Map<string, string | null>();
  const fingerprints: (string | null)[] = [];
  for (const need of needs) {
    const inspection = need.kind === 'answered' ? need.inspection : await datasets.inspect(need.config);
    fingerprints.push(inspection.kind === 'problem' ? null : inspection.fingerprint);
    if (inspection.kind === 'problem') {
      blame(inspection.problem, inspection.at && pointerTo(inspection.at, need.axes));
    } else if (need.kind === 'open') {
      const { task } = need.config;
      const key = canonicalHash(task);
      if ((byTask.get(key) ?? inspection.fingerprint) !== inspection.fingerprint) {
        blame(`the images of dataset "${datasetOf(task)}" were changed while they were read: submit again when they are whole`);
      }
      byTask.set(key, inspection.fingerprint);
    }
  }
  if (faults.length > 0) throw new InvalidSpecificationError(faults);
  return Array.from(needOf, (need) => fingerprints[need]);
}
