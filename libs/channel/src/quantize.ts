/** Stochastic uniform quantisation [alistarh2017]. */
import type { RandomStream } from '@airmeta/numerics';

/**
 * Rounds every value to one of the two nearest of 2^bits - 1 levels between plus and minus the largest magnitude, the nearer one the more
 * likely, so that the mean is the value itself.
 * @param values [k], finite
 * @param bits of a level, its sign included; at least 2
 * @param rounding consumed by one number a value
 */
export function quantize(values: Float32Array | Float64Array, bits: number, rounding: RandomStream): Float32Array {
  const steps = 2 ** (bits - 1) - 1;
  let scale = 0;
  for (const value of values) scale = Math.max(scale, Math.abs(value));
  return Float32Array.from(values, (value) => {
    const level = Math.floor((Math.abs(value) / scale) * steps + rounding.uniform());
    return scale > 0 ? (Math.sign(value) * level * scale) / steps : 0;
  });
}
