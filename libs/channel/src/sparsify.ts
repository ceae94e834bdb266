/** Top-k sparsification with error feedback (memory) [stich2018]. */
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
  for (let index = 0; taken < k; index++) {
    const magnitude = Math.abs(z[index]);
    if (magnitude > threshold || (magnitude === threshold && ties-- > 0)) indices[taken++] = index;
  }
  return indices;
}

/**
 * What agents kept back: m_i in R^d, zero until an agent first keeps something; only agents that were active take space.
 */
export class SparsificationMemory {
  private readonly memories = new Map<number, Float32Array>();
  private readonly magnitudes: Float32Array;

  /**
   * @param d parameters
   * @param k entries each agent sends, 1..d
   * @param enabled error feedback; without it what is not sent is lost
   */
  constructor(
    private readonly d: number,
    private readonly k: number,
    private readonly enabled: boolean,
  ) {
    this.magnitudes = new Float32Array(d);
  }

  /**
   * z = m_i + Delta_i; returns c_i, z on its k largest magnitudes, and keeps m_i <- z - c_i.
   * @param delta [d]
   */
  sparsify(agent: number, delta: Float32Array): SparseVector {
    const stored = this.memories.get(agent);
    const z = Float32Array.from(delta);
    if (stored) for (let index = 0; index < this.d; index++) z[index] += stored[index];
    const indices = topK(z, this.k, this.magnitudes);
    const values = new Float32Array(this.k);
    for (let position = 0; position < this.k; position++) values[position] = z[indices[position]];
    if (this.enabled && this.k < this.d) {
      for (let position = 0; position < this.k; position++) z[indices[position]] = 0;
      this.memories.set(agent, z);
    }
    return { length: this.d, indices, values };
  }

  /** m_i [d], zeros when the agent kept nothing. */
  memoryOf(agent: number): Float32Array {
    return this.memories.get(agent) ?? new Float32Array(this.d);
  }

  /** Replaces m_i, as when an agent that could not transmit takes its turn back, or on resume. */
  restore(agent: number, memory: Float32Array): void {
    this.memories.set(agent, Float32Array.from(memory));
  }

  /** sqrt(mean over `agents` agents of ||m_i||^2). */
  rootMeanSquareNorm(agents: number): number {
    let sum = 0;
    for (const memory of this.memories.values()) {
      for (let index = 0; index < memory.length; index++) sum += memory[index] * memory[index];
    }
    return Math.sqrt(sum / agents);
  }
}
