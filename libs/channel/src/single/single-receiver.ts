/** Decoding in single precision: the receiver's vectors, and the decoders on them. */
import type { ComplexSamples, FastFourier } from '@airmeta/numerics';
import { disturbanceOf, estimateByOamp, type OampVectors, type PosteriorParameters, type PosteriorSums } from '../decoders/oamp.js';
import type { DecoderKind, EstimateKind } from '../decoders/decoder.js';
import { IHT_ITERATIONS } from '../decoders/iht.js';
import type { LinkArena } from './link-arena.js';
import type { LinkKernels } from './link-kernels.js';

/** Slots seen once and twice. */
export interface SeenSlots {
  readonly once: number;
  readonly twice: number;
}

/** What was received in a round. */
export interface Received {
  /** Square root of the received power per channel use, which y is then divided by; 1 when nothing was received. */
  readonly amplitude: number;
  readonly signalEnergy: number;
}

/** What a decoder knows. */
export interface Reception {
  readonly slots: SeenSlots;
  /** N0 over the received power per channel use. */
  readonly noiseShare: number;
  /** Share of the signal's power that arrives in quadrature through phase errors, on average. */
  readonly quadratureShare: number;
  /** M. */
  readonly uses: number;
  /** k. */
  readonly entries: number;
  readonly transmitters: number;
  readonly estimate: EstimateKind;
}

/** The receiving half of a round: `listen`, then `receive`, then `decode`, which leaves the estimate in the arena's `estimate`. */
export class SingleReceiver {
  private readonly length: number;

  constructor(
    private readonly d: number,
    private readonly fourier: FastFourier,
    private readonly kernels: LinkKernels,
    private readonly arena: LinkArena,
  ) {
    this.length = fourier.length;
  }

  /** Readies the arena for the rows [M] of a round, with nothing superposed yet. @param turned whether anything will arrive in quadrature */
  listen(rows: Int32Array, turned: boolean): SeenSlots {
    const { looks, superposition, quadrature, re, im } = this.arena;
    const { length } = this.fourier;
    const stray = rows.find((row) => row < 0 || row >= length);
    if (stray !== undefined) throw new RangeError(`row ${stray} is not in 0..${length - 1}`);
    new Int32Array(this.fourier.memory.buffer, this.arena.rows, rows.length).set(rows);
    this.clear(superposition, length);
    if (turned) this.clear(quadrature, length);
    const seen = this.kernels.observe(looks, this.arena.rows, rows.length, re, im, length);
    return { once: Number(seen & 0xffffffffn), twice: Number(seen >> 32n) };
  }

  /**
   * y = gain * (superposition + j quadrature) + noise on every use, folded and brought to unit power.
   * @param noise w [M]
   * @param turned whether anything arrives in quadrature
   */
  receive(noise: ComplexSamples, gain: number, turned: boolean): Received {
    const { y, superposition, quadrature, rows, noiseRe, noiseIm, re, im, sums, looks } = this.arena;
    const { length, memory } = this.fourier;
    const uses = noise.re.length;
    new Float32Array(memory.buffer, noiseRe, uses).set(noise.re);
    new Float32Array(memory.buffer, noiseIm, uses).set(noise.im);
    const whole = turned
      ? this.kernels.addQuadrature(noiseRe, noiseIm, superposition, quadrature, gain, rows, uses, 1 / Math.sqrt(length), re, im, length)
      : null;
    this.kernels.receive(y, superposition, gain, rows, uses, noiseRe, noiseIm, Math.sqrt(length), re, im, length, sums);
    const [signal, total] = new Float64Array(memory.buffer, sums, 2);
    const power = total / length / uses;
    const amplitude = power > 0 ? Math.sqrt(power) : 1;
    this.kernels.fold(y, looks, 1 / amplitude, re, length);
    return { amplitude, signalEnergy: (whole ?? signal) / length };
  }

  /** @returns what the estimate is to be multiplied by */
  decode(decoder: DecoderKind, reception: Reception): number {
    this.clear(this.arena.x, this.length);
    this.clear(this.arena.spectrum, this.length);
    this.clear(this.arena.estimate, this.arena.stride);
    return this[decoder](reception);
  }

  /** See decoders/adjoint.ts. */
  private adjoint({ uses }: Reception): number {
    const { r, estimate } = this.arena;
    this.linearStep(1 / 2, 1);
    this.kernels.addScaled(estimate, r, this.length / uses, this.d);
    this.clearTail(estimate);
    return 1;
  }

  /** See decoders/iht.ts. */
  private iht({ entries, transmitters }: Reception): number {
    const { x, r, estimate, posterior, direction, candidates, bits, shared, histogram, spectrum } = this.arena;
    const kept = Math.min(this.d, transmitters * entries);
    for (let iteration = 0; iteration < IHT_ITERATIONS; iteration++) {
      this.linearStep(1 / 2, 1);
      this.kernels.addScaled(r, x, 1, this.arena.stride);
      this.clear(x, this.d);
      if (!this.kernels.takeTopK(r, this.d, kept, posterior, direction, candidates, bits, shared, histogram)) {
        new Float32Array(this.fourier.memory.buffer, estimate, this.d).fill(NaN);
        return 1;
      }
      this.kernels.scatter(x, posterior, direction, kept);
      this.fourier.forward(x, spectrum);
    }
    this.kernels.addScaled(estimate, x, 1, this.arena.stride);
    return 1;
  }

  private oamp({ slots, noiseShare, quadratureShare, entries, transmitters, estimate }: Reception): number {
    const { d, length, kernels, arena } = this;
    const sums = () => new Float64Array(this.fourier.memory.buffer, arena.sums, 3);
    const vectors: OampVectors = {
      d,
      length,
      slots,
      linearStep: (once, twice) => this.linearStep(once, twice),
      denoise({ slope, offset, shrink }: PosteriorParameters): PosteriorSums {
        kernels.denoise(arena.r, arena.x, arena.posterior, d, slope, offset, shrink, arena.sums);
        const [probability, uncertainty, moment] = sums();
        return { probability, uncertainty, moment };
      },
      keep: () => this.copy(arena.posterior, arena.estimate),
      observedEnergy: () => kernels.sparseEnergy(arena.r, d),
      combine: (a, b) => {
        kernels.combine(arena.x, arena.posterior, arena.r, a, b, arena.stride);
        this.fourier.forward(arena.x, arena.spectrum);
      },
    };
    return estimateByOamp(vectors, disturbanceOf(noiseShare, quadratureShare), 1 - (1 - entries / d) ** transmitters, estimate);
  }

  /** r = F^H [ scale (Y - F x) ]; transforms are unscaled, so the 1/N of a round trip is in the scale. */
  private linearStep(once: number, twice: number): void {
    const { residual, y, spectrum, looks, r } = this.arena;
    this.kernels.weighResidual(residual, y, spectrum, looks, once / this.length, twice / this.length, this.length);
    this.fourier.backward(residual, r);
  }

  private clear(address: number, numbers: number): void {
    new Float32Array(this.fourier.memory.buffer, address, numbers).fill(0);
  }

  private clearTail(address: number): void {
    new Float32Array(this.fourier.memory.buffer, address, this.arena.stride).fill(0, this.d);
  }

  private copy(from: number, to: number): void {
    new Float32Array(this.fourier.memory.buffer).copyWithin(to / 4, from / 4, from / 4 + this.arena.stride);
  }
}
