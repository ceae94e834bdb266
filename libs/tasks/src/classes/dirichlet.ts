import type { RandomStream } from '@airmeta/numerics';

/**
 * Logarithm of a Gamma(shape, 1) variate, by the method of Marsaglia and Tsang [marsaglia2000]; shapes below 1 by
 * G(shape) = G(shape + 1) U^(1/shape), in logarithms, so that the tiniest variates are still told apart.
 * @param shape above 0
 */
export function logGamma(stream: RandomStream, shape: number): number {
  if (shape < 1) return logGamma(stream, shape + 1) + Math.log(1 - stream.uniform()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = stream.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - stream.uniform()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}

/**
 * Logarithms of symmetric Dirichlet probabilities, up to a common constant: independent Gamma(concentration) variates
 * divided by their sum are Dirichlet.
 * @param concentration beta: small, and few classes get nearly all; large, and all get nearly the same
 * @returns [count]
 */
export function logDirichlet(stream: RandomStream, concentration: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, () => logGamma(stream, concentration));
}
