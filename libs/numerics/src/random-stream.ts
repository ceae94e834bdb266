/**
 * Named, counter-based random streams.
 *
 * Every draw of a simulation belongs to one named stream and one (round, agent, step) address inside it. A draw is
 * a pure function of (seed, stream, round, agent, step, position), so it does not depend on thread count, on the
 * order in which agents are visited, or on where an interrupted run was resumed; and changing how much one stream is
 * used leaves every other stream untouched (common random numbers).
 *
 * Generator: Philox4x32-10 [salmon2011]. The 64-bit key is derived from (seed, stream), the 128-bit counter holds
 * (position, round, agent, step).
 */
import { blocksOfNormals, bulkNormals, bulkSample, type StreamPlace } from './stream-kernels.js';

/** The streams of a simulation; the order is part of the definition: append only. */
export const STREAM_NAMES = [
  'data',
  'tasks',
  'initial-weights',
  'active-set',
  'batches',
  'fading',
  'noise',
  'compression-rows',
  'evaluation',
  'replicate-seeds',
  'probe',
  'sparsifier',
  'shadowing',
  'line-of-sight',
  'phase-errors',
  'quantization',
] as const;

export type StreamName = (typeof STREAM_NAMES)[number];

/** Where inside a stream a draw sits; every part is an integer in [0, 2^32) and 0 when left out. */
export interface StreamAddress {
  readonly round?: number;
  readonly agent?: number;
  readonly step?: number;
}

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0;
}

/**
 * One Philox4x32-10 block.
 * @param counter four 32-bit words
 * @param key two 32-bit words
 * @param out receives four 32-bit words
 */
export function philox4x32(counter: readonly [number, number, number, number], key: readonly [number, number], out: Uint32Array): void {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** A sequence of random numbers at one address of one stream. Create with {@link randomStream}. */
export class RandomStream {
  private readonly block = new Uint32Array(4);
  /** Words used so far. */
  private position = 0;
  /** The block whose words are in `block`. */
  private blockIndex = -1;
  private spareNormal: number | undefined;

  constructor(private readonly place: StreamPlace) {}

  /** Uniform integer in [0, 2^32). */
  uint32(): number {
    const index = Math.floor(this.position / 4);
    if (index !== this.blockIndex) {
      const { key, round, agent, step } = this.place;
      philox4x32([index, round, agent, step], key, this.block);
      this.blockIndex = index;
    }
    return this.block[this.position++ % 4];
  }

  /** Uniform double in [0, 1) with 53 random bits. */
  uniform(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** Uniform double in [low, high). */
  uniformIn(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Uniform integer in [0, bound), without modulo bias. @throws RangeError unless 1 <= bound <= 2^32 */
  integer(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 4294967296) {
      throw new RangeError(`integer(bound): bound must be an integer in 1..2^32, got ${bound}`);
    }
    const limit = 4294967296 - (4294967296 % bound);
    for (;;) {
      const word = this.uint32();
      if (word < limit) return word % bound;
    }
  }

  /** Standard normal N(0, 1), by the Box-Muller transform [box1958]. */
  normal(): number {
    if (this.spareNormal !== undefined) {
      const spare = this.spareNormal;
      this.spareNormal = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /**
   * `count` distinct integers of [0, population), uniform over subsets and over orders (partial Fisher-Yates).
   * @throws RangeError when count > population
   */
  sample(population: number, count: number): Int32Array {
    if (count > population) {
      throw new RangeError(`sample(population, count): cannot take ${count} of ${population}`);
    }
    const { items, end } = bulkSample(this.place, this.position, population, count);
    this.position = end;
    return items;
  }

  /**
   * `count` normal numbers of single precision at once, of mean 0: their radii come from 32 random bits each, so none exceeds 6.8
   * deviations. They start at the stream's next unused block and are others than {@link normal} would give.
   * @param into receives them if it has the length
   */
  normals(count: number, deviation = 1, into?: Float32Array): Float32Array {
    const block = Math.ceil(this.position / 4);
    this.position = 4 * (block + blocksOfNormals(count));
    return bulkNormals(this.place, block, count, deviation, into);
  }

  /** A uniformly random order of 0..count-1. */
  permutation(count: number): Int32Array {
    return this.sample(count, count);
  }
}

function requireAddressPart(part: string, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw new RangeError(`stream address: ${part} must be an integer in 0..2^32-1, got ${value}`);
  }
}

/**
 * Opens the stream `name` of a run at one address.
 * @param seed the run's seed, an integer in [0, 2^53)
 * @throws RangeError on a seed or address part out of range
 */
export function randomStream(seed: number, name: StreamName, address: StreamAddress = {}): RandomStream {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`seed must be an integer in 0..2^53-1, got ${seed}`);
  }
  const { round = 0, agent = 0, step = 0 } = address;
  requireAddressPart('round', round);
  requireAddressPart('agent', agent);
  requireAddressPart('step', step);
  return new RandomStream({ key: streamKey(seed, name), round, agent, step });
}

/** Keys of the seed used last, which is asked for again and again. */
const keys: { seed: number; readonly byName: Map<StreamName, readonly [number, number]> } = { seed: -1, byName: new Map() };

function streamKey(seed: number, name: StreamName): readonly [number, number] {
  if (keys.seed !== seed) {
    keys.seed = seed;
    keys.byName.clear();
  }
  let key = keys.byName.get(name);
  if (!key) {
    const mixed = new Uint32Array(4);
    philox4x32(
      [seed >>> 0, Math.floor(seed / 4294967296), STREAM_NAMES.indexOf(name), 0],
      [0x61697265, 0x6d657461], // ASCII "aire", "meta"
      mixed,
    );
    key = [mixed[0], mixed[1]];
    keys.byName.set(name, key);
  }
  return key;
}
