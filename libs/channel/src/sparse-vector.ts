/** A vector of length `length` that is zero outside `indices` (strictly increasing). */
export interface SparseVector {
  readonly length: number;
  readonly indices: Int32Array;
  readonly values: Float32Array | Float64Array;
}

/** target += weight * vector. `target` has the vector's length. */
export function addScaled(target: Float64Array, vector: SparseVector, weight: number): void {
  for (let position = 0; position < vector.indices.length; position++) {
    target[vector.indices[position]] += weight * vector.values[position];
  }
}

/** All entries of a dense vector as a sparse one. */
export function denseAsSparse(values: Float32Array | Float64Array): SparseVector {
  return { length: values.length, indices: Int32Array.from(values.keys()), values };
}
