import { randomStream } from '@airmeta/numerics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { sampleByWeight } from './sample-by-weight.js';

const WEIGHTS = [0.6, 0.3, 0.1];
const LOGS = Float64Array.from(WEIGHTS, (weight) => Math.log(weight) - 700);
const DRAWS = 20_000;

/** Within 5 standard deviations of a binomial count; passed with probability 6e-7. */
function expectShare(count: number, probability: number): void {
  expect(Math.abs(count - DRAWS * probability)).toBeLessThan(5 * Math.sqrt(DRAWS * probability * (1 - probability)));
}

describe('sampling by weight', () => {
  const draws = (count: number) => {
    const stream = randomStream(7, 'tasks');
    return Array.from({ length: DRAWS }, () => [...sampleByWeight(stream, LOGS, count)]);
  };

  it('draws one with the probability of its weight', () => {
    const one = draws(1).flat();
    WEIGHTS.forEach((weight, index) => expectShare(one.filter((drawn) => drawn === index).length, weight));
  });

  it('draws two one after the other without replacement, in either order', () => {
    const two = draws(2);
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ]) {
      const probability = (WEIGHTS[i] * WEIGHTS[j]) / (1 - WEIGHTS[i]) + (WEIGHTS[i] * WEIGHTS[j]) / (1 - WEIGHTS[j]);
      expectShare(two.filter(([a, b]) => a === i && b === j).length, probability / 2);
      expectShare(two.filter(([a, b]) => a === j && b === i).length, probability / 2);
    }
  });

  it('draws as many distinct indices as asked for, however unequal the weights', () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        fc.array(fc.double({ min: -1e6, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 30 }),
        fc.nat(),
        (seed, logWeights, number) => {
          const count = 1 + (number % logWeights.length);
          const drawn = sampleByWeight(randomStream(seed, 'tasks'), Float64Array.from(logWeights), count);
          expect(new Set(drawn).size).toBe(count);
          expect(drawn.every((index) => index >= 0 && index < logWeights.length)).toBe(true);
        },
      ),
    );
  });
});
