import { squaredNorm } from '@airmeta/numerics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fidelityOf } from './update-fidelity.js';

const vectors = fc.integer({ min: 1, max: 50 }).chain((d) => {
  const vector = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: d, maxLength: d }).map((x) => Float64Array.from(x));
  return fc.record({ update: vector, mean: vector.filter((x) => squaredNorm(x) > 1e-3) });
});

describe('the fidelity of an update', () => {
  it('is its part along the exact mean and what is orthogonal to it, which add up to the NMSE', () => {
    fc.assert(
      fc.property(vectors, ({ update, mean }) => {
        const energy = squaredNorm(mean);
        const gain = update.reduce((sum, value, at) => sum + value * mean[at], 0) / energy;
        const across = squaredNorm(update.map((value, at) => value - gain * mean[at])) / energy;
        const { aggregationNmse, updateGain, misalignment, meanEnergy } = fidelityOf(update, mean);
        expect(meanEnergy).toBe(energy);
        // Sums of at most 50 products, each rounded to 2^-53 of the largest: relative to (||update||^2 + ||cbar||^2) / ||cbar||^2.
        const rounding = 50 * 2 ** -50 * (1 + squaredNorm(update) / energy);
        expect(Math.abs((updateGain ?? NaN) - gain)).toBeLessThanOrEqual(rounding);
        expect(Math.abs((misalignment ?? NaN) - across)).toBeLessThanOrEqual(2 * (1 + Math.abs(gain)) * rounding);
        const sum = (1 - gain) ** 2 + across;
        expect(Math.abs((aggregationNmse ?? NaN) - sum)).toBeLessThanOrEqual(2 * (1 + Math.abs(gain)) * rounding);
      }),
    );
  });

  it('of the mean itself is 1 and 0, of a multiple its factor and 0, of nothing 0 and 0', () => {
    const mean = Float64Array.of(1, -2, 4);
    expect(fidelityOf(mean, mean)).toEqual({ aggregationNmse: 0, updateGain: 1, misalignment: 0, meanEnergy: 21 });
    const half = mean.map((value) => value / 2);
    expect(fidelityOf(half, mean)).toEqual({ aggregationNmse: 0.25, updateGain: 0.5, misalignment: 0, meanEnergy: 21 });
    expect(fidelityOf(new Float64Array(3), mean)).toEqual({ aggregationNmse: 1, updateGain: 0, misalignment: 0, meanEnergy: 21 });
  });

  it('does not exist of a mean that is 0', () => {
    expect(fidelityOf(Float64Array.of(1), Float64Array.of(0))).toEqual({
      ...{ aggregationNmse: null, updateGain: null, misalignment: null, meanEnergy: 0 },
    });
  });
});
