/** Plain operations on real vectors. Sums run in double precision in index order, so results do not depend on the caller. */

export type RealVector = Float32Array | Float64Array;

/** Sum of squares. */
export function squaredNorm(x: RealVector): number {
  let sum = 0;
  for (let index = 0; index < x.length; index++) sum += x[index] * x[index];
  return sum;
}

/** ||a - b||^2. @throws RangeError when lengths differ */
export function squaredDistance(a: RealVector, b: RealVector): number {
  if (a.length !== b.length) throw new RangeError(`squaredDistance: lengths ${a.length} and ${b.length} differ`);
  let sum = 0;
  for (let index = 0; index < a.length; index++) {
    const difference = a[index] - b[index];
    sum += difference * difference;
  }
  return sum;
}

/** Whether every entry is a finite number. */
export function allFinite(x: RealVector): boolean {
  for (let index = 0; index < x.length; index++) {
    if (!Number.isFinite(x[index])) return false;
  }
  return true;
}

/** Arithmetic mean; NaN for no values. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index];
  return sum / values.length;
}
