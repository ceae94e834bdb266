import { squaredDistance, squaredNorm, type RealVector } from '@airmeta/numerics';

/** Mean and spread of vectors that come one after the other, without keeping them (Welford's recurrence). */
export class VectorSpread {
  readonly mean: Float64Array;
  private squares = 0;
  private count = 0;

  /** @param d length of the vectors */
  constructor(d: number) {
    this.mean = new Float64Array(d);
  }

  add(vector: RealVector): void {
    this.count++;
    let sum = 0;
    for (let index = 0; index < vector.length; index++) {
      const off = vector[index] - this.mean[index];
      this.mean[index] += off / this.count;
      sum += off * (vector[index] - this.mean[index]);
    }
    this.squares += sum;
  }

  /** Unbiased E||v - E v||^2, with count - 1 in the denominator. */
  get variance(): number {
    return this.squares / (this.count - 1);
  }

  /** (1/count) sum ||v - mean||^2: the spread of these very vectors. */
  get spread(): number {
    return this.squares / this.count;
  }
}

/** Vectors [count][d] that lie one behind the other, each by itself. */
export function rowsOf(vectors: Float32Array, d: number): Float32Array[] {
  return Array.from({ length: vectors.length / d }, (_, row) => vectors.subarray(row * d, (row + 1) * d));
}

export const norm = (vector: RealVector): number => Math.sqrt(squaredNorm(vector));

export const distance = (a: RealVector, b: RealVector): number => Math.sqrt(squaredDistance(a, b));
