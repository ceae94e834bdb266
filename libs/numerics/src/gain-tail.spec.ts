import { describe, expect, it } from 'vitest';
import { gainTail } from './gain-tail.js';
import { randomStream } from './random-stream.js';

const RAYLEIGH = { meanGain: 1, kFactor: 0, logSpread: 0 };

describe('the tail of a gain', () => {
  it.each([0, 0.1, 0.3, 1, 2, 5])('is known in closed form under Rayleigh fading, threshold %f', (threshold) => {
    // |h| = mu sqrt(2/pi) r with r Rayleigh: Pr = e^(-x^2/2), E[r^2; r >= x] = (2 + x^2) e^(-x^2/2), x = threshold sqrt(pi/2) / mu.
    const meanGain = 1.7;
    const { share, mean, meanSquare } = gainTail({ ...RAYLEIGH, meanGain }, meanGain * threshold);
    const x = threshold * Math.sqrt(Math.PI / 2);
    expect(share / Math.exp((-x * x) / 2)).toBeCloseTo(1, 6);
    expect(meanSquare / (meanGain ** 2 * (2 / Math.PI) * (2 + x * x) * Math.exp((-x * x) / 2))).toBeCloseTo(1, 6);
    if (threshold === 0) expect(mean).toBeCloseTo(meanGain, 6);
  });

  it.each([0, 0.5, 4, 100, 1e6])('has mean mu_h and all of the probability without a threshold, K = %f', (kFactor) => {
    for (const logSpread of [0, 0.5, 2]) {
      const { share, mean } = gainTail({ meanGain: 3, kFactor, logSpread }, 0);
      expect(share).toBeCloseTo(1, 5);
      expect(mean / 3).toBeCloseTo(1, 5);
    }
  });

  it('of a constant gain is all or nothing', () => {
    const constant = { meanGain: 2, kFactor: Infinity, logSpread: 0 };
    expect(gainTail(constant, 2)).toEqual({ share: 1, mean: 2, meanSquare: 4 });
    expect(gainTail(constant, 2.001)).toEqual({ share: 0, mean: 0, meanSquare: 0 });
    expect(gainTail(RAYLEIGH, Infinity)).toEqual({ share: 0, mean: 0, meanSquare: 0 });
  });

  it('of spread gains is the normal tail of their logarithm', () => {
    // ln g ~ N(-s^2/2, s^2): above its median lies one half of the agents.
    const logSpread = 0.7;
    expect(gainTail({ meanGain: 1, kFactor: Infinity, logSpread }, Math.exp(-(logSpread ** 2) / 2)).share).toBeCloseTo(0.5, 6);
    expect(gainTail({ meanGain: 1, kFactor: Infinity, logSpread }, 0).meanSquare).toBeCloseTo(Math.exp(logSpread ** 2), 5);
  });

  it.each([
    [0, 0.4, 1.3],
    [3, 0, 1.2],
    [3, 0.5, 0.8],
  ])('is what gains drawn at random have, K = %f, spread %f, threshold %f', (kFactor, logSpread, threshold) => {
    const stream = randomStream(1, 'fading');
    const draws = 200_000;
    const gains = Float64Array.from({ length: draws }, () => {
      const g = Math.exp(logSpread * stream.normal() - logSpread ** 2 / 2);
      return g * Math.hypot(Math.sqrt(2 * kFactor) + stream.normal(), stream.normal());
    });
    // Brought to mean 1 by their own mean: its error is that of a mean of so many, as the shares' are.
    const whole = gains.reduce((sum, gain) => sum + gain, 0) / draws;
    const above = gains.map((gain) => gain / whole).filter((gain) => gain >= threshold);
    const { share, mean, meanSquare } = gainTail({ meanGain: 1, kFactor, logSpread }, threshold);
    // Five deviations of a mean of 200,000 terms whose standard deviation is below 2.
    const bound = (5 * 2) / Math.sqrt(draws);
    expect(Math.abs(above.length / draws - share)).toBeLessThan(bound);
    expect(Math.abs(above.reduce((sum, gain) => sum + gain, 0) / draws - mean)).toBeLessThan(bound);
    expect(Math.abs(above.reduce((sum, gain) => sum + gain ** 2, 0) / draws - meanSquare)).toBeLessThan(3 * bound);
  });
});
