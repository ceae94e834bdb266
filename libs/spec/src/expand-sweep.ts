/** From a submitted document to its points, in a documented order, or to the list of everything wrong with it. */
import { canonicalHash, pointHash } from './canonical-hash.js';
import { experimentEnvelopeSchema, faultsOf, type ExperimentEnvelope } from './experiment-spec.js';
import { InvalidSpecificationError, jsonPointer, type Fault } from './fault.js';
import { pointSchema, type PointSpec } from './point-spec.js';

export const MAX_POINTS = 10_000;
export const MAX_RUNS = 100_000;
const MAX_FAULTS = 100;

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** `swept`: a point of the grid. `twin`: added because a swept point's results are compared with it. */
export type PointRole = 'swept' | 'twin';

export interface ExpandedPoint {
  /** Position in the documented order. */
  readonly index: number;
  readonly role: PointRole;
  /** Axis path to canonical value; for a twin, the axes its swept points share. */
  readonly axes: Readonly<Record<string, JsonValue>>;
  readonly config: PointSpec;
  /** Content address of `config`. */
  readonly hash: string;
  /** Index of the ideal twin (its own index for an ideal point), absent when twins are off. */
  readonly twinIndex?: number;
}

export interface ExpandedExperiment {
  readonly envelope: ExperimentEnvelope;
  /** The document with defaults filled; submitting it again gives the same points. */
  readonly normalized: JsonValue;
  readonly hash: string;
  readonly points: readonly ExpandedPoint[];
  readonly runCount: number;
}

interface Assignment {
  readonly values: Readonly<Record<string, JsonValue>>;
  readonly positions: Readonly<Record<string, number>>;
}

/** All combinations, the axis written last varying fastest. */
function gridAssignments(grid: Readonly<Record<string, JsonValue[]>>): Assignment[] {
  let assignments: Assignment[] = [{ values: {}, positions: {} }];
  for (const [path, values] of Object.entries(grid)) {
    assignments = assignments.flatMap((assignment) =>
      values.map((value, position) => ({
        values: { ...assignment.values, [path]: value },
        positions: { ...assignment.positions, [path]: position },
      })),
    );
  }
  return assignments;
}

function withValueAt(target: JsonValue | undefined, segments: readonly string[], value: JsonValue): JsonValue {
  if (segments.length === 0) return value;
  const [head, ...rest] = segments;
  const object = typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {};
  return { ...object, [head]: withValueAt(Object.hasOwn(object, head) ? object[head] : undefined, rest, value) };
}

function valueAt(target: unknown, segments: readonly string[]): JsonValue | undefined {
  let value = target;
  for (const segment of segments) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined;
    value = (value as Record<string, unknown>)[segment];
  }
  return value as JsonValue | undefined;
}

/** A fault inside a swept value is reported at that value; anything else where it stands in base. */
function faultPointer(path: readonly PropertyKey[], assignment: Assignment): string {
  const dotted = path.map(String);
  for (const [axis, position] of Object.entries(assignment.positions)) {
    const segments = axis.split('.');
    if (segments.every((segment, index) => dotted[index] === segment)) {
      return jsonPointer(['sweep', 'grid', axis, position, ...dotted.slice(segments.length)]);
    }
  }
  return jsonPointer(['base', ...dotted]);
}

function refuseIfTooLarge(envelope: ExperimentEnvelope): void {
  const points = Object.values(envelope.sweep.grid).reduce((product, values) => product * values.length, 1);
  const faults: Fault[] = [];
  if (points > MAX_POINTS) {
    faults.push({ pointer: '/sweep/grid', message: `the grid has ${points} points; allowed are at most ${MAX_POINTS}` });
  } else if (points * envelope.replicates > MAX_RUNS) {
    faults.push({
      pointer: '/replicates',
      message: `${points} points times ${envelope.replicates} replicates are ${points * envelope.replicates} runs; allowed are at most ${MAX_RUNS}`,
    });
  }
  if (faults.length > 0) throw new InvalidSpecificationError(faults);
}

interface ParsedPoint {
  readonly config: PointSpec;
  readonly axes: Record<string, JsonValue>;
}

