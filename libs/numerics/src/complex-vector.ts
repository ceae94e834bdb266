/** A complex vector as two real arrays of one length (structure of arrays: no boxing, friendly to FFTs). */
export interface ComplexVector {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Complex numbers to be read, in either precision. */
export interface ComplexSamples {
  readonly re: Float64Array | Float32Array;
  readonly im: Float64Array | Float32Array;
}

/** A complex vector of `length` zeros. */
export function complexZeros(length: number): ComplexVector {
  return { re: new Float64Array(length), im: new Float64Array(length) };
}

/** Sum over entries of |z|^2. */
export function complexEnergy(z: ComplexSamples): number {
  let energy = 0;
  for (let index = 0; index < z.re.length; index++) {
    energy += z.re[index] * z.re[index] + z.im[index] * z.im[index];
  }
  return energy;
}
