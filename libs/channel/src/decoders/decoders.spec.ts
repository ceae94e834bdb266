import {
  complexZeros,
  createExactFourier,
  randomStream,
  squaredDistance,
  squaredNorm,
  type ComplexSamples,
  type ComplexVector,
} from '@airmeta/numerics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawNoise } from '../noise.js';
import { PartialDft } from '../partial-dft.js';
import { decodeAdjoint } from './adjoint.js';
import type { Decoder, Observation } from './decoder.js';
import { decodeIht } from './iht.js';
import { decodeOamp } from './oamp-double.js';

const DECODERS: readonly (readonly [name: string, decode: Decoder])[] = [
  ['adjoint', decodeAdjoint],
  ['iht', decodeIht],
  ['oamp', decodeOamp],
];

/** What `transmitters` agents sent, each `entriesPerAgent` normal values, and what was received of it. */
interface Transmission extends Observation {
  readonly x: Float64Array;
}

interface Setting {
  readonly d: number;
  /** N: length of the transform, d when left out. */
  readonly length?: number;
  readonly uses: number;
  readonly entriesPerAgent: number;
  readonly transmitters: number;
  /** Signal power over noise power per channel use; null: no noise. */
  readonly snrDb: number | null;
}

function transmit({ d, length = d, uses, entriesPerAgent, transmitters, snrDb }: Setting, seed: number): Transmission {
  const x = new Float64Array(d);
  for (let agent = 0; agent < transmitters; agent++) {
    const stream = randomStream(seed, 'data', { agent });
    for (const index of stream.sample(d, entriesPerAgent)) x[index] += stream.normal();
  }
  const operator = new PartialDft(randomStream(seed, 'compression-rows').sample(length, uses), d, createExactFourier(length));
  const y = operator.apply(x);
  const noiseVariance = snrDb === null ? 0 : operator.energy(x) / uses / 10 ** (snrDb / 10);
  const noise = drawNoise(noiseVariance, uses, randomStream(seed, 'noise'));
  noise.re.forEach((value, use) => (y.re[use] += value));
  noise.im.forEach((value, use) => (y.im[use] += value));
  return { x, y, operator, noiseVariance, entriesPerAgent, transmitters };
}

const nmse = (decode: Decoder, transmission: Transmission) =>
  squaredDistance(decode(transmission), transmission.x) / squaredNorm(transmission.x);
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const scaled = (z: ComplexSamples, factor: number): ComplexVector => ({
  re: Float64Array.from(z.re, (value) => factor * value),
  im: Float64Array.from(z.im, (value) => factor * value),
});

/** The setting of the paper, k/d = 0.04 and M/d = 0.4, with four agents on the air. */
const SPARSE: Omit<Setting, 'snrDb'> = { d: 500, uses: 200, entriesPerAgent: 20, transmitters: 4 };

describe('OAMP on sparse signals', () => {
  it.each([-20, 0, 10, 20, 30])('beats the adjoint and IHT at %i dB', (snrDb) => {
    const transmissions = Array.from({ length: 10 }, (_, seed) => transmit({ ...SPARSE, snrDb }, seed));
    const [adjoint, iht, oamp] = DECODERS.map(([, decode]) => meanOf(transmissions.map((transmission) => nmse(decode, transmission))));
    expect(oamp).toBeLessThan(adjoint);
    expect(oamp).toBeLessThan(iht);
  });

  it.each([500, 512, 600])('recovers them all but exactly without noise through a transform of length %i', (length) => {
    for (let seed = 0; seed < 5; seed++) {
      // 40 non-zeros in 200 complex, so 400 real, measurements: far inside what is recoverable.
      expect(nmse(decodeOamp, transmit({ ...SPARSE, length, transmitters: 2, snrDb: null }, seed))).toBeLessThan(1e-8);
    }
  });

  it('does not do better than an oracle that knows where the non-zeros are', () => {
    // Knowing K places and the unit power of their values, the best estimate errs by at least K / (1 + 2/N0) on average, since the
    // singular values of A do not exceed 1. Over ten signals of about 77 places the realised error deviates from its mean by 5 %;
    // half of it is out of reach.
    let [error, bound] = [0, 0];
    for (let seed = 0; seed < 10; seed++) {
      const transmission = transmit({ ...SPARSE, snrDb: 20 }, seed);
      error += squaredDistance(decodeOamp(transmission), transmission.x);
      bound += transmission.x.filter((value) => value !== 0).length / (1 + 2 / transmission.noiseVariance);
    }
    expect(error).toBeGreaterThan(bound / 2);
  });
});

