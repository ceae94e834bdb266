import { describe, expect, it } from 'vitest';
import { largestUnseenShare, medianRank, shareInterval } from './binomial.js';

describe('ranks that hold a median', () => {
  // Tables of the sign test: 2 P(Bin(n, 1/2) < r) <= 5 %.
  it.each([
    [1, 0],
    [5, 0],
    [6, 1],
    [8, 1],
    [9, 2],
    [10, 2],
    [12, 3],
    [20, 6],
    [100, 40],
  ])('of %i values: rank %i at 95 %%', (n, rank) => {
    expect(medianRank(n)).toBe(rank);
  });

  it('are there for fewer values at lower levels, and for one value at none', () => {
    expect([medianRank(5, 0.9), medianRank(3, 0.75), medianRank(1, 0.01)]).toEqual([1, 1, 0]);
  });
});

describe('an interval of a share', () => {
  // Clopper and Pearson's, from tables; with none of n its end is 1 - .025^(1/n).
  it.each([
    [0, 10, 0, 0.3085],
    [1, 10, 0.0025, 0.445],
    [5, 10, 0.1871, 0.8129],
    [10, 10, 0.6915, 1],
    [0, 3, 0, 0.7076],
  ])('with %i of %i is [%f, %f]', (count, n, low, high) => {
    const interval = shareInterval(count, count, n);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it('reaches over all that undecided cases may turn out to be', () => {
    expect(shareInterval(2, 5, 10)).toEqual({ low: shareInterval(2, 2, 10).low, high: shareInterval(5, 5, 10).high });
    expect(shareInterval(0, 10, 10)).toEqual({ low: 0, high: 1 });
  });

  it.each([
    [-1, 1, 3],
    [2, 1, 3],
    [0, 4, 3],
    [0, 0, 0],
  ])('is not of %i to %i of %i', (least, most, n) => {
    expect(() => shareInterval(least, most, n)).toThrow(RangeError);
  });

  it('of what was never seen ends where it would have been seen with the level', () => {
    const share = largestUnseenShare(10);
    expect((1 - share) ** 10).toBeCloseTo(0.05, 12);
  });
});
