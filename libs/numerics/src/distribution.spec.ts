import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distributionOf } from './distribution.js';

const numbers = fc.float64Array({ min: -1e6, max: 1e6, noNaN: true, minLength: 1, maxLength: 50 });

describe('a distribution', () => {
  it('of 1 .. 5 is known', () => {
    const { mean, deviation, quantiles } = distributionOf(Float64Array.of(4, 1, 5, 3, 2), [0, 0.05, 0.25, 0.5, 0.75, 1]);
    expect(mean).toBe(3);
    expect(deviation).toBeCloseTo(Math.sqrt(2.5), 15);
    expect(quantiles).toEqual([1, expect.closeTo(1.2, 14), 2, 3, 4, 5]);
  });

  it('of one number has no deviation, and that number for every quantile', () => {
    expect(distributionOf(Float64Array.of(7), [0.05, 0.95])).toEqual({ mean: 7, deviation: NaN, quantiles: [7, 7] });
  });

  it('has quantiles that ascend between the least and the greatest', () => {
    fc.assert(
      fc.property(numbers, (values) => {
        const { quantiles } = distributionOf(values, [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]);
        expect(quantiles[0]).toBe(Math.min(...values));
        expect(quantiles[6]).toBe(Math.max(...values));
        // Interpolation rounds, by a few parts in 1e16 of the numbers.
        quantiles.slice(1).forEach((value, at) => expect(value).toBeGreaterThanOrEqual(quantiles[at] - 1e-9));
      }),
    );
  });

  it('moves and grows with its numbers', () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: -100, max: 100 }), (values, shift) => {
        const before = distributionOf(values, [0.25]);
        const after = distributionOf(
          values.map((value) => 2 * value + shift),
          [0.25],
        );
        expect(after.mean).toBeCloseTo(2 * before.mean + shift, 6);
        expect(after.quantiles[0]).toBeCloseTo(2 * before.quantiles[0] + shift, 6);
        if (values.length > 1) expect(after.deviation).toBeCloseTo(2 * before.deviation, 6);
      }),
    );
  });

  it('leaves the numbers as they are', () => {
    const values = Float64Array.of(2, 1);
    distributionOf(values, [0.5]);
    expect(values).toEqual(Float64Array.of(2, 1));
  });
});
