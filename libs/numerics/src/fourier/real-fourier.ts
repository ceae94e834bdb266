/**
 * Discrete Fourier transforms of real signals, on the half spectrum (bins 0..floor(N/2); the others are conjugates).
 * Conventions: X[f] = sum_p x[p] exp(-2 pi i f p / N), and no scaling in either direction: backward(forward(x)) = N x.
 */
export interface RealFourier {
  /** N. */
  readonly length: number;
  /** Largest relative error to expect of one transform. */
  readonly precision: 'float64' | 'float32';
  /**
   * @param signal [L], L <= N; read as zero-padded to N
   * @param re @param im [floor(N/2) + 1] receive the half spectrum
   */
  forward(signal: Float64Array, re: Float64Array, im: Float64Array): void;
  /**
   * @param re @param im half spectrum [floor(N/2) + 1]; imaginary parts of self-conjugate bins are ignored
   * @param signal [L], L <= N; receives the first L samples
   */
  backward(re: Float64Array, im: Float64Array, signal: Float64Array): void;
}

/** Number of bins of the half spectrum of a real signal of length N. */
export function halfSpectrumSize(length: number): number {
  return Math.floor(length / 2) + 1;
}
