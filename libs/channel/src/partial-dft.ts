/**
 * Compression by rows of a unitary DFT: A in C^(M x d), A[j, p] = exp(-2 pi i rows[j] p / N) / sqrt(N), with N = d for an
 * exact transform, where A A^H = I, and N > d for a zero-padded one, whose rows keep norm sqrt(d/N). All vectors to be compressed are real, so everything runs
 * on the half spectrum: bins f and N - f are two looks at the same coefficient.
 */
import { complexZeros, halfSpectrumSize, type ComplexSamples, type ComplexVector, type RealFourier } from '@airmeta/numerics';

export class PartialDft {
  /** M. */
  readonly uses: number;
  /** N. */
  readonly length: number;
  /** Looks per half-spectrum bin: 0 unobserved, 1, 2; a self-conjugate bin's one look counts 2 (its noise is real). */
  readonly looks: Float64Array;
  /** Full-spectrum bins each half-spectrum bin stands for: 1 when self-conjugate, else 2. */
  readonly multiplicity: Float64Array;
  /** Observed half-spectrum bins, increasing. */
  readonly observed: Int32Array;

  private readonly bin: Int32Array;
  private readonly mirrored: Uint8Array;
  private readonly re: Float64Array;
  private readonly im: Float64Array;

  /**
   * @param rows M distinct bins of 0..N-1
   * @param d length of the vectors to compress, d <= N
   * @param fourier transform of length N
   */
  constructor(
    rows: Int32Array,
    readonly d: number,
    private readonly fourier: RealFourier,
  ) {
    const length = fourier.length;
    const bins = halfSpectrumSize(length);
    this.uses = rows.length;
    this.length = length;
    this.looks = new Float64Array(bins);
    this.multiplicity = new Float64Array(bins).fill(2);
    this.multiplicity[0] = 1;
    if (length % 2 === 0) this.multiplicity[bins - 1] = 1;
    this.bin = new Int32Array(rows.length);
    this.mirrored = new Uint8Array(rows.length);
    for (let use = 0; use < rows.length; use++) {
      const row = rows[use];
      if (row < 0 || row >= length) throw new RangeError(`PartialDft: row ${row} is not in 0..${length - 1}`);
      const mirrored = row >= bins;
      const bin = mirrored ? length - row : row;
      this.mirrored[use] = mirrored ? 1 : 0;
      this.bin[use] = bin;
      this.looks[bin] += this.multiplicity[bin] === 1 ? 2 : 1;
    }
    const observed: number[] = [];
    this.looks.forEach((looks, bin) => {
      if (looks > 0) observed.push(bin);
    });
    this.observed = Int32Array.from(observed);
    this.re = new Float64Array(bins);
    this.im = new Float64Array(bins);
  }

  /** A x. @param x [d] real @returns [M] */
  apply(x: Float64Array): ComplexVector {
    const compressed = complexZeros(this.uses);
    this.spectrum(x, this.re, this.im);
    for (let use = 0; use < this.uses; use++) {
      const bin = this.bin[use];
      compressed.re[use] = this.re[bin];
      compressed.im[use] = this.mirrored[use] ? -this.im[bin] : this.im[bin];
    }
    return compressed;
  }

  /** ||A x||^2 without leaving the half spectrum. @param x [d] real */
  energy(x: Float64Array): number {
    this.spectrum(x, this.re, this.im);
    let energy = 0;
    for (const bin of this.observed) {
      const rows = this.looks[bin] / (this.multiplicity[bin] === 1 ? 2 : 1);
      energy += rows * (this.re[bin] * this.re[bin] + this.im[bin] * this.im[bin]);
    }
    return energy;
  }

  /** Re(A^H y). @param y [M] @param x [d] receives the result */
  adjoint(y: ComplexSamples, x: Float64Array): void {
    this.fold(y, this.re, this.im);
    for (let bin = 0; bin < this.looks.length; bin++) {
      this.re[bin] *= this.looks[bin] / 2;
      this.im[bin] *= this.looks[bin] / 2;
    }
    this.signal(this.re, this.im, x);
  }

  /**
   * Mean of all looks at each half-spectrum bin (real part where self-conjugate), 0 where unobserved.
   * With noise CN(0, N0) per use, a folded bin's noise has total variance N0 / looks (for a self-conjugate bin, all of it real).
   */
  fold(y: ComplexSamples, re: Float64Array, im: Float64Array): void {
    re.fill(0);
    im.fill(0);
    for (let use = 0; use < this.uses; use++) {
      const bin = this.bin[use];
      re[bin] += y.re[use];
      im[bin] += this.mirrored[use] ? -y.im[use] : y.im[use];
    }
    for (const bin of this.observed) {
      if (this.multiplicity[bin] === 1) {
        im[bin] = 0;
      } else {
        re[bin] /= this.looks[bin];
        im[bin] /= this.looks[bin];
      }
    }
  }

  /** Unitary half spectrum of x. @param x [d] @param re @param im [floor(N/2) + 1] receive it */
  spectrum(x: Float64Array, re: Float64Array, im: Float64Array): void {
    this.fourier.forward(x, re, im);
    const scale = 1 / Math.sqrt(this.length);
    for (let bin = 0; bin < re.length; bin++) {
      re[bin] *= scale;
      im[bin] *= scale;
    }
  }

  /** First d samples of the real signal with this unitary half spectrum. @param x [d] receives them */
  signal(re: Float64Array, im: Float64Array, x: Float64Array): void {
    this.fourier.backward(re, im, x);
    const scale = 1 / Math.sqrt(this.length);
    for (let index = 0; index < x.length; index++) x[index] *= scale;
  }
}
