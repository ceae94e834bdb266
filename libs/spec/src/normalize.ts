/** The document with defaults filled. */
import type { ExperimentEnvelope } from './experiment-spec.js';
import { sameJson, type JsonValue } from './json-value.js';
import type { PointSpec } from './point-spec.js';
import { segmentsOf, startsWith, valueAt, withoutValueAt, type Grid, type Mapping, type Positions } from './sweep-grid.js';

export interface PlacedConfig {
  readonly config: PointSpec;
  readonly positions: Positions;
}

/** Swept values as the schema understood them, where all points agree on what that is. */
function normalizedGrid(grid: Grid, points: readonly PlacedConfig[]): Grid {
  const normalizedValues = (axis: string, values: readonly JsonValue[]) => {
    const segments = segmentsOf(axis);
    const understood: (JsonValue | undefined)[] = values.map(() => undefined);
    const disputed = new Set<number>();
    for (const { config, positions } of points) {
      const position = positions[axis];
      const value = valueAt(config, segments);
      if (value === undefined || (understood[position] !== undefined && !sameJson(understood[position], value))) disputed.add(position);
      understood[position] = value;
    }
    return values.map((written, position) => (disputed.has(position) ? written : (understood[position] ?? written)));
  };
  return Object.fromEntries(Object.entries(grid).map(([axis, values]) => [axis, normalizedValues(axis, values)]));
}

/**
 * Fills base section by section (task, model, uplink, ...). What an axis sets is left out of it, because base's own
 * value there is never used. The rest of a section is filled when all points agree on it. They do not when an axis
 * chooses the section's kind (`uplink.kind`, `task.family`): the defaults of one kind are unknown keys of another, so
 * such a section stays as it was written.
 */
function normalizedBase(base: Mapping, grid: Grid, points: readonly PlacedConfig[]): Mapping {
  const axes = Object.keys(grid).map(segmentsOf);
  const unswept = (document: JsonValue, section: string) =>
    axes.filter((segments) => startsWith(segments, [section])).reduce<JsonValue>(withoutValueAt, document);
  const filled: Record<string, JsonValue> = {};
  for (const section of Object.keys(points[0].config)) {
    const [first, ...others] = points.map(({ config }) => unswept({ [section]: config[section as keyof PointSpec] }, section));
    const agreed = others.every((other) => sameJson(other, first));
    const kept = agreed ? first : unswept(Object.hasOwn(base, section) ? { [section]: base[section] } : {}, section);
    Object.assign(filled, kept);
  }
  return filled;
}

/**
 * The document with defaults filled and quantities in canonical text. Submitting it again gives the same points and the
 * same document.
 * @param points the expanded grid, in order; at least one
 */
export function normalizedDocument(envelope: ExperimentEnvelope, points: readonly PlacedConfig[]): JsonValue {
  const grid = envelope.sweep.grid;
  return {
    ...envelope,
    base: normalizedBase(envelope.base, grid, points),
    sweep: { grid: normalizedGrid(grid, points) },
  } as JsonValue;
}
