/** The document with defaults filled. */
import type { ExperimentEnvelope } from './experiment-spec.js';
import { sameJson, type JsonValue } from './json-value.js';
import type { PointSpec } from './point-spec.js';
import {
  ALTERNATIVES,
  isLaidOver,
  isMapping,
  segmentsOf,
  startsWith,
  sweptPart,
  valueAt,
  withoutValueAt,
  withValueAt,
  type Grid,
  type Mapping,
  type Positions,
} from './sweep-grid.js';

export interface PlacedConfig {
  readonly config: PointSpec;
  readonly positions: Positions;
}

/** Swept values as the schema understood them, where all points agree on what that is. */
function normalizedGrid(base: Mapping, grid: Grid, points: readonly PlacedConfig[]): Grid {
  const normalizedValues = (axis: string, values: readonly JsonValue[]) => {
    const segments = segmentsOf(axis);
    const understood: (JsonValue | undefined)[] = values.map(() => undefined);
    const disputed = new Set<number>();
    for (const { config, positions } of points) {
      const position = positions[axis];
      const found = valueAt(config, segments);
      const value = found === undefined ? undefined : sweptPart(valueAt(base, segments), values[position], found);
      if (value === undefined || (understood[position] !== undefined && !sameJson(understood[position], value))) disputed.add(position);
      understood[position] = value;
    }
    return values.map((written, position) => (disputed.has(position) ? written : (understood[position] ?? written)));
  };
  return Object.fromEntries(Object.entries(grid).map(([axis, values]) => [axis, normalizedValues(axis, values)]));
}

type Path = readonly string[];

/** Paths, from the top, that a swept value sets: its own, or those of its parts where it is laid over base's, of whose kind it is. */
function pathsSet(base: JsonValue | undefined, value: JsonValue, path: Path): Path[] {
  if (!isMapping(base) || !isMapping(value) || !isLaidOver(base, value)) return [path];
  return Object.entries(value).flatMap(([key, inner]) => (ALTERNATIVES.includes(key) ? [] : pathsSet(base[key], inner, [...path, key])));
}

/** What an axis sets. */
interface AxisReach {
  readonly axis: string;
  /** Paths that each value sets. */
  readonly setBy: readonly (readonly Path[])[];
  /** Paths that any value sets. */
  readonly paths: readonly Path[];
  /** Whether some values replace what others only set parts of. */
  readonly mixed: boolean;
}

const isSame = (one: Path, other: Path) => one.length === other.length && startsWith(one, other);
const includes = (paths: readonly Path[], path: Path) => paths.some((each) => isSame(each, path));
/** No key has this character in it: control characters are refused before. */
const distinct = (paths: readonly Path[]) => [...new Map(paths.map((path) => [path.join('\u0000'), path])).values()];

function reachOf(axis: string, values: readonly JsonValue[], base: Mapping): AxisReach {
  const segments = segmentsOf(axis);
  const setBy = values.map((value) => pathsSet(valueAt(base, segments), value, segments));
  const paths = distinct(setBy.flat());
  const mixed = paths.some((path) => paths.some((other) => !isSame(path, other) && startsWith(other, path)));
  return { axis, setBy, paths, mixed };
}

function without(document: JsonValue, paths: readonly Path[]): JsonValue {
  return paths.reduce<JsonValue>(withoutValueAt, document);
}

/** A section with defaults filled; undefined where points do not agree on what is not swept. */
function filledSection(section: keyof PointSpec, axes: readonly AxisReach[], points: readonly PlacedConfig[]): JsonValue | undefined {
  if (axes.some(({ mixed }) => mixed)) return undefined;
  const swept = axes.flatMap(({ paths }) => paths);
  const [first, ...others] = points.map(({ config }) => without({ [section]: config[section] }, swept));
  if (!others.every((other) => sameJson(other, first))) return undefined;
  let filled = first;
  for (const { axis, setBy, paths } of axes) {
    for (const path of paths) {
      const [own, ...rest] = points
        .filter(({ positions }) => !includes(setBy[positions[axis]], path))
        .map(({ config }) => valueAt(config, path) ?? null);
      if (!rest.every((value) => sameJson(value, own))) return undefined;
      if (own !== undefined) filled = withValueAt(filled, path, own);
    }
  }
  return filled;
}

/**
 * Fills base section by section (task, model, uplink, ...). What every value of an axis sets is left out of it, because base's
 * own is never used; what only some set is there as the points of the others have it. The rest of a section is filled when all
 * points agree on it. They do not when an axis chooses the section's kind (`uplink.kind`, `task.family`): the defaults of one
 * kind are unknown keys of another, so such a section stays as it was written.
 */
function normalizedBase(base: Mapping, grid: Grid, points: readonly PlacedConfig[]): Mapping {
  const reaches = Object.entries(grid).map(([axis, values]) => reachOf(axis, values, base));
  const normalized: Record<string, JsonValue> = {};
  for (const section of Object.keys(points[0].config) as (keyof PointSpec)[]) {
    const axes = reaches.filter(({ axis }) => segmentsOf(axis)[0] === section);
    const written = Object.hasOwn(base, section) ? { [section]: base[section] } : {};
    const neverUsed = axes.flatMap(({ setBy, paths, mixed }) =>
      mixed ? [] : paths.filter((path) => setBy.every((set) => includes(set, path))),
    );
    Object.assign(normalized, filledSection(section, axes, points) ?? without(written, neverUsed));
  }
  return normalized;
}

/**
 * The document with defaults filled and quantities in canonical text. Submitting it again gives the same points and the
 * same document.
 * @param points the expanded grid, in order; at least one
 */
export function normalizedDocument(envelope: ExperimentEnvelope, points: readonly PlacedConfig[]): JsonValue {
  const { limits = {}, gainMatchedTwins = false, ...rest } = envelope;
  const { grid } = envelope.sweep;
  return {
    ...rest,
    // What was not there before is no part of what is hashed when it says what was meant before.
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
    ...(gainMatchedTwins ? { gainMatchedTwins } : {}),
    base: normalizedBase(envelope.base, grid, points),
    sweep: { grid: normalizedGrid(envelope.base, grid, points) },
  } as JsonValue;
}