describe('OAMP with every row observed', () => {
  it('is the posterior mean of a signal in noise of variance N0/2: two looks at a conjugate pair halve the noise', () => {
    const [d, density, noiseVariance] = [40_000, 0.1, 0.5];
    const stream = randomStream(9, 'data');
    const x = new Float64Array(d);
    for (const index of stream.sample(d, density * d)) x[index] = stream.normal();
    const operator = new PartialDft(
      Int32Array.from({ length: d }, (_, row) => row),
      d,
      createExactFourier(d),
    );
    const y = operator.apply(x);
    const noise = drawNoise(noiseVariance, d, stream);
    noise.re.forEach((value, use) => (y.re[use] += value));
    noise.im.forEach((value, use) => (y.im[use] += value));
    const observation = { y, operator, noiseVariance, entriesPerAgent: density * d, transmitters: 1 };

    /** E[x | r] for x = N(0, 1) with probability `density`, else 0, and r = x + N(0, variance). */
    const posteriorMean = (r: number, variance: number) => {
      const odds = (density / (1 - density)) * Math.sqrt(variance / (1 + variance)) * Math.exp(r ** 2 / (2 * variance * (1 + variance)));
      return ((odds / (1 + odds)) * r) / (1 + variance);
    };
    const errorOf = (estimate: Float64Array) => squaredDistance(estimate, x) / d;
    const heard = decodeAdjoint(observation);
    const best = errorOf(heard.map((r) => posteriorMean(r, noiseVariance / 2)));
    // Density and power are learnt from 4000 non-zeros, so within 1.6 % of deviation; at the optimum the error grows with the square
    // of what they are off, (6 * 1.6 %)^2 = 1 %. Taking the noise for N0 would cost 33 %.
    expect(Math.abs(errorOf(decodeOamp(observation)) / best - 1)).toBeLessThan(0.01);
  });
});

