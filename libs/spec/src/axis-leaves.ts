/** What the axes of a point set, down to single values: where an axis has a mapping, each of its keys. */
import type { JsonValue } from './json-value.js';
import { isMapping } from './sweep-grid.js';

/** One value with the path of its key: `uplink.snr`, `meta.metaStep.decay`. */
export interface AxisLeaf {
  readonly path: string;
  /** No mapping, unless an empty one. */
  readonly value: JsonValue;
}

function leavesOf(path: string, value: JsonValue): AxisLeaf[] {
  if (!isMapping(value) || Object.keys(value).length === 0) return [{ path, value }];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(`${path}.${key}`, inner));
}

/** @param axes axis path to value, in order */
export function axisLeaves(axes: Readonly<Record<string, JsonValue>>): AxisLeaf[] {
  return Object.entries(axes).flatMap(([path, value]) => leavesOf(path, value));
}
