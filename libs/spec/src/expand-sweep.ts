/** From a submitted document to its points, in a documented order, or to the list of everything wrong with it. */
import { experimentHash, PointHasher } from './canonical-hash.js';
import { experimentEnvelopeSchema, sweepSchema, type ExperimentEnvelope } from './experiment-spec.js';
import { InvalidSpecificationError, jsonPointer, shown, type Fault } from './fault.js';
import { faultsOf, issueMessage, locateIssues, type LocatedIssue } from './issue-message.js';
import { faultsInJson, type JsonValue } from './json-value.js';
import { normalizedDocument } from './normalize.js';
import { PointReader } from './point-reader.js';
import { goesThroughChannel, pointSchema, type PointSpec } from './point-spec.js';
import {
  combinations,
  documentAt,
  faultsOfAxes,
  gridSize,
  isMapping,
  segmentsOf,
  startsWith,
  sweptPart,
  valueAt,
  type Grid,
  type Mapping,
  type Positions,
} from './sweep-grid.js';
import { faultsOfTuning } from './tuning.js';

export const MAX_POINTS = 10_000;
export const MAX_RUNS = 100_000;
const MAX_FAULTS = 100;

/**
 * `swept`: a point of the grid. The others are added because a swept point's results are compared with theirs: `twin` under an ideal uplink,
 * `matched` under an ideal one with the point's own update gains.
 */
export const POINT_ROLES = ['swept', 'twin', 'matched'] as const;
export type PointRole = (typeof POINT_ROLES)[number];

export interface ExpandedPoint {
  /** Position in the documented order. */
  readonly index: number;
  readonly role: PointRole;
  /** Axis path to canonical value, of a mapping laid over base the keys that were written; for a twin, the axes its swept points share. */
  readonly axes: Readonly<Record<string, JsonValue>>;
  readonly config: PointSpec;
  /** Content address of `config`. */
  readonly hash: string;
  /** Index of the ideal twin (its own index for an ideal point), absent when twins are off. */
  readonly twinIndex?: number;
  /** Index of the gain-matched twin (its own index for an ideal or gain-matched point), absent when those are off. */
  readonly matchedTwinIndex?: number;
}

export interface ExpandedExperiment {
  readonly envelope: ExperimentEnvelope;
  /**
   * The document with defaults filled and quantities in canonical text; submitting it again gives the same points. A
   * section of base whose kind is swept stays as it was written, because kinds differ in their keys.
   */
  readonly normalized: JsonValue;
  readonly hash: string;
  readonly points: readonly ExpandedPoint[];
  readonly runCount: number;
}

/** Faults by what they say and where, each once, in order of appearance. */
class FaultList {
  private readonly byText = new Map<string, Fault>();

  add(...faults: readonly Fault[]): void {
    for (const fault of faults) this.byText.set(`${fault.pointer}\n${fault.message}`, fault);
  }

  get isFull(): boolean {
    return this.byText.size >= MAX_FAULTS;
  }

  throwIfAny(): void {
    if (this.byText.size > 0) throw new InvalidSpecificationError([...this.byText.values()].slice(0, MAX_FAULTS));
  }
}

/** Where a path of a point comes from: a swept value, or base. */
function pointerTo(
  path: readonly PropertyKey[],
  base: Mapping,
  grid: Grid,
  positions: Positions,
): { readonly pointer: string; readonly swept: boolean } {
  for (const [axis, position] of Object.entries(positions)) {
    const segments = segmentsOf(axis);
    const inner = path.slice(segments.length).map(String);
    const own = () => inner.length === 0 || valueAt(grid[axis][position], inner.slice(0, 1)) !== undefined;
    if (startsWith(path, segments) && (own() || valueAt(base, path.map(String)) === undefined)) {
      return { pointer: jsonPointer(['sweep', 'grid', axis, position, ...inner]), swept: true };
    }
  }
  return { pointer: jsonPointer(['base', ...path]), swept: false };
}

/**
 * A fault inside a swept value is reported at that value, an axis that leads nowhere at the axis, an impossible
 * combination at the swept value that takes part in it, and anything else where it stands in base.
 */
function faultsAt({ path, message, unknownKey, involved }: LocatedIssue, base: Mapping, grid: Grid, positions: Positions): Fault[] {
  const lost = Object.keys(positions).filter((axis) => {
    const segments = segmentsOf(axis);
    return startsWith(segments, path) && (unknownKey || segments.length > path.length);
  });
  if (lost.length > 0 && (unknownKey || valueAt(base, path.map(String)) === undefined)) {
    const faults = lost.map((axis) => ({ pointer: jsonPointer(['sweep', 'grid', axis]), message: `this axis leads nowhere: ${message}` }));
    if (valueAt(base, path.map(String)) !== undefined) faults.push({ pointer: jsonPointer(['base', ...path]), message });
    return faults;
  }
  const places = [path, ...involved].map((place) => pointerTo(place, base, grid, positions));
  const { pointer } = places.find(({ swept }) => swept) ?? places[0];
  return [{ pointer, message }];
}

