/** More of the same experiment: more replicates, rounds or values, with every point that was there kept. */
import { PointHasher } from './canonical-hash.js';
import type { Extension } from './control-wire.js';
import { expandExperiment, type ExpandedExperiment, type ExpandedPoint } from './expand-sweep.js';
import { InvalidSpecificationError, jsonPointer, type Fault } from './fault.js';
import type { JsonValue } from './json-value.js';
import type { PointSpec } from './point-spec.js';
import { isMapping, type Mapping } from './sweep-grid.js';

/** The point of the experiment as it was that a point of the extended one goes on from. */
export interface PointOrigin {
  /** Its index before. */
  readonly index: number;
  /** Whether a run of more rounds may go on where the run of fewer ended: not when its meta step depends on how many there are. */
  readonly continues: boolean;
}

export interface ExtendedExperiment {
  readonly expanded: ExpandedExperiment;
  /** Of every point, in order; null for a new one. */
  readonly origins: readonly (PointOrigin | null)[];
}

function dependsOnLength({ meta: { metaStep } }: PointSpec): boolean {
  return typeof metaStep !== 'number' && metaStep.decay === 'cosine';
}

function faultsOfExtension(before: ExpandedExperiment, { replicates, rounds, values = {} }: Extension): Fault[] {
  const faults: Fault[] = [];
  const { grid } = before.envelope.sweep;
  if (replicates !== undefined && replicates < before.envelope.replicates)
    faults.push({ pointer: '/replicates', message: `there are ${before.envelope.replicates} replicates; there can only be more` });
  const longest = Math.max(...before.points.map(({ config }) => config.rounds));
  if (rounds !== undefined && Object.hasOwn(grid, 'rounds'))
    faults.push({ pointer: '/rounds', message: 'rounds are an axis of the sweep: add to "values" instead' });
  else if (rounds !== undefined && rounds < longest)
    faults.push({ pointer: '/rounds', message: `runs have ${longest} rounds; there can only be more` });
  for (const axis of Object.keys(values)) {
    if (Object.hasOwn(grid, axis)) continue;
    const axes = Object.keys(grid);
    const known = axes.length > 0 ? `its axes are ${axes.join(', ')}` : 'it has none';
    faults.push({ pointer: jsonPointer(['values', axis]), message: `this is no axis of the sweep: ${known}` });
  }
  return faults;
}

function extended(document: Mapping, grid: Readonly<Record<string, readonly JsonValue[]>>, extension: Extension): JsonValue {
  const { replicates, rounds, values = {} } = extension;
  const base = isMapping(document['base']) ? document['base'] : {};
  return {
    ...document,
    ...(replicates === undefined ? {} : { replicates }),
    base: rounds === undefined ? base : { ...base, rounds },
    sweep: { grid: Object.fromEntries(Object.entries(grid).map(([axis, own]) => [axis, [...own, ...(values[axis] ?? [])]])) },
  };
}

/** A fault of the extended document, at what the extension says where it is that. */
function locatedInExtension({ pointer, message }: Fault, grid: Readonly<Record<string, readonly JsonValue[]>>): Fault {
  if (pointer === '/base/rounds') return { pointer: '/rounds', message };
  const [, axis, position, inner = ''] = /^\/sweep\/grid\/([^/]+)\/(\d+)(\/.*)?$/.exec(pointer) ?? [];
  if (axis === undefined || !Object.hasOwn(grid, axis)) return { pointer, message };
  const added = Number(position) - grid[axis].length;
  return added < 0 ? { pointer, message } : { pointer: `${jsonPointer(['values', axis, added])}${inner}`, message };
}

function expandExtended(document: JsonValue, grid: Readonly<Record<string, readonly JsonValue[]>>): ExpandedExperiment {
  try {
    return expandExperiment(document);
  } catch (error) {
    if (!(error instanceof InvalidSpecificationError)) throw error;
    throw new InvalidSpecificationError(error.faults.map((fault) => locatedInExtension(fault, grid)));
  }
}

/**
 * Expands an experiment again with more replicates, rounds or values, and says which point goes on from which.
 * @param document the normalised specification as it was
 * @throws InvalidSpecificationError with every fault of the extension
 */
export function extendExperiment(document: JsonValue, extension: Extension): ExtendedExperiment {
  const before = expandExperiment(document);
  const faults = faultsOfExtension(before, extension);
  if (faults.length > 0 || !isMapping(document)) throw new InvalidSpecificationError(faults);
  const { grid } = before.envelope.sweep;
  const expanded = expandExtended(extended(document, grid, extension), grid);
  const hasher = new PointHasher();
  // However long it runs, when that is what changes.
  const identity = ({ hash, config }: ExpandedPoint) => (extension.rounds === undefined ? hash : hasher.identity({ ...config, rounds: 0 }));
  const indexBefore = new Map(before.points.map((point) => [identity(point), point.index]));
  const origins = expanded.points.map((point): PointOrigin | null => {
    const index = indexBefore.get(identity(point));
    return index === undefined ? null : { index, continues: !dependsOnLength(point.config) };
  });
  return { expanded, origins };
}
