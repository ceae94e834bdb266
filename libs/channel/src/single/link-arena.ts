/** Where the vectors of an uplink lie in the transform's memory. */
import type { FastFourier } from '@airmeta/numerics';

export interface LinkSizes {
  /** d. */
  readonly d: number;
  /** s: agents of a round. */
  readonly agents: number;
  /** k. */
  readonly entries: number;
  /** M; without compression d. */
  readonly uses: number;
}

/** Addresses; vectors of d entries end in zeros up to a multiple of eight or, where they are transformed, up to N. */
export interface LinkArena {
  /** d rounded up to a multiple of eight. */
  readonly stride: number;
  /** Of each agent: z [stride], and the places and values of what it sends [k], the latter with zeros up to a multiple of four. */
  readonly z: readonly number[];
  readonly indices: readonly number[];
  readonly values: readonly number[];
  /** scale * direction before it is added to z [stride]. */
  readonly direction: number;
  readonly candidates: number;
  readonly bits: number;
  readonly shared: number;
  readonly histogram: number;
  /** An agent's values, the largest brought to [1, 2) [k]. */
  readonly scaled: number;
  /** sum_i w_i c_i and sum_i c_i, in units of their own [stride]. */
  readonly target: number;
  readonly mean: number;
  readonly update: number;
  readonly estimate: number;
  readonly rows: number;
  readonly noiseRe: number;
  readonly noiseIm: number;
  /** Slots of the bins [N/2 + 1]. */
  readonly re: number;
  readonly im: number;
  /** [N slots]. */
  readonly looks: number;
  readonly superposition: number;
  /** What arrives in quadrature, through phase errors [N slots]. */
  readonly quadrature: number;
  readonly y: number;
  readonly spectrum: number;
  readonly residual: number;
  /** [N], zeros from d on. */
  readonly signal: number;
  readonly x: number;
  /** [N]. */
  readonly r: number;
  readonly posterior: number;
  /** Five double-precision sums. */
  readonly sums: number;
}

export function layOutLink(fourier: FastFourier, sizes: LinkSizes, histogramBytes: number): LinkArena {
  const { length, layout } = fourier;
  const allocate = (numbers: number) => fourier.allocate(numbers);
  const stride = 8 * Math.ceil(sizes.d / 8);
  const padded = 4 * Math.ceil(sizes.entries / 4);
  const ofAgents = (numbers: number) => Array.from({ length: sizes.agents }, () => allocate(numbers));
  const slots = (numbers: Int32Array): number => {
    const address = allocate(numbers.length);
    new Int32Array(fourier.memory.buffer, address, numbers.length).set(numbers);
    return address;
  };
  return {
    stride,
    z: ofAgents(stride),
    indices: ofAgents(sizes.entries),
    values: ofAgents(padded),
    direction: allocate(stride),
    candidates: allocate(stride),
    bits: allocate(stride),
    shared: allocate(stride),
    histogram: allocate(histogramBytes / 4),
    scaled: allocate(padded),
    target: allocate(stride),
    mean: allocate(stride),
    update: allocate(stride),
    estimate: allocate(stride),
    rows: allocate(sizes.uses),
    noiseRe: allocate(Math.max(sizes.uses, stride)),
    noiseIm: allocate(sizes.uses),
    re: slots(layout.re),
    im: slots(layout.im),
    looks: allocate(length),
    superposition: allocate(length),
    quadrature: allocate(length),
    y: allocate(length),
    spectrum: allocate(length),
    residual: allocate(length),
    signal: allocate(length),
    x: allocate(length),
    r: allocate(length),
    posterior: allocate(stride),
    sums: allocate(10),
  };
}