/** What the schema takes for a section that base leaves out; an axis into such a section starts from it. */
const SECTION_DEFAULTS = { model: { kind: 'mlp' }, uplink: { kind: 'over-the-air' } };

function parsePoints(envelope: ExperimentEnvelope): ParsedPoint[] {
  const faults = new Map<string, Fault>();
  const parsed: ParsedPoint[] = [];
  for (const assignment of gridAssignments(envelope.sweep.grid as Record<string, JsonValue[]>)) {
    let document: JsonValue = { ...SECTION_DEFAULTS, ...envelope.base } as JsonValue;
    for (const [path, value] of Object.entries(assignment.values)) {
      document = withValueAt(document, path.split('.'), value);
    }
    const result = pointSchema.safeParse(document);
    if (result.success) {
      const axes: Record<string, JsonValue> = {};
      for (const [path, written] of Object.entries(assignment.values)) {
        axes[path] = valueAt(result.data, path.split('.')) ?? written;
      }
      parsed.push({ config: result.data, axes });
      continue;
    }
    for (const issue of result.error.issues) {
      for (const { message, path } of faultsOf([issue]).map((fault) => ({
        message: fault.message,
        path: fault.pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')),
      }))) {
        const fault = { pointer: faultPointer(path, assignment), message };
        faults.set(`${fault.pointer}\n${fault.message}`, fault);
      }
    }
    if (faults.size >= MAX_FAULTS) break;
  }
  if (faults.size > 0) throw new InvalidSpecificationError([...faults.values()].slice(0, MAX_FAULTS));
  return parsed;
}

function idealTwinOf(config: PointSpec): PointSpec {
  return { ...config, uplink: { kind: 'ideal' } };
}

/**
 * Validates a document and lists its points: first the grid in row-major order (the axis written last varies fastest),
 * then the ideal twins that are not themselves grid points, in order of first need. Twins that several points share
 * stand once. A run is one point and one replicate; replicates vary fastest.
 * @throws InvalidSpecificationError with every fault found
 */
export function expandExperiment(document: unknown): ExpandedExperiment {
  const result = experimentEnvelopeSchema.safeParse(document);
  if (!result.success) throw new InvalidSpecificationError(faultsOf(result.error.issues));
  const envelope = result.data;
  refuseIfTooLarge(envelope);

  const byHash = new Map<string, number>();
  const swept = parsePoints(envelope).map((point, index) => ({ ...point, index, hash: pointHash(point.config) }));
  const repeated: Fault[] = [];
  for (const point of swept) {
    const first = byHash.get(point.hash);
    if (first !== undefined) {
      repeated.push({
        pointer: '/sweep/grid',
        message: `points ${first} and ${point.index} are the same configuration (${JSON.stringify(point.axes)}); every point must differ`,
      });
    }
    byHash.set(point.hash, first ?? point.index);
  }
  if (repeated.length > 0) throw new InvalidSpecificationError(repeated.slice(0, MAX_FAULTS));

  const twins: ExpandedPoint[] = [];
  const points: ExpandedPoint[] = swept.map((point) => {
    if (!envelope.idealTwins) return { ...point, role: 'swept' };
    const config = idealTwinOf(point.config);
    const hash = pointHash(config);
    let twinIndex = byHash.get(hash);
    if (twinIndex === undefined) {
      twinIndex = swept.length + twins.length;
      byHash.set(hash, twinIndex);
      const axes = Object.fromEntries(Object.entries(point.axes).filter(([path]) => !/^uplink(\.|$)/.test(path)));
      twins.push({ index: twinIndex, role: 'twin', axes, config, hash, twinIndex });
    }
    return { ...point, role: 'swept', twinIndex };
  });
  points.push(...twins);

  const runCount = points.length * envelope.replicates;
  if (runCount > MAX_RUNS) {
    throw new InvalidSpecificationError([
      { pointer: '/replicates', message: `with ideal twins these are ${runCount} runs; allowed are at most ${MAX_RUNS}` },
    ]);
  }
  const normalized = { ...envelope } as JsonValue;
  return { envelope, normalized, hash: canonicalHash(normalized), points, runCount };
}
