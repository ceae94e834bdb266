/** Means over replicates with their intervals. */
import { meanInterval, robustMean, tails, tHalfWidth, withinRange, type MeanInterval, type PossibleRange } from '@airmeta/numerics';
import type { Estimate } from '@airmeta/spec';

/** The level of intervals unless another is named. */
export const LEVEL = 0.95;

/** Of a quantity that may be any number. */
const UNLIMITED: PossibleRange = { least: -Infinity, most: Infinity };

/**
 * Mean with its two-sided Student-t interval, cut to what is possible.
 * @param standardDeviation sample standard deviation; null when n < 2
 */
export function meanFrom(
  mean: number,
  standardDeviation: number | null,
  n: number,
  range: PossibleRange = UNLIMITED,
  level = LEVEL,
): MeanInterval {
  const half = standardDeviation === null ? null : tHalfWidth(standardDeviation, n, level);
  return withinRange({ mean, low: half === null ? null : mean - half, high: half === null ? null : mean + half, n }, range);
}

/**
 * The mean of finite values with its interval, what lies far from it, and, where something does, what does not heed that; null when there are
 * no values.
 */
export function estimateOf(values: readonly number[], level = LEVEL, { least, most }: PossibleRange = UNLIMITED): Estimate | null {
  const interval = meanInterval(values, level);
  if (interval === null) return null;
  const cut = (end: number | null) => (end === null ? null : Math.min(most, Math.max(least, end)));
  const { mean, low, high, n } = interval;
  const { outliers, heavyTailed } = tails(values);
  const robust = heavyTailed ? robustMean(values, level) : null;
  return {
    mean,
    low: cut(low),
    high: cut(high),
    n,
    outliers,
    heavyTails: heavyTailed,
    robust: robust && { value: robust.mean, low: cut(robust.low), high: cut(robust.high) },
  };
}
