/** The grid of a sweep: its combinations in their order, and base with a combination's values in place. */
import { shown, jsonPointer, type Fault } from './fault.js';
import type { JsonValue } from './json-value.js';
import { SECTION_DEFAULTS } from './point-spec.js';

/** Axis path to its values. */
export type Grid = Readonly<Record<string, JsonValue[]>>;

/** One combination: axis path to the position of its value. */
export type Positions = Readonly<Record<string, number>>;

export type Mapping = Record<string, JsonValue>;

export function segmentsOf(axis: string): string[] {
  return axis.split('.');
}

export function startsWith(path: readonly PropertyKey[], start: readonly PropertyKey[]): boolean {
  return start.length <= path.length && start.every((segment, index) => String(path[index]) === String(segment));
}

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function gridSize(grid: Grid): number {
  return Object.values(grid).reduce((product, values) => product * values.length, 1);
}

/** All combinations, one at a time, the axis written last varying fastest. */
export function* combinations(grid: Grid): Generator<Positions> {
  const axes = Object.entries(grid);
  const size = gridSize(grid);
  for (let index = 0; index < size; index++) {
    const positions: [string, number][] = [];
    let rest = index;
    for (const [axis, values] of axes.toReversed()) {
      positions.push([axis, rest % values.length]);
      rest = Math.floor(rest / values.length);
    }
    yield Object.fromEntries(positions.reverse());
  }
}

/** The value at a path, undefined where the path leads nowhere. */
export function valueAt(target: unknown, segments: readonly string[]): JsonValue | undefined {
  let value = target;
  for (const segment of segments) {
    if (!isMapping(value) || !Object.hasOwn(value, segment)) return undefined;
    value = value[segment];
  }
  return value as JsonValue | undefined;
}

/** Keys that choose among alternatives with different keys. */
export const ALTERNATIVES: readonly string[] = ['kind', 'family', 'decay'];

/** Whether a swept value is laid over what base has there: both are mappings, and of the same alternative. */
export function isLaidOver(base: JsonValue | undefined, value: JsonValue): boolean {
  return isMapping(base) && isMapping(value) && ALTERNATIVES.every((key) => !Object.hasOwn(value, key) || value[key] === base[key]);
}

/** A swept value over base's own: key by key where it is laid over it, else in place of it. */
function over(base: JsonValue | undefined, value: JsonValue): JsonValue {
  if (!isMapping(base) || !isMapping(value) || !isLaidOver(base, value)) return value;
  const keys = Object.entries(value).map(([key, inner]) => [key, over(Object.hasOwn(base, key) ? base[key] : undefined, inner)]);
  return { ...base, ...(Object.fromEntries(keys) as Mapping) };
}

/** A swept value as the schema understood it; of one that is laid over base, what was written. */
export function sweptPart(base: JsonValue | undefined, written: JsonValue, understood: JsonValue): JsonValue {
  if (!isMapping(base) || !isMapping(written) || !isMapping(understood) || !isLaidOver(base, written)) return understood;
  const keys = Object.entries(written).map(([key, inner]) => [key, sweptPart(base[key], inner, understood[key] ?? inner)]);
  return Object.fromEntries(keys) as Mapping;
}

/** A mapping with a value at a path, see `documentAt`. */
export function withValueAt(
  target: JsonValue | undefined,
  segments: readonly string[],
  value: JsonValue,
  above: readonly string[] = [],
): JsonValue {
  const [head, ...rest] = segments;
  if (head === undefined) return over(target, value);
  const object = isMapping(target) ? target : (SECTION_DEFAULTS.get(above.join('.')) ?? {});
  const inner = Object.hasOwn(object, head) ? (object as Mapping)[head] : undefined;
  return { ...object, [head]: withValueAt(inner, rest, value, [...above, head]) };
}

/**
 * Base with the values of a combination; a mapping is laid over base's own, key by key, unless it is of another kind. An axis into a
 * section that base leaves out starts from the section's default.
 */
export function documentAt(base: Mapping, grid: Grid, positions: Positions): JsonValue {
  return Object.entries(positions).reduce<JsonValue>(
    (document, [axis, position]) => withValueAt(document, segmentsOf(axis), grid[axis][position]),
    base,
  );
}

/** A mapping without what stands at a path. */
export function withoutValueAt(target: JsonValue, segments: readonly string[]): JsonValue {
  const [head, ...rest] = segments;
  if (!isMapping(target) || !Object.hasOwn(target, head)) return target;
  const { [head]: inner, ...others } = target;
  return rest.length === 0 ? others : { ...target, [head]: withoutValueAt(inner, rest) };
}

/** Axes that would overwrite one another, and axes that lead through something in base that is no mapping. */
export function faultsOfAxes(base: Mapping, grid: Grid): Fault[] {
  const axes = Object.keys(grid);
  return axes.flatMap((axis) => {
    const segments = segmentsOf(axis);
    const pointer = jsonPointer(['sweep', 'grid', axis]);
    const outer = axes.find((other) => other !== axis && startsWith(segments, segmentsOf(other)));
    if (outer !== undefined)
      return [{ pointer, message: `this axis lies inside the axis ${outer}; every axis must vary something of its own` }];
    for (let length = 1; length < segments.length; length++) {
      const value = valueAt(base, segments.slice(0, length));
      if (value !== undefined && !isMapping(value)) {
        return [
          { pointer, message: `this axis leads nowhere: ${segments.slice(0, length).join('.')} is ${shown(value)} in base, not a mapping` },
        ];
      }
    }
    return [];
  });
}
