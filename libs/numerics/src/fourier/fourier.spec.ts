import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../random-stream.js';
import { createExactFourier } from './exact-fourier.js';
import { createFastFourier, fastLength, type FastFourier } from './fast-fourier.js';
import { halfSpectrumSize, type RealFourier } from './real-fourier.js';

interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

const normals = (count: number, seed = 1) => {
  const stream = randomStream(seed, 'data');
  return Float64Array.from({ length: count }, () => stream.normal());
};

/** X[f] = sum_p x[p] exp(-2 pi i f p / N), summed as it stands. */
function naiveDft(signal: Float64Array, length: number): Spectrum {
  const bins = halfSpectrumSize(length);
  const re = new Float64Array(bins);
  const im = new Float64Array(bins);
  for (let f = 0; f < bins; f++) {
    signal.forEach((value, p) => {
      const angle = (-2 * Math.PI * ((f * p) % length)) / length;
      re[f] += value * Math.cos(angle);
      im[f] += value * Math.sin(angle);
    });
  }
  return { re, im };
}

function forward(fourier: RealFourier, signal: Float64Array): Spectrum {
  const bins = halfSpectrumSize(fourier.length);
  // What was in the outputs must not matter.
  const spectrum = { re: new Float64Array(bins).fill(NaN), im: new Float64Array(bins).fill(NaN) };
  fourier.forward(signal, spectrum.re, spectrum.im);
  return spectrum;
}

function backward(fourier: RealFourier, { re, im }: Spectrum, samples = fourier.length): Float64Array {
  const signal = new Float64Array(samples).fill(NaN);
  fourier.backward(re, im, signal);
  return signal;
}

/** ||a - b|| / ||b||, over real and imaginary parts. */
function relativeError(a: readonly Float64Array[], b: readonly Float64Array[]): number {
  let [error, size] = [0, 0];
  b.forEach((values, part) => {
    values.forEach((value, index) => {
      error += (a[part][index] - value) ** 2;
      size += value ** 2;
    });
  });
  return Math.sqrt(error) / Math.max(Math.sqrt(size), 1e-9);
}

/**
 * Rounding of an FFT grows with log2 N times 2^-53 = 1.1e-16, and the naive sum's own with up to N: at N <= 600, three
 * transforms of 2048 points stay two orders of magnitude under this. In single precision 2^-24 takes the place of 2^-53.
 */
const DOUBLE = 1e-12;
const SINGLE = 1e-6;

const PRIMES = [2, 3, 5, 7, 11, 13, 97, 101, 199, 257, 509];
const lengths = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(...PRIMES), fc.constantFrom(1, 2, 4, 8, 256, 512));

describe('the exact transform', () => {
  it('is the DFT of its definition at any length, primes included', () => {
    fc.assert(
      fc.property(lengths, fc.nat(), (length, seed) => {
        const signal = normals(length, seed);
        const actual = forward(createExactFourier(length), signal);
        const expected = naiveDft(signal, length);
        expect(relativeError([actual.re, actual.im], [expected.re, expected.im])).toBeLessThan(DOUBLE);
      }),
    );
  });

  it('reads a shorter signal as padded with zeros', () => {
    fc.assert(
      fc.property(lengths, fc.double({ min: 0, max: 1, noNaN: true }), (length, share) => {
        const signal = normals(Math.floor(share * length));
        const padded = new Float64Array(length);
        padded.set(signal);
        const fourier = createExactFourier(length);
        // A full signal first: nothing of it may be left over.
        forward(fourier, normals(length, 2));
        expect(forward(fourier, signal)).toEqual(forward(fourier, padded));
      }),
    );
  });

  it('comes back as N x, or its first samples', () => {
    fc.assert(
      fc.property(lengths, fc.nat(), (length, seed) => {
        const signal = normals(length, seed);
        const fourier = createExactFourier(length);
        const spectrum = forward(fourier, signal);
        const back = backward(fourier, spectrum);
        expect(relativeError([back.map((value) => value / length)], [signal])).toBeLessThan(DOUBLE);
        const samples = Math.ceil(length / 3);
        expect(backward(fourier, spectrum, samples)).toEqual(back.subarray(0, samples));
      }),
    );
  });

  it('ignores imaginary parts of the self-conjugate bins 0 and N/2 on the way back', () => {
    fc.assert(
      fc.property(lengths, (length) => {
        const fourier = createExactFourier(length);
        const { re, im } = forward(fourier, normals(length));
        const disturbed = im.slice();
        disturbed[0] = 5;
        if (length % 2 === 0) disturbed[length / 2] = -7;
        expect(backward(fourier, { re, im: disturbed })).toEqual(backward(fourier, { re, im }));
      }),
    );
  });

  it('has imaginary parts of rounding size only in self-conjugate bins', () => {
    for (const length of [1, 2, 9, 10, 16, 101, 102]) {
      const { im } = forward(createExactFourier(length), normals(length));
      expect(Math.abs(im[0])).toBeLessThan(DOUBLE * length);
      if (length % 2 === 0) expect(Math.abs(im[length / 2])).toBeLessThan(DOUBLE * length);
    }
  });

  it('keeps energy at the size of a model: Parseval at the prime 28709 and at 54725', () => {
    for (const length of [28_709, 54_725]) {
      const signal = normals(length);
      const fourier = createExactFourier(length);
      const { re, im } = forward(fourier, signal);
      const energy = re.reduce((sum, value, f) => sum + (f === 0 ? 1 : 2) * (value ** 2 + im[f] ** 2), 0);
      expect(energy / length / signal.reduce((sum, value) => sum + value ** 2, 0)).toBeCloseTo(1, 12);
      expect(relativeError([backward(fourier, { re, im }).map((value) => value / length)], [signal])).toBeLessThan(DOUBLE);
    }
  });

  it.each([0, -3, 2.5, NaN])('refuses length %f', (length) => {
    expect(() => createExactFourier(length)).toThrow(RangeError);
  });
});