describe.each(DECODERS)('%s decoder', (_, decode) => {
  const setting: Setting = { ...SPARSE, d: 60, uses: 24, entriesPerAgent: 3, transmitters: 2, snrDb: 10 };

  it('makes zeros of zeros', () => {
    const { operator } = transmit(setting, 1);
    for (const noiseVariance of [0, 1]) {
      const estimate = decode({ y: complexZeros(operator.uses), operator, noiseVariance, entriesPerAgent: 3, transmitters: 2 });
      expect(estimate).toHaveLength(60);
      estimate.forEach((value) => expect(Math.abs(value)).toBe(0));
    }
  });

  it('does not depend on units: amplitudes times 2^n give estimates times 2^n, bit for bit', () => {
    const transmission = transmit(setting, 2);
    const estimate = decode(transmission);
    for (const factor of [2 ** -20, 8, 2 ** 20]) {
      const louder = { ...transmission, y: scaled(transmission.y, factor), noiseVariance: transmission.noiseVariance * factor ** 2 };
      expect(decode(louder)).toEqual(estimate.map((value) => factor * value));
    }
  });

  it('leaves what it was given as it was, and repeats itself', () => {
    const transmission = transmit(setting, 3);
    const y = { re: transmission.y.re.slice(), im: transmission.y.im.slice() };
    const first = decode(transmission);
    expect(transmission.y).toEqual(y);
    expect(decode(transmission)).toEqual(first);
  });

  it('never gives a number that is not finite, however extreme the noise and whatever was received', () => {
    const extremes = fc.record({
      seed: fc.nat(),
      d: fc.integer({ min: 1, max: 40 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      sparsity: fc.double({ min: 0, max: 1, noNaN: true }),
      transmitters: fc.integer({ min: 1, max: 50 }),
      noiseExponent: fc.integer({ min: -320, max: 300 }),
      signalExponent: fc.integer({ min: -30, max: 30 }),
      silent: fc.boolean(),
    });
    fc.assert(
      fc.property(extremes, ({ seed, d, share, sparsity, transmitters, noiseExponent, signalExponent, silent }) => {
        const uses = 1 + Math.floor(share * (d - 1));
        const entriesPerAgent = 1 + Math.floor(sparsity * (d - 1));
        const { operator, y } = transmit({ d, uses, entriesPerAgent, transmitters: silent ? 0 : transmitters, snrDb: null }, seed);
        const estimate = decode({
          y: scaled(y, 10 ** signalExponent),
          operator,
          noiseVariance: 10 ** noiseExponent,
          entriesPerAgent,
          transmitters,
        });
        expect(estimate.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('adjoint decoder', () => {
  it('is unbiased over random rows of a padded transform', () => {
    const [d, padded, uses, draws] = [24, 30, 9, 4000];
    const fourier = createExactFourier(padded);
    const stream = randomStream(4, 'data');
    const x = Float64Array.from({ length: d }, () => stream.normal());
    const sum = new Float64Array(d);
    const sumOfSquares = new Float64Array(d);
    for (let round = 0; round < draws; round++) {
      const operator = new PartialDft(randomStream(4, 'compression-rows', { round }).sample(padded, uses), d, fourier);
      const estimate = decodeAdjoint({ y: operator.apply(x), operator, noiseVariance: 0, entriesPerAgent: d, transmitters: 1 });
      estimate.forEach((value, index) => {
        sum[index] += value;
        sumOfSquares[index] += value ** 2;
      });
    }
    // Each of 24 means has the deviation of its sample over sqrt(draws); 6.5 of them are passed anywhere with probability 2e-9.
    x.forEach((value, index) => {
      const mean = sum[index] / draws;
      const deviation = Math.sqrt(sumOfSquares[index] / draws - mean ** 2);
      expect(Math.abs(mean - value)).toBeLessThan((6.5 * deviation) / Math.sqrt(draws));
    });
  });

  it('passes noise on with variance N0/2 per dimension, times d/M for its gain', () => {
    const [d, uses, noiseVariance] = [4000, 1600, 0.3];
    const operator = new PartialDft(randomStream(6, 'compression-rows').sample(d, uses), d, createExactFourier(d));
    const y = drawNoise(noiseVariance, uses, randomStream(6, 'noise'));
    const estimate = decodeAdjoint({ y, operator, noiseVariance, entriesPerAgent: 1, transmitters: 1 });
    // Re A^H w is normal with covariance C = N0/2 Re(A^H A): tr C = M N0/2 and tr C^2 <= M (N0/2)^2, as A^H A projects on M
    // dimensions. Its sum of squares has mean tr C and variance 2 tr C^2, so it deviates by at most sqrt(2/M) of its mean.
    const expected = ((d / uses) ** 2 * uses * noiseVariance) / 2;
    expect(Math.abs(squaredNorm(estimate) / expected - 1)).toBeLessThan(6 * Math.sqrt(2 / uses));
  });
});

describe('IHT decoder', () => {
  it('keeps min(d, s k) entries', () => {
    const transmission = transmit({ d: 60, uses: 30, entriesPerAgent: 3, transmitters: 2, snrDb: 10 }, 5);
    expect(decodeIht(transmission).filter((value) => value !== 0)).toHaveLength(6);
    expect(decodeIht({ ...transmission, transmitters: 100 })).toHaveLength(60);
  });

  it('is exact when every row is observed without noise', () => {
    const transmission = transmit({ d: 50, uses: 50, entriesPerAgent: 5, transmitters: 3, snrDb: null }, 6);
    expect(nmse(decodeIht, transmission)).toBeLessThan(1e-24);
  });
});
