import { describe, expect, it } from 'vitest';
import { tHalfWidth } from '../student-t.js';
import { meanInterval } from './mean-interval.js';
import { robustMean } from './robust-mean.js';
import { tails } from './tails.js';

describe('the mean', () => {
  it('has the t interval', () => {
    const half = tHalfWidth(1, 3) ?? NaN;
    expect(meanInterval([1, 2, 3])).toEqual({ n: 3, mean: 2, low: 2 - half, high: 2 + half });
  });

  it('has no interval for one value, and is not there without any', () => {
    expect(meanInterval([7])).toEqual({ n: 1, mean: 7, low: null, high: null });
    expect(meanInterval([])).toBeNull();
  });
});

describe('the robust mean', () => {
  it('leaves out a quarter at either end, one value at least', () => {
    expect(robustMean([0, 10, 11])).toMatchObject({ n: 3, mean: 10, trimmed: 1 });
    expect(robustMean([-90, 1, 2, 3, 90])).toMatchObject({ mean: 2, trimmed: 1 });
    expect(robustMean([-90, -80, 1, 2, 3, 4, 80, 90])).toMatchObject({ mean: 2.5, trimmed: 2 });
    expect(robustMean([1, 2])).toMatchObject({ mean: 1.5, trimmed: 0 });
    expect(robustMean([])).toBeNull();
  });

  it('has the interval of a trimmed mean from six values on', () => {
    // Left: 2..5; moved: 2, 2, 3, 4, 5, 5 around 3.5, squares 9.5; h = 4, t_{0.975, 3} = 3.18245.
    const half = 3.18245 * Math.sqrt(9.5 / (4 * 3));
    const interval = robustMean([1, 2, 3, 4, 5, 600]);
    expect(interval).toMatchObject({
      mean: 3.5,
      low: expect.closeTo(3.5 - half, 4) as number,
      high: expect.closeTo(3.5 + half, 4) as number,
    });
  });

  it('has the t interval of all values below, which holds the robust mean', () => {
    const values = [0.1, 0.6, 0.61, 0.62, 0.63];
    const { low, high } = meanInterval(values) ?? { low: NaN, high: NaN };
    expect(robustMean(values)).toMatchObject({ low, high, mean: expect.closeTo(0.61, 12) as number });
  });
});

describe('tails', () => {
  it('are heavy with a run that collapsed', () => {
    expect(tails([0.1, 0.6, 0.61, 0.62, 0.63])).toEqual({ n: 5, outliers: 1, below: 1, above: 0, heavyTailed: true });
    expect(tails([0.2, 0.6, 0.61, 0.6, 0.62, 0.63, 0.59, 0.61, 0.6, 0.98])).toMatchObject({ outliers: 2, below: 1, above: 1 });
  });

  it('are not heavy of ordinary, equal, discretised or few values', () => {
    for (const values of [[1, 2, 3, 4, 5], [3, 3, 3, 3], [3, 3, 3, 4], [1, 900], [1], []]) {
      expect(tails(values)).toMatchObject({ n: values.length, outliers: 0, heavyTailed: false });
    }
  });

  it('do not depend on unit and origin', () => {
    const values = [0.1, 0.6, 0.61, 0.62, 0.63];
    expect(tails(values.map((value) => 5 - 1000 * value))).toMatchObject({ below: 0, above: 1 });
  });
});