/** Whether n = 32 * 2^a 3^b 5^c. */
function isFast(n: number): boolean {
  if (n % 32 !== 0) return false;
  let rest = n / 32;
  for (const prime of [2, 3, 5]) while (rest % prime === 0) rest /= prime;
  return rest === 1;
}

describe('fast lengths', () => {
  it('are the smallest 32 * 2^a 3^b 5^c that are long enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60_000 }), (n) => {
        const length = fastLength(n);
        expect(length).toBeGreaterThanOrEqual(n);
        expect(isFast(length)).toBe(true);
        for (let shorter = n; shorter < length; shorter++) expect(isFast(shorter)).toBe(false);
      }),
    );
  });

  it.each([
    [1, 32],
    [32, 32],
    [33, 64],
    [54_725, 55_296],
    [28_709, 28_800],
  ])('fastLength(%i) = %i', (n, length) => {
    expect(fastLength(n)).toBe(length);
  });
});

/** The half spectrum of a signal of N samples by a fast transform. */
function fastSpectrum(fourier: FastFourier, signal: Float64Array): Spectrum {
  const [from, to] = [fourier.allocate(fourier.length), fourier.allocate(fourier.length)];
  new Float32Array(fourier.memory.buffer, from, fourier.length).set(signal);
  fourier.forward(from, to);
  const slots = new Float32Array(fourier.memory.buffer, to, fourier.length);
  const { re, im } = fourier.layout;
  return { re: Float64Array.from(re, (slot) => slots[slot]), im: Float64Array.from(im, (slot) => (slot < 0 ? 0 : slots[slot])) };
}

/** N times the signal with a half spectrum. */
function fastSignal(fourier: FastFourier, { re, im }: Spectrum): Float64Array {
  const [from, to] = [fourier.allocate(fourier.length), fourier.allocate(fourier.length)];
  const slots = new Float32Array(fourier.memory.buffer, from, fourier.length);
  fourier.layout.re.forEach((slot, bin) => (slots[slot] = re[bin]));
  fourier.layout.im.forEach((slot, bin) => {
    if (slot >= 0) slots[slot] = im[bin];
  });
  fourier.backward(from, to);
  return Float64Array.from(new Float32Array(fourier.memory.buffer, to, fourier.length));
}

describe('the fast transform', () => {
  it.each([32, 64, 96, 160, 480, 960, 4096, 28_800])('agrees with the exact one at length %i in single precision', async (length) => {
    const fast = await createFastFourier(length);
    expect(fast.length).toBe(length);
    const exact = createExactFourier(length);
    const signal = normals(length);
    const actual = fastSpectrum(fast, signal);
    const expected = forward(exact, signal);
    expect(relativeError([actual.re, actual.im], [expected.re, expected.im])).toBeLessThan(SINGLE);
    expect(relativeError([fastSignal(fast, expected)], [backward(exact, expected)])).toBeLessThan(SINGLE);
  });

  it.each([32, 480, 28_800])('keeps every part of the half spectrum in a slot of its own at length %i', async (length) => {
    const { re, im } = (await createFastFourier(length)).layout;
    const slots = [...re, ...im].filter((slot) => slot >= 0);
    expect(slots.toSorted((a, b) => a - b)).toEqual(Array.from({ length }, (_, slot) => slot));
    expect([im[0], im[length / 2]]).toEqual([-1, -1]);
  });

  it('hands out memory that is zero, and does not move what is there', async () => {
    const fast = await createFastFourier(64);
    const signal = normals(64);
    const before = fastSpectrum(fast, signal);
    const large = fast.allocate(2 ** 24);
    expect(new Float32Array(fast.memory.buffer, large, 2 ** 24).every((value) => value === 0)).toBe(true);
    expect(fastSpectrum(fast, signal)).toEqual(before);
  });

  it('gives its memory to the next one as if it were new, once it is closed', async () => {
    const first = await createFastFourier(480);
    const signal = normals(480);
    const spectrum = fastSpectrum(first, signal);
    new Float32Array(first.memory.buffer, first.allocate(1000), 1000).fill(NaN);
    const { memory } = first;
    first.close();
    first.close();
    const second = await createFastFourier(480);
    expect(second.memory).toBe(memory);
    const numbers = new Float32Array(memory.buffer, second.allocate(5000), 5000);
    expect(numbers.every((value) => value === 0)).toBe(true);
    expect(fastSpectrum(second, signal)).toEqual(spectrum);
    const third = await createFastFourier(480);
    expect(third.memory).not.toBe(memory);
  });

  it('lets a memory go that has grown large', async () => {
    const large = await createFastFourier(32);
    large.allocate(2 ** 25);
    large.close();
    expect((await createFastFourier(32)).memory).not.toBe(large.memory);
  });

  it.each([0, 33, 90, 1000])('refuses length %i, which is not fast', async (length) => {
    await expect(createFastFourier(length)).rejects.toThrow(RangeError);
  });
});
