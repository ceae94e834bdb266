/** Means over replicates with their intervals. */
import { distributionOf, tHalfWidth } from '@airmeta/numerics';
import type { Estimate } from '@airmeta/spec';

/** The level of intervals unless another is named. */
export const LEVEL = 0.95;

/**
 * Mean with its two-sided Student-t interval.
 * @param standardDeviation sample standard deviation; null when n < 2
 */
export function estimateFrom(mean: number, standardDeviation: number | null, n: number, level = LEVEL): Estimate {
  const half = standardDeviation === null ? null : tHalfWidth(standardDeviation, n, level);
  return { mean, low: half === null ? null : mean - half, high: half === null ? null : mean + half, n };
}

/** The same of finite values; null when there are none. */
export function estimateOf(values: readonly number[], level = LEVEL): Estimate | null {
  if (values.length === 0) return null;
  const { mean, deviation } = distributionOf(Float64Array.from(values), []);
  return estimateFrom(mean, values.length < 2 ? null : deviation, values.length, level);
}
