import { tHalfWidth } from '@airmeta/lab';
import type { Estimate } from '@airmeta/spec';

/** Mean with a 95 % t-interval; null of no values. */
export function estimateOf(values: readonly number[]): Estimate | null {
  const n = values.length;
  if (n === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  const half = tHalfWidth(deviation, n);
  return { mean, low: half === null ? null : mean - half, high: half === null ? null : mean + half, n };
}
