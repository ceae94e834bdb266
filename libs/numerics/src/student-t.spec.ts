import { describe, expect, it } from 'vitest';
import { randomStream } from './random-stream.js';
import { tHalfWidth } from './student-t.js';

describe('Student-t intervals', () => {
  // Textbook quantiles t_{0.975, n-1}.
  it.each([
    [2, 12.7062],
    [3, 4.30265],
    [10, 2.26216],
    [121, 1.97993],
  ])('of n = %i values reach %f s / sqrt(n) at 95 %%', (n, quantile) => {
    expect((tHalfWidth(1, n) ?? NaN) * Math.sqrt(n)).toBeCloseTo(quantile, 4);
    expect(tHalfWidth(3, n)).toBeCloseTo(3 * (tHalfWidth(1, n) ?? NaN), 10);
  });

  it('are wider at higher levels', () => {
    // t_{0.995, 4} = 4.60409 and t_{0.95, 4} = 2.13185.
    expect((tHalfWidth(1, 5, 0.99) ?? NaN) * Math.sqrt(5)).toBeCloseTo(4.60409, 4);
    expect((tHalfWidth(1, 5, 0.9) ?? NaN) * Math.sqrt(5)).toBeCloseTo(2.13185, 4);
  });

  it.each([0, 1])('do not exist for n = %i', (n) => {
    expect(tHalfWidth(1, n)).toBeNull();
  });

  it('have no width without spread', () => {
    expect(tHalfWidth(0, 5)).toBe(0);
  });

  it.each([2, 3, 5])('cover the true mean in 95 %% of samples of %i normal values', (n) => {
    const trials = 10_000;
    const stream = randomStream(1, 'data');
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const values = Array.from({ length: n }, () => stream.normal());
      const mean = values.reduce((sum, value) => sum + value, 0) / n;
      const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
      if (Math.abs(mean) <= (tHalfWidth(deviation, n) ?? NaN)) covered++;
    }
    // A binomial share deviates by sqrt(0.95 * 0.05 / trials); six of these are passed with probability 2e-9.
    expect(Math.abs(covered / trials - 0.95)).toBeLessThan(6 * Math.sqrt((0.95 * 0.05) / trials));
  });
});
