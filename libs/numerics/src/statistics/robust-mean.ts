/** The mean of the middle, which single collapsed runs do not move, and its interval. */
import { tHalfWidth } from '../student-t.js';
import { requireFinite, requireLevel, type Bounds } from './interval.js';
import { meanInterval } from './mean-interval.js';

export interface RobustMean extends Bounds {
  readonly n: number;
  /** Mean of the values that are left. */
  readonly mean: number;
  /** Values left out at either end. */
  readonly trimmed: number;
}

/** From so many values on, the spread of the middle tells enough for an interval of its own. */
const ENOUGH = 6;

/**
 * The interquartile mean [agarwal2021]: the mean without the floor(n / 4) smallest and largest values, one of each at least from n = 3 on
 * (so that it is the median for n = 3). It estimates the mean of the middle half of all runs, which is not their mean when the law is skewed
 * or some runs collapse.
 *
 * The interval is the trimmed mean's [tukey1963] from n = 6 on: mean -+ t_{(1+level)/2, h-1} sqrt(W / (h (h - 1))), of which h values are left
 * and W is the sum of squares after the values left out have been moved to the nearest one that is left. Below, it is Student's of all values: of
 * those tried, only that one held its level for the middle, and it is wide when a run has collapsed.
 * @returns null without values; no bounds for n = 1
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
  const { low, high } = n < ENOUGH ? studentBounds(values, level) : trimmedBounds(sorted, middle, mean, level);
  return { n, mean, trimmed, low, high };
}

function studentBounds(values: readonly number[], level: number): Bounds {
  return meanInterval(values, level) ?? { low: null, high: null };
}

function trimmedBounds(sorted: readonly number[], middle: readonly number[], mean: number, level: number): Bounds {
  const [least, most] = [middle[0], middle[middle.length - 1]];
  const moved = sorted.map((value) => Math.min(most, Math.max(least, value)));
  const centre = moved.reduce((sum, value) => sum + value, 0) / moved.length;
  const squares = moved.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const half = tHalfWidth(Math.sqrt(squares / (middle.length - 1)), middle.length, level);
  return half === null ? { low: null, high: null } : { low: mean - half, high: mean + half };
}