function count(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : value.toExponential(1);
}

function faultOfSize(grid: Grid, replicates: number): Fault | undefined {
  const points = gridSize(grid);
  if (points > MAX_POINTS) {
    return { pointer: '/sweep/grid', message: `the grid has ${count(points)} points; allowed are at most ${MAX_POINTS}` };
  }
  return points * replicates > MAX_RUNS
    ? {
        pointer: '/replicates',
        message: `${points} points times ${replicates} replicates are ${points * replicates} runs; allowed are at most ${MAX_RUNS}`,
      }
    : undefined;
}

interface ParsedPoint {
  readonly config: PointSpec;
  readonly axes: Readonly<Record<string, JsonValue>>;
  readonly positions: Positions;
}

/** A point by the schema of whole points; undefined, and faults, when it is none. */
function readWhole(base: Mapping, grid: Grid, positions: Positions, faults: FaultList): PointSpec | undefined {
  const result = pointSchema.safeParse(documentAt(base, grid, positions), { error: issueMessage });
  if (result.success) return result.data;
  for (const issue of locateIssues(result.error.issues)) faults.add(...faultsAt(issue, base, grid, positions));
  return undefined;
}

/** Parses the points of a grid, at most `limit` of them, and collects what is wrong with them. */
function parsePoints(base: Mapping, grid: Grid, faults: FaultList, limit = Infinity): ParsedPoint[] {
  const parsed: ParsedPoint[] = [];
  const reader = new PointReader(base, grid);
  let seen = 0;
  for (const positions of combinations(grid)) {
    if (seen++ >= limit || faults.isFull) break;
    const config = reader.read(positions) ?? readWhole(base, grid, positions, faults);
    if (config === undefined) continue;
    const axes = Object.entries(positions).map(([axis, position]) => {
      const written = grid[axis][position];
      const segments = segmentsOf(axis);
      return [axis, sweptPart(valueAt(base, segments), written, valueAt(config, segments) ?? written)];
    });
    parsed.push({ config, axes: Object.fromEntries(axes) as Record<string, JsonValue>, positions });
  }
  return parsed;
}

interface ParsedExperiment {
  readonly envelope: ExperimentEnvelope;
  readonly points: readonly ParsedPoint[];
}

/**
 * Checks everything that can be checked, so that all faults are found at once: the points too when the rest of the
 * document is wrong, and the first point of a grid that is too large to be looked through.
 */
function parseExperiment(document: unknown): ParsedExperiment {
  const faults = new FaultList();
  faults.add(...faultsInJson(document));
  faults.throwIfAny();
  if (!isMapping(document)) {
    throw new InvalidSpecificationError([
      {
        pointer: '',
        message: `expected a mapping with version, name and base, not ${typeof document === 'string' ? `the text ${shown(document)}` : shown(document)}`,
      },
    ]);
  }
  const result = experimentEnvelopeSchema.safeParse(document, { error: issueMessage });
  if (!result.success) faults.add(...faultsOf(result.error.issues));
  const sweep = sweepSchema.safeParse(document['sweep'] ?? {});
  let points: ParsedPoint[] = [];
  if (sweep.success && isMapping(document['base'])) {
    const { grid } = sweep.data;
    const base = document['base'];
    const ofAxes = faultsOfAxes(base, grid);
    faults.add(...ofAxes);
    const ofSize = faultOfSize(grid, result.success ? result.data.replicates : 1);
    if (ofSize) faults.add(ofSize);
    if (result.success && result.data.tune) faults.add(...faultsOfTuning(result.data.tune, grid, result.data.replicates));
    if (ofAxes.length === 0) points = parsePoints(base, grid, faults, ofSize ? 1 : Infinity);
  }
  faults.throwIfAny();
  if (!result.success) throw new InvalidSpecificationError(faultsOf(result.error.issues));
  return { envelope: result.data, points };
}

type HashedPoint = ParsedPoint & { readonly index: number; readonly hash: string };

