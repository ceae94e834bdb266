import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tHalfWidth } from '../student-t.js';
import { bracketedMean } from './bracketed-mean.js';
import type { Bracket } from './event-time.js';
import { meanInterval } from './mean-interval.js';

const LEVEL = 0.95;
const bracket = fc
  .tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 8 }))
  .map(([low, width]): Bracket => ({ low: 30 * low, high: 30 * (low + width) }));

/** The union over placements at ends of brackets, one by one. */
function unionOverEnds(brackets: readonly Bracket[]): Bracket {
  let union: Bracket = { low: Infinity, high: -Infinity };
  for (let choice = 0; choice < 2 ** brackets.length; choice++) {
    const { low, high } = meanInterval(brackets.map((at, index) => ((choice >> index) & 1 ? at.high : at.low))) ?? {
      low: null,
      high: null,
    };
    union = { low: Math.min(union.low, low ?? NaN), high: Math.max(union.high, high ?? NaN) };
  }
  return union;
}

describe('the mean of numbers in brackets', () => {
  it('has the t interval when the numbers are known', () => {
    const values = [280, 310, 345];
    const { mean, low, high } = bracketedMean(
      values.map((value) => ({ low: value, high: value })),
      LEVEL,
    );
    const exact = meanInterval(values);
    expect(mean).toBeCloseTo(exact?.mean ?? NaN, 10);
    expect(low).toBeCloseTo(exact?.low ?? NaN, 8);
    expect(high).toBeCloseTo(exact?.high ?? NaN, 8);
  });

  it('has the union of t intervals over all placements, and hardly more', () => {
    fc.assert(
      fc.property(fc.array(bracket, { minLength: 2, maxLength: 7 }), (brackets) => {
        const { low, high } = bracketedMean(brackets, LEVEL);
        const union = unionOverEnds(brackets);
        expect(low).toBeLessThanOrEqual(union.low + 1e-6);
        expect(high).toBeGreaterThanOrEqual(union.high - 1e-6);
        // One number may be taken as moved in part: that moves the mean by at most width / n, and the half-width by at most unit width.
        const n = brackets.length;
        const most = Math.max(...brackets.map((at) => at.high - at.low)) * (1 / n + (tHalfWidth(1 / Math.sqrt(n - 1), n) ?? NaN));
        expect(union.low - (low ?? NaN)).toBeLessThanOrEqual(most + 1e-6);
        expect((high ?? NaN) - union.high).toBeLessThanOrEqual(most + 1e-6);
      }),
    );
  });

  it('holds the t interval of whatever the numbers are', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(bracket, fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 2, maxLength: 30 }), (placed) => {
        const union = bracketedMean(
          placed.map(([at]) => at),
          LEVEL,
        );
        const truth = meanInterval(placed.map(([{ low, high }, share]) => low + share * (high - low)));
        expect(union.low).toBeLessThanOrEqual((truth?.low ?? NaN) + 1e-6);
        expect(union.high).toBeGreaterThanOrEqual((truth?.high ?? NaN) - 1e-6);
      }),
    );
  });

  it('has a width when all are in the same bracket', () => {
    // Two of three at one end and one at the other: mean 310, deviation 30 / sqrt(3).
    const { low, high } = bracketedMean(Array<Bracket>(3).fill({ low: 300, high: 330 }), LEVEL);
    expect((high ?? NaN) - (low ?? NaN)).toBeGreaterThan(2 * (tHalfWidth(30 / Math.sqrt(3), 3) ?? NaN));
  });

  it('has no interval for one number', () => {
    expect(bracketedMean([{ low: 300, high: 330 }], LEVEL)).toEqual({ n: 1, mean: 315, least: 300, most: 330, low: null, high: null });
  });
});
