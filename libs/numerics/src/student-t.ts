/** Confidence intervals over replicates. */
import tQuantile from '@stdlib/stats-base-dists-t-quantile';

/**
 * Half-width of the two-sided Student-t confidence interval of a mean, t_{(1+level)/2, n-1} s / sqrt(n).
 * @param standardDeviation sample standard deviation s (divisor n - 1)
 * @param n number of values
 * @param level coverage, 0.95 by default
 * @returns null when n < 2, where no spread is known
 */
export function tHalfWidth(standardDeviation: number, n: number, level = 0.95): number | null {
  if (n < 2) return null;
  return (tQuantile((1 + level) / 2, n - 1) * standardDeviation) / Math.sqrt(n);
}
