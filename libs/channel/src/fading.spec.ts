import { randomStream } from '@airmeta/numerics';
import { describe, expect, it } from 'vitest';
import { drawGains, type FadingModel } from './fading.js';

const AGENTS = 20_000;

const streams = (count: number, round = 0) => Array.from({ length: count }, (_, agent) => randomStream(11, 'fading', { round, agent }));

function magnitudesOf(model: FadingModel): Float64Array {
  const gains = drawGains(model, streams(AGENTS));
  return gains.re.map((re, agent) => Math.hypot(re, gains.im[agent]));
}

const meanOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('Rayleigh fading', () => {
  // |h| has mean mu and variance (4/pi - 1) mu^2; |h|^2 is exponential with mean and deviation 4/pi mu^2. A mean of n values
  // deviates by its deviation / sqrt(n); six of these are passed with probability 2e-9.
  it.each([0.3, 1, 7])('has mean gain mu_h = %f and second moment 4/pi mu_h^2', (meanGain) => {
    const magnitudes = magnitudesOf({ kind: 'rayleigh', meanGain });
    const deviation = Math.sqrt(4 / Math.PI - 1) * meanGain;
    expect(Math.abs(meanOf(magnitudes) - meanGain)).toBeLessThan((6 * deviation) / Math.sqrt(AGENTS));

    const secondMoment = (4 / Math.PI) * meanGain ** 2;
    expect(Math.abs(meanOf(magnitudes.map((value) => value ** 2)) - secondMoment)).toBeLessThan((6 * secondMoment) / Math.sqrt(AGENTS));
  });

  it('has no preferred direction: real and imaginary part have mean zero and are uncorrelated', () => {
    const { re, im } = drawGains({ kind: 'rayleigh', meanGain: 1 }, streams(AGENTS));
    const partVariance = 2 / Math.PI;
    const bound = 6 * Math.sqrt(partVariance / AGENTS);
    expect(Math.abs(meanOf(re))).toBeLessThan(bound);
    expect(Math.abs(meanOf(im))).toBeLessThan(bound);
    // The product of two independent N(0, v) has deviation v.
    expect(Math.abs(meanOf(re.map((value, agent) => value * im[agent])))).toBeLessThan((6 * partVariance) / Math.sqrt(AGENTS));
  });

  it('scales with mu_h and leaves everything else as it was', () => {
    const one = drawGains({ kind: 'rayleigh', meanGain: 1 }, streams(50));
    const four = drawGains({ kind: 'rayleigh', meanGain: 4 }, streams(50));
    expect(four.re).toEqual(one.re.map((value) => 4 * value));
    expect(four.im).toEqual(one.im.map((value) => 4 * value));
  });

  it('gives an agent the same gain whoever else is active', () => {
    const all = drawGains({ kind: 'rayleigh', meanGain: 1 }, streams(5));
    const [, , third] = streams(5);
    const alone = drawGains({ kind: 'rayleigh', meanGain: 1 }, [third]);
    expect([alone.re[0], alone.im[0]]).toEqual([all.re[2], all.im[2]]);
  });
});

describe('constant fading', () => {
  it('is mu_h, real, for every agent', () => {
    expect(drawGains({ kind: 'constant', meanGain: 2.5 }, streams(3))).toEqual({
      re: Float64Array.of(2.5, 2.5, 2.5),
      im: new Float64Array(3),
    });
  });
});
