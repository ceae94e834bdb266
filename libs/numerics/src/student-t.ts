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
  return (quantileOf((1 + level) / 2, n - 1) * standardDeviation) / Math.sqrt(n);
}

/** Quantiles found so far: they take a search each, and an answer asks for the same few again and again. */
const found = new Map<string, number>();
const MOST_FOUND = 10_000;

function quantileOf(probability: number, degrees: number): number {
  const key = `${probability} ${degrees}`;
  let quantile = found.get(key);
  if (quantile === undefined) {
    if (found.size >= MOST_FOUND) found.clear();
    quantile = tQuantile(probability, degrees);
    found.set(key, quantile);
  }
  return quantile;
}
