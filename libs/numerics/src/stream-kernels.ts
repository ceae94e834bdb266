/** Random numbers in bulk, by kernels (assembly/*.ts) that make the same words as the streams they continue. */
import { streamsKernels } from './generated/streams.wasm.js';
import { compileKernels, instantiateKernels, type LinearMemory } from './web-assembly.js';

const PAGE_BYTES = 2 ** 16;
const ALIGNMENT = 64;
const SAMPLE_SCRATCH_BYTES = 64;

/** Key and address of a stream. */
export interface StreamPlace {
  readonly key: readonly [number, number];
  readonly round: number;
  readonly agent: number;
  readonly step: number;
}

/** What assembly/index.ts exports. */
interface StreamKernels {
  readonly memory: LinearMemory;
  readonly heapBase: { readonly value: number };
  normals(
    target: number,
    count: number,
    deviation: number,
    k0: number,
    k1: number,
    round: number,
    agent: number,
    step: number,
    block: number,
  ): void;
  sample(
    items: number,
    scratch: number,
    population: number,
    count: number,
    k0: number,
    k1: number,
    round: number,
    agent: number,
    step: number,
    start: number,
  ): number;
}

let instance: StreamKernels | undefined;

function kernels(): StreamKernels {
  if (!instance) {
    const module = compileKernels(streamsKernels);
    if (!module) throw new Error('airmeta needs WebAssembly with SIMD, which this JavaScript engine lacks');
    instance = instantiateKernels<StreamKernels>(module);
  }
  return instance;
}

/** The kernels, and the aligned address of `bytes` bytes they may use. */
function reserve(bytes: number): { opened: StreamKernels; address: number } {
  const opened = kernels();
  const address = ALIGNMENT * Math.ceil(opened.heapBase.value / ALIGNMENT);
  const missing = address + bytes - opened.memory.buffer.byteLength;
  if (missing > 0) opened.memory.grow(Math.ceil(missing / PAGE_BYTES));
  return { opened, address };
}

/** Numbers made at a time: four Philox blocks give sixteen. */
const NORMALS_AT_ONCE = 16;

/**
 * Normal numbers of single precision, mean 0 and the given deviation, from the stream's blocks `block`, `block + 1`, ...
 * @returns [count], `into` if it has the length
 */
export function bulkNormals(
  { key, round, agent, step }: StreamPlace,
  block: number,
  count: number,
  deviation: number,
  into?: Float32Array,
): Float32Array {
  const made = NORMALS_AT_ONCE * Math.ceil(count / NORMALS_AT_ONCE);
  const { opened, address: target } = reserve(made * Float32Array.BYTES_PER_ELEMENT);
  opened.normals(target, made, deviation, key[0], key[1], round, agent, step, block);
  const numbers = into?.length === count ? into : new Float32Array(count);
  numbers.set(new Float32Array(opened.memory.buffer, target, count));
  return numbers;
}

/** Blocks that `bulkNormals` uses up. */
export function blocksOfNormals(count: number): number {
  return 4 * Math.ceil(count / NORMALS_AT_ONCE);
}

/**
 * `count` distinct integers of [0, population), as RandomStream.sample takes them.
 * @param start position of the stream's next word
 * @returns the sample, and the position after the last word used
 */
export function bulkSample(place: StreamPlace, start: number, population: number, count: number): { items: Int32Array; end: number } {
  const { key, round, agent, step } = place;
  const { opened, address: scratch } = reserve(SAMPLE_SCRATCH_BYTES + (population + 4) * Int32Array.BYTES_PER_ELEMENT);
  const items = scratch + SAMPLE_SCRATCH_BYTES;
  const end = opened.sample(items, scratch, population, count, key[0], key[1], round, agent, step, start) >>> 0;
  return { items: new Int32Array(opened.memory.buffer, items, count).slice(), end };
}
