/** Sparsification with error feedback (memory): the k largest entries, or k others that were chosen beforehand [stich2018]. */
import type { SparseVector } from './sparse-vector.js';

/** The k-th largest value of `values` (1 <= k <= length), which is reordered: Hoare's selection, O(n) on average. */
function selectKthLargest(values: Float32Array, k: number): number {
  const wanted = k - 1;
  let left = 0;
  let right = values.length - 1;
  while (left < right) {
    const middle = (left + right) >>> 1;
    const a = values[left];
    const b = values[middle];
    const c = values[right];
    const pivot = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    let low = left;
    let high = right;
    while (low <= high) {
      while (values[low] > pivot) low++;
      while (values[high] < pivot) high--;
      if (low <= high) {
        const swapped = values[low];
        values[low++] = values[high];
        values[high--] = swapped;
      }
    }
    if (wanted <= high) right = high;
    else if (wanted >= low) left = low;
    else return values[wanted];
  }
  return values[wanted];
}

/**
 * Indices of the k entries of largest magnitude, increasing; among equal magnitudes the lowest index wins.
 * @param z [d], finite
 * @param k 1..d
 * @param magnitudes scratch [d], overwritten
 */
export function topK(z: Float32Array, k: number, magnitudes: Float32Array = new Float32Array(z.length)): Int32Array {
  const d = z.length;
  if (k < 1 || k > d) throw new RangeError(`topK: k must be in 1..${d}, got ${k}`);
  const indices = new Int32Array(k);
  if (k === d) {
    for (let index = 0; index < d; index++) indices[index] = index;
    return indices;
  }
  for (let index = 0; index < d; index++) magnitudes[index] = Math.abs(z[index]);
  const threshold = selectKthLargest(magnitudes, k);
  let above = 0;
  for (let index = 0; index < d; index++) if (Math.abs(z[index]) > threshold) above++;
  let ties = k - above;
  let taken = 0;
  // Bounded by d as well: NaN is above no threshold.
  for (let index = 0; taken < k && index < d; index++) {
    const magnitude = Math.abs(z[index]);
    if (magnitude > threshold || (magnitude === threshold && ties-- > 0)) indices[taken++] = index;
  }
  return indices;
}

/** What an agent would send, and what it would then keep back. */
export interface Sparsified {
  /** c_i: z on the k coordinates that are sent. */
  readonly contribution: SparseVector;
  /** z - c_i [d]. */
  readonly residual: Float32Array;
}

/**
 * z = memory + delta, split into its k largest magnitudes and the rest, or into z at given places and the rest. Nothing is scaled by d/k:
 * with memory, what was not sent now is sent later.
 * @param memory [d] or absent for zeros
 * @param selected k, or the places [k], increasing
 */
export function sparsify(delta: Float32Array, memory: Float32Array | undefined, selected: number | Int32Array): Sparsified {
  const d = delta.length;
  const residual = delta.slice();
  if (memory) for (let index = 0; index < d; index++) residual[index] += memory[index];
  const indices = typeof selected === 'number' ? topK(residual, selected) : selected;
  const k = indices.length;
  const values = new Float32Array(k);
  for (let position = 0; position < k; position++) {
    values[position] = residual[indices[position]];
    residual[indices[position]] = 0;
  }
  return { contribution: { length: d, indices, values }, residual };
}
