/** The mean and its Student-t interval. */
import { tHalfWidth } from '../student-t.js';
import { requireFinite, requireLevel, type Bounds } from './interval.js';

export interface MeanInterval extends Bounds {
  readonly n: number;
  readonly mean: number;
}

/**
 * Mean -+ t_{(1+level)/2, n-1} s / sqrt(n).
 *
 * Assumes independent values from a normal law; skewed and bimodal values cost it some coverage, collapsed runs much: see docs/validity.md,
 * and {@link tails} and {@link robustMean} for what to show beside it. It estimates the mean of all runs, collapsed ones included.
 * @returns null without values; no bounds for n = 1, where no spread is known
 * @throws RangeError on a value that is not finite or a level outside (0, 1)
 */
export function meanInterval(values: readonly number[], level = 0.95): MeanInterval | null {
  requireLevel(level);
  requireFinite(values);
  const n = values.length;
  if (n === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const half = tHalfWidth(Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1)), n, level);
  return { n, mean, low: half === null ? null : mean - half, high: half === null ? null : mean + half };
}
