import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replicateSeed } from './replicate-seed.js';

describe('replicate seeds', () => {
  it('are integers in [0, 2^53)', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(10_000), (seed, replicate) => {
        const derived = replicateSeed(seed, replicate);
        expect(Number.isSafeInteger(derived)).toBe(true);
        expect(derived).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('stay as they are when replicates are added', () => {
    const five = Array.from({ length: 5 }, (_, replicate) => replicateSeed(1, replicate));
    const ten = Array.from({ length: 10 }, (_, replicate) => replicateSeed(1, replicate));
    expect(ten.slice(0, 5)).toEqual(five);
  });

  it('are all different, over replicates and experiments', () => {
    // Among 2000 numbers of 53 bits two agree with probability 2e-10.
    const seeds = [1, 2].flatMap((seed) => Array.from({ length: 1000 }, (_, replicate) => replicateSeed(seed, replicate)));
    expect(new Set(seeds).size).toBe(2000);
  });
});
