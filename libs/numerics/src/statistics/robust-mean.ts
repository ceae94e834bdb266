/** The mean of the middle, which single collapsed runs do not move, and its interval. */
import { tHalfWidth } from '../student-t.js';
import { requireFinite, requireLevel, type Bounds } from './interval.js';

export interface RobustMean extends Bounds {
  readonly n: number;
  /** Mean of the values that are left. */
  readonly mean: number;
  /** Values left out at either end. */
  readonly trimmed: number;
}

/**
 * The interquartile mean [agarwal2021]: the mean without the floor(n / 4) smallest and largest values, one of each at least from n = 3 on
 * (so that it is the median for n = 3).
 * @returns null without values
 * @throws RangeError on a value that is not finite or a level outside (0, 1)
 */
export function robustMean(values: readonly number[], level = 0.95): RobustMean | null {
  requireLevel(level);
  requireFinite(values);
  const n = values.length;
  if (n === 0) return null;
  const trimmed = n < 3 ? 0 : Math.max(1, Math.floor(n / 4));
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice(trimmed, n - trimmed);
  const mean = middle.reduce((sum, value) => sum + value, 0) / middle.length;
  const [least, most] = [middle[0], middle[middle.length - 1]];
  const winsorised = sorted.map((value) => Math.min(most, Math.max(least, value)));
  const centre = winsorised.reduce((sum, value) => sum + value, 0) / n;
  const squares = winsorised.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const half = tHalfWidth(Math.sqrt(squares / (middle.length - 1)), middle.length, level);
  return { n, mean, trimmed, low: half === null ? null : mean - half, high: half === null ? null : mean + half };
}