/** Two points that are the same configuration: at the value that is there twice, if one value is to blame. */
function faultOfRepetition(first: HashedPoint, second: HashedPoint): Fault {
  const differing = Object.keys(second.positions).filter((axis) => first.positions[axis] !== second.positions[axis]);
  if (differing.length === 1) {
    const [axis] = differing;
    return {
      pointer: jsonPointer(['sweep', 'grid', axis, second.positions[axis]]),
      message: `this is the same configuration as value ${first.positions[axis]} of the axis; every point must differ`,
    };
  }
  return {
    pointer: '/sweep/grid',
    message: `points ${first.index} and ${second.index} are the same configuration (${shown(JSON.stringify(second.axes))}); every point must differ`,
  };
}

function refuseRepetitions(points: readonly HashedPoint[]): void {
  const faults = new FaultList();
  const byHash = new Map<string, HashedPoint>();
  for (const point of points) {
    const first = byHash.get(point.hash);
    if (first) faults.add(faultOfRepetition(first, point));
    else byHash.set(point.hash, point);
    if (faults.isFull) break;
  }
  faults.throwIfAny();
}

/** A point that is added beside swept ones. */
interface Control {
  readonly role: Exclude<PointRole, 'swept'>;
  /** Its configuration, which may be that of the point itself. */
  readonly configOf: (config: PointSpec) => PointSpec;
  /** Whether the points that share it agree on an axis. */
  readonly keeps: (axis: string) => boolean;
}

/** One object for all twins, whose text is made once. */
const IDEAL: PointSpec['uplink'] = Object.freeze({ kind: 'ideal' });

const IDEAL_TWIN: Control = {
  role: 'twin',
  configOf: (config) => ({ ...config, uplink: IDEAL }),
  keeps: (axis) => segmentsOf(axis)[0] !== 'uplink',
};

const GAIN_MATCHED_TWIN: Control = {
  role: 'matched',
  configOf: (config) => (goesThroughChannel(config.uplink) ? { ...config, uplink: { kind: 'gain-matched', of: config.uplink } } : config),
  keeps: () => true,
};

/** Names every point's controls and adds those that are no grid points: the ideal twins, then the gain-matched ones, each in order of first need. */
function withControls(
  swept: readonly HashedPoint[],
  { idealTwins, gainMatchedTwins = false }: ExperimentEnvelope,
  hasher: PointHasher,
): ExpandedPoint[] {
  const points = swept.map(({ index, config, axes, hash }): ExpandedPoint => ({ index, role: 'swept', axes, config, hash }));
  const indexByHash = new Map(points.map(({ hash, index }) => [hash, index]));
  const indexOf = ({ role, configOf, keeps }: Control, point: ExpandedPoint): number => {
    const config = configOf(point.config);
    if (config === point.config) return point.index;
    const hash = hasher.hash(config);
    const known = indexByHash.get(hash);
    if (known !== undefined) return known;
    const index = points.length;
    const axes = Object.fromEntries(Object.entries(point.axes).filter(([axis]) => keeps(axis)));
    indexByHash.set(hash, index);
    points.push({ index, role, axes, config, hash });
    return index;
  };
  const named = (control: Control) => {
    const ofSwept = swept.map((_, index) => indexOf(control, points[index]));
    return (point: ExpandedPoint) => ofSwept[point.index] ?? indexOf(control, point);
  };
  const twinOf = idealTwins ? named(IDEAL_TWIN) : undefined;
  const matchedOf = gainMatchedTwins ? named(GAIN_MATCHED_TWIN) : undefined;
  return points.map((point) => ({
    ...point,
    ...(twinOf ? { twinIndex: twinOf(point) } : {}),
    ...(matchedOf ? { matchedTwinIndex: matchedOf(point) } : {}),
  }));
}

/**
 * Validates a document and lists its points: first the grid in row-major order (the axis written last varies fastest),
 * then the ideal twins that are not themselves grid points, in order of first need, then the gain-matched ones. Twins that several points
 * share stand once. A run is one point and one replicate; in which order runs start is the lab's.
 * @throws InvalidSpecificationError with every fault found
 */
export function expandExperiment(document: unknown): ExpandedExperiment {
  const { envelope, points: parsed } = parseExperiment(document);
  const hasher = new PointHasher();
  const swept = parsed.map((point, index) => ({ ...point, index, hash: hasher.hash(point.config) }));
  refuseRepetitions(swept);
  const points = withControls(swept, envelope, hasher);
  const runCount = points.length * envelope.replicates;
  if (runCount > MAX_RUNS) {
    throw new InvalidSpecificationError([
      {
        pointer: '/replicates',
        message: `with ${envelope.gainMatchedTwins ? 'ideal and gain-matched' : 'ideal'} twins these are ${runCount} runs; allowed are at most ${MAX_RUNS}`,
      },
    ]);
  }
  const normalized = normalizedDocument(envelope, parsed);
  return { envelope, normalized, hash: experimentHash(normalized), points, runCount };
}
