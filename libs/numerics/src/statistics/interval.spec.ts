import { describe, expect, it } from 'vitest';
import { meanInterval } from './mean-interval.js';
import { medianTime } from './median-time.js';
import { SHARE, withinRange } from './interval.js';
import { pairedTimes } from './paired-times.js';
import { restrictedMean } from './restricted-mean.js';
import { robustMean } from './robust-mean.js';
import { survival } from './survival.js';

describe('an interval', () => {
  it('is cut to what is possible, and no further', () => {
    expect(withinRange({ low: -0.2, high: 0.4, n: 3 }, SHARE)).toEqual({ low: 0, high: 0.4, n: 3 });
    expect(withinRange({ low: 0.7, high: 1.3 }, SHARE)).toEqual({ low: 0.7, high: 1 });
    expect(withinRange({ low: null, high: null }, SHARE)).toEqual({ low: null, high: null });
    expect(withinRange({ low: -3, high: 9 }, { least: 0, most: Infinity })).toEqual({ low: 0, high: 9 });
  });

  const time = { after: 0, by: 30 };
  it.each([0, 1, -0.5, 95, NaN])('has no level of %f', (level) => {
    const estimators = [
      () => meanInterval([1, 2], level),
      () => robustMean([1, 2], level),
      () => restrictedMean([time], 60, level),
      () => medianTime([time], level),
      () => survival([time], level),
      () => pairedTimes([{ run: time, twin: time }], 60, level),
    ];
    for (const estimator of estimators) expect(estimator).toThrow('the level of an interval must lie between 0 and 1');
  });

  it.each([
    { after: -1, by: 30 },
    { after: 30, by: 30 },
    { after: 30, by: 0 },
    { after: NaN, by: 30 },
    { after: Infinity, by: null },
    { after: 0, by: Infinity },
  ])('is not of the time $after to $by', (bad) => {
    const estimators = [
      () => restrictedMean([bad], 60),
      () => medianTime([bad]),
      () => survival([bad]),
      () => pairedTimes([{ run: time, twin: bad }], 60),
    ];
    for (const estimator of estimators) expect(estimator).toThrow('a time must have');
  });

  it('is not of values that are not finite, and says which', () => {
    expect(() => meanInterval([1, NaN])).toThrow('got NaN at position 1');
    expect(() => robustMean([Infinity])).toThrow('got Infinity at position 0');
  });
});
