/** The mean of a Rice distributed magnitude. */

/** From here on the divergent series below is exact to double precision before its terms grow again. */
const LARGE = 40;

/**
 * E|sqrt(K) + g| with g ~ CN(0, 1) [rice1948]: sqrt(pi)/2 L(-K) with the Laguerre function L = L_{1/2}. By Kummer's transformation
 * L(-K) = e^-K sum_m (3/2)_m K^m / (m!)^2, whose terms are all positive; for large K, sqrt(pi)/2 L(-K) ~ sqrt(K) sum_m ((-1/2)_m)^2 /
 * (m! K^m).
 * @param kFactor K >= 0, the power of the line of sight over that of the scattered part
 */
export function riceMean(kFactor: number): number {
  const terms = kFactor < LARGE ? (m: number) => ((m + 1.5) * kFactor) / (m + 1) ** 2 : (m: number) => (m - 0.5) ** 2 / ((m + 1) * kFactor);
  let sum = 0;
  let term = 1;
  for (let m = 0; sum + term !== sum; m++) {
    sum += term;
    term *= terms(m);
  }
  return kFactor < LARGE ? (Math.sqrt(Math.PI) / 2) * Math.exp(-kFactor) * sum : Math.sqrt(kFactor) * sum;
}
