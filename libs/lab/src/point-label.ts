import type { ExpandedPoint, JsonValue } from '@airmeta/spec';

function labelOf(name: string, value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${name} ${JSON.stringify(value)}`;
  return Object.entries(value)
    .map(([key, inner]) => labelOf(key, inner))
    .join(', ');
}

/**
 * A short name of a point: the values of its axes, with the axis' last word where the value alone would not tell
 * (`10 dB`, `compression 0.4`), of a mapping those of its keys; `ideal uplink` for a twin, `gain-matched twin of 10 dB`.
 */
export function pointLabel({ role, axes }: Pick<ExpandedPoint, 'role' | 'axes'>): string {
  const parts = Object.entries(axes).map(([path, value]) => labelOf(path.split('.').at(-1) ?? path, value));
  if (role === 'twin') parts.unshift('ideal uplink');
  const label = parts.length > 0 ? parts.join(', ') : 'base';
  return role === 'matched' ? `gain-matched twin of ${label}` : label;
}
