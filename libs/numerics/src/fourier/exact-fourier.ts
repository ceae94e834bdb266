/**
 * Exact-length transforms in double precision: Bluestein's chirp-z algorithm [bluestein1970] turns a DFT of any length
 * into a circular convolution of power-of-two length, which the fft.js library computes.
 */
import FFT from 'fft.js';
import { halfSpectrumSize, type RealFourier } from './real-fourier.js';

/** Smallest power of two >= n. */
function powerOfTwoAtLeast(n: number): number {
  return 2 ** Math.ceil(Math.log2(n));
}

/**
 * A float64 DFT of exactly `length` points.
 * @throws RangeError unless length is an integer >= 1
 */
export function createExactFourier(length: number): RealFourier {
  if (!Number.isInteger(length) || length < 1) throw new RangeError(`createExactFourier: length must be an integer >= 1, got ${length}`);
  const bins = halfSpectrumSize(length);
  const size = Math.max(2, powerOfTwoAtLeast(2 * length - 1));
  const fft = new FFT(size);

  // chirp[p] = exp(-i pi p^2 / N); p^2 is reduced modulo 2N before the angle is formed, to keep it exact.
  const chirpRe = new Float64Array(length);
  const chirpIm = new Float64Array(length);
  for (let p = 0; p < length; p++) {
    const angle = (Math.PI * ((p * p) % (2 * length))) / length;
    chirpRe[p] = Math.cos(angle);
    chirpIm[p] = -Math.sin(angle);
  }
  const kernel: number[] = new Array<number>(2 * size).fill(0);
  for (let p = 0; p < length; p++) {
    for (const at of p === 0 ? [0] : [p, size - p]) {
      kernel[2 * at] = chirpRe[p];
      kernel[2 * at + 1] = -chirpIm[p];
    }
  }
  const kernelSpectrum: number[] = new Array<number>(2 * size).fill(0);
  fft.transform(kernelSpectrum, kernel);

  const work: number[] = new Array<number>(2 * size).fill(0);
  const spectrum: number[] = new Array<number>(2 * size).fill(0);

  /** Replaces `work` (chirped input) by its convolution with the conjugate chirp. */
  function convolve(): void {
    fft.transform(spectrum, work);
    for (let index = 0; index < 2 * size; index += 2) {
      const re = spectrum[index] * kernelSpectrum[index] - spectrum[index + 1] * kernelSpectrum[index + 1];
      const im = spectrum[index] * kernelSpectrum[index + 1] + spectrum[index + 1] * kernelSpectrum[index];
      spectrum[index] = re;
      spectrum[index + 1] = im;
    }
    fft.inverseTransform(work, spectrum);
  }

  return {
    length,
    precision: 'float64',
    forward(signal, re, im) {
      work.fill(0);
      for (let p = 0; p < signal.length; p++) {
        work[2 * p] = signal[p] * chirpRe[p];
        work[2 * p + 1] = signal[p] * chirpIm[p];
      }
      convolve();
      for (let f = 0; f < bins; f++) {
        re[f] = work[2 * f] * chirpRe[f] - work[2 * f + 1] * chirpIm[f];
        im[f] = work[2 * f] * chirpIm[f] + work[2 * f + 1] * chirpRe[f];
      }
    },
    backward(re, im, signal) {
      // x = conj(DFT(conj X)) for a real x; every bin but the self-conjugate ones counts twice.
      work.fill(0);
      for (let f = 0; f < bins; f++) {
        const selfConjugate = f === 0 || 2 * f === length;
        const weight = selfConjugate ? 1 : 2;
        const conjugateIm = selfConjugate ? 0 : -im[f];
        work[2 * f] = weight * (re[f] * chirpRe[f] - conjugateIm * chirpIm[f]);
        work[2 * f + 1] = weight * (re[f] * chirpIm[f] + conjugateIm * chirpRe[f]);
      }
      convolve();
      for (let p = 0; p < signal.length; p++) {
        signal[p] = work[2 * p] * chirpRe[p] - work[2 * p + 1] * chirpIm[p];
      }
    },
  };
}
