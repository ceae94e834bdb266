/**
 * Transforms of a fast length by PFFFT, compiled to WebAssembly with SIMD, in single precision. They work in a linear memory that
 * other kernels may share, so that signals need not be copied, and leave spectra in PFFFT's own order, which is the fastest: as long as
 * what is done to a spectrum is done slot by slot, the order does not matter.
 */
import createPffft, { type Pffft } from '@echogarden/pffft-wasm/simd';
import { pffftKernels } from '../generated/pffft.wasm.js';
import { compileKernels, instantiateKernels, isLinearMemory, type CompiledKernels, type LinearMemory } from '../web-assembly.js';

const PFFFT_REAL = 0;
const PFFFT_FORWARD = 0;
const PFFFT_BACKWARD = 1;
const SMALLEST = 32;
const CACHE_LINE = 64;

/** Smallest 32 * 2^a 3^b 5^c >= n: the lengths PFFFT's SIMD real transform takes. */
export function fastLength(n: number): number {
  if (!Number.isInteger(n) || n < 1) throw new RangeError(`fastLength: the length must be an integer >= 1, got ${n}`);
  for (let candidate = SMALLEST * Math.ceil(n / SMALLEST); ; candidate += SMALLEST) {
    let rest = candidate / SMALLEST;
    for (const prime of [2, 3, 5]) while (rest % prime === 0) rest /= prime;
    if (rest === 1) return candidate;
  }
}

/** Where PFFFT keeps the real and the imaginary part of each bin 0..N/2; -1 for the imaginary parts of bins 0 and N/2, which are none. */
export interface SpectrumLayout {
  readonly re: Int32Array;
  readonly im: Int32Array;
}

/** Transforms of one length N in a linear memory of their own. Addresses are byte offsets. */
export interface FastFourier {
  /** N. */
  readonly length: number;
  readonly memory: LinearMemory;
  readonly layout: SpectrumLayout;
  /** Room for so many 4-byte numbers, on cache lines of its own, zero at first. The memory's buffer may be another one afterwards. */
  allocate(numbers: number): number;
  /** signal [N] -> spectrum [N slots], unscaled: X[f] = sum_p x[p] exp(-2 pi i f p / N). The two may not overlap. */
  forward(signal: number, spectrum: number): void;
  /** spectrum [N slots] -> signal [N], unscaled: backward(forward(x)) = N x. */
  backward(spectrum: number, signal: number): void;
  /** Gives the memory back, to be another's; it is not to be touched afterwards. One that is not closed is collected. */
  close(): void;
}

/** PFFFT with a memory of its own. */
interface Instance {
  readonly pffft: Pffft;
  readonly memory: LinearMemory;
}

let compiled: CompiledKernels | undefined;

/**
 * The instance that was closed last. A new one has 16 MiB, which take longer to make, and to collect, than a short simulation computes; one
 * that has grown beyond `MOST_IDLE_BYTES` is let go, as memories never shrink.
 */
let idle: Instance | undefined;
const MOST_IDLE_BYTES = 64 * 2 ** 20;

async function openInstance(): Promise<Instance> {
  const waiting = idle;
  if (waiting) {
    idle = undefined;
    return waiting;
  }
  compiled ??= compileKernels(pffftKernels);
  const module = compiled;
  if (!module) throw new Error('airmeta needs WebAssembly with SIMD, which this JavaScript engine lacks');
  let memory: LinearMemory | undefined;
  const pffft = await createPffft({
    instantiateWasm(imports, receive) {
      const exports = instantiateKernels(module, imports);
      memory = Object.values(exports).find(isLinearMemory);
      receive({ exports });
      return exports;
    },
  });
  if (!memory) throw new Error('createFastFourier: PFFFT has no memory to share');
  return { pffft, memory };
}

/** @param length a {@link fastLength} */
export async function createFastFourier(length: number): Promise<FastFourier> {
  if (length !== fastLength(length)) throw new RangeError(`createFastFourier: ${length} is not of the form 32 * 2^a 3^b 5^c`);
  const instance = await openInstance();
  const { pffft, memory } = instance;
  const blocks: number[] = [];
  const allocate = (numbers: number): number => {
    const bytes = numbers * Float32Array.BYTES_PER_ELEMENT;
    const block = pffft._malloc(bytes + 2 * CACHE_LINE);
    if (block === 0) throw new RangeError(`createFastFourier: no memory for ${numbers} numbers`);
    blocks.push(block);
    const address = CACHE_LINE * Math.ceil(block / CACHE_LINE);
    new Uint8Array(memory.buffer, address, bytes).fill(0);
    return address;
  };
  const setup = pffft._pffft_new_setup(length, PFFFT_REAL);
  const work = allocate(length);
  let isOpen = true;
  return {
    length,
    memory,
    layout: readLayout(),
    allocate,
    forward: (signal, spectrum) => pffft._pffft_transform(setup, signal, spectrum, work, PFFFT_FORWARD),
    backward: (spectrum, signal) => pffft._pffft_transform(setup, spectrum, signal, work, PFFFT_BACKWARD),
    close() {
      if (!isOpen) return;
      isOpen = false;
      pffft._pffft_destroy_setup(setup);
      for (const block of blocks) pffft._free(block);
      if (memory.buffer.byteLength <= MOST_IDLE_BYTES) idle = instance;
    },
  };

  /** Has PFFFT bring the numbers of its slots into canonical order: re 0, re N/2, re 1, im 1, re 2, im 2, ... */
  function readLayout(): SpectrumLayout {
    const [slots, canonical] = [allocate(length), allocate(length)];
    const { buffer } = memory;
    // The reordering moves bits as they are, so the slots may hold their own numbers.
    new Int32Array(buffer, slots, length).forEach((_, slot, all) => (all[slot] = slot));
    pffft._pffft_zreorder(setup, slots, canonical, PFFFT_FORWARD);
    const order = new Int32Array(buffer, canonical, length);
    const bins = length / 2 + 1;
    const [re, im] = [new Int32Array(bins), new Int32Array(bins).fill(-1)];
    [re[0], re[bins - 1]] = order;
    for (let bin = 1; bin < bins - 1; bin++) [re[bin], im[bin]] = order.subarray(2 * bin, 2 * bin + 2);
    return { re, im };
  }
}
