/** What is told of a distribution of numbers. */

export interface Distribution {
  readonly mean: number;
  /** Standard deviation with n - 1 in the denominator; NaN of one number. */
  readonly deviation: number;
  /** Quantiles in the order they were asked for. */
  readonly quantiles: readonly number[];
}

/**
 * Quantiles interpolate linearly between order statistics: that of probability p stands at position p (n - 1) of the sorted numbers.
 * Numbers that are not finite make what depends on them not finite.
 * @param values at least one
 */
export function distributionOf(values: Float64Array, probabilities: readonly number[]): Distribution {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  const sorted = values.toSorted();
  const quantiles = probabilities.map((probability) => {
    const position = probability * (n - 1);
    const below = Math.floor(position);
    const share = position - below;
    return share === 0 ? sorted[below] : sorted[below] * (1 - share) + sorted[below + 1] * share;
  });
  return { mean, deviation, quantiles };
}
