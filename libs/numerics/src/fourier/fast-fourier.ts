/** Transforms of a fast length, by PFFFT compiled to WebAssembly with SIMD, in single precision. */
import createPffft from '@echogarden/pffft-wasm/simd';
import { halfSpectrumSize, type RealFourier } from './real-fourier.js';

const PFFFT_REAL = 0;
const PFFFT_FORWARD = 0;
const PFFFT_BACKWARD = 1;
const SMALLEST = 32;

/** Smallest 32 * 2^a 3^b 5^c >= n: the lengths PFFFT's SIMD real transform takes. */
export function fastLength(n: number): number {
  if (!Number.isInteger(n) || n < 1) throw new RangeError(`fastLength: the length must be an integer >= 1, got ${n}`);
  for (let candidate = SMALLEST * Math.ceil(n / SMALLEST); ; candidate += SMALLEST) {
    let rest = candidate / SMALLEST;
    for (const prime of [2, 3, 5]) while (rest % prime === 0) rest /= prime;
    if (rest === 1) return candidate;
  }
}

let loading: ReturnType<typeof createPffft> | undefined;

/**
 * A transform of length {@link fastLength}(minimumLength). Accurate to float32: relative errors around 1e-7, far under
 * any noise or sparsification error it is used with.
 */
export async function createFastFourier(minimumLength: number): Promise<RealFourier & { dispose(): void }> {
  loading ??= createPffft();
  const pffft = await loading;
  const length = fastLength(minimumLength);
  const bins = halfSpectrumSize(length);
  const setup = pffft._pffft_new_setup(length, PFFFT_REAL);
  const data = pffft._pffft_aligned_malloc(4 * length);
  const scratch = pffft._pffft_aligned_malloc(4 * length);
  if (setup === 0 || data === 0 || scratch === 0) throw new Error(`createFastFourier: no memory for a transform of length ${length}`);
  // The heap may be re-allocated by a later plan, so the view is taken at each use.
  const view = () => pffft.HEAPF32.subarray(data / 4, data / 4 + length);

  return {
    length,
    precision: 'float32',
    forward(signal, re, im) {
      const buffer = view();
      buffer.set(signal);
      buffer.fill(0, signal.length);
      pffft._pffft_transform_ordered(setup, data, data, scratch, PFFFT_FORWARD);
      // PFFFT packs the two real bins 0 and N/2 into the first complex entry.
      re[0] = buffer[0];
      im[0] = 0;
      re[bins - 1] = buffer[1];
      im[bins - 1] = 0;
      for (let f = 1; f < bins - 1; f++) {
        re[f] = buffer[2 * f];
        im[f] = buffer[2 * f + 1];
      }
    },
    backward(re, im, signal) {
      const buffer = view();
      buffer[0] = re[0];
      buffer[1] = re[bins - 1];
      for (let f = 1; f < bins - 1; f++) {
        buffer[2 * f] = re[f];
        buffer[2 * f + 1] = im[f];
      }
      pffft._pffft_transform_ordered(setup, data, data, scratch, PFFFT_BACKWARD);
      signal.set(buffer.subarray(0, signal.length));
    },
    dispose() {
      pffft._pffft_destroy_setup(setup);
      pffft._pffft_aligned_free(data);
      pffft._pffft_aligned_free(scratch);
    },
  };
}
