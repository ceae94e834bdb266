import type { ExpandedPoint, JsonValue } from '@airmeta/spec';

function shown(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * A short name of a point: the values of its axes, with the axis' last word where the value alone would not tell
 * (`10 dB`, `compression 0.4`); `ideal uplink` for a twin.
 */
export function pointLabel({ role, axes }: Pick<ExpandedPoint, 'role' | 'axes'>): string {
  const parts = Object.entries(axes).map(([path, value]) => {
    const axis = path.split('.').at(-1) ?? path;
    return typeof value === 'string' ? shown(value) : `${axis} ${shown(value)}`;
  });
  if (role === 'twin') parts.unshift('ideal uplink');
  return parts.length > 0 ? parts.join(', ') : 'base';
}
