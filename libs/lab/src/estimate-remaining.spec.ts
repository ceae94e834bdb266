import { randomStream } from '@airmeta/numerics';
import { describe, expect, it } from 'vitest';
import { estimateRemaining } from './estimate-remaining.js';
import type { RemainingWork } from './ports.js';

const WORK: RemainingWork = { done: 4, roundMs: 10, deviationMs: 2, openRuns: 16, openRounds: 1600, running: 2 };

describe('the time an experiment still takes', () => {
  it('is its open rounds at the mean time of a round, over the runs that run, with a prediction interval', () => {
    // t_{0.975, 3} = 3.18245
    const half = 3.18245 * 2 * 1600 * Math.sqrt(1 / 4 + 1 / 16);
    const { low, high } = estimateRemaining(WORK) ?? { low: NaN, high: NaN };
    expect(low).toBeCloseTo((16_000 - half) / 2, 0);
    expect(high).toBeCloseTo((16_000 + half) / 2, 0);
  });

  it('is no less than nothing', () => {
    expect(estimateRemaining({ ...WORK, deviationMs: 100 })?.low).toBe(0);
  });

  it('has no width where runs take the same time', () => {
    expect(estimateRemaining({ ...WORK, deviationMs: 0 })).toEqual({ low: 8000, high: 8000 });
  });

  it.each<[string, Partial<RemainingWork>]>([
    ['before three runs are done', { done: 2 }],
    ['while none is running', { running: 0 }],
    ['at the end', { running: 0, openRuns: 0, openRounds: 0 }],
    ['without a mean', { roundMs: null, deviationMs: null }],
  ])('is not told %s', (_, less) => {
    expect(estimateRemaining({ ...WORK, ...less })).toBeNull();
  });

  it.each([
    [3, 1],
    [3, 40],
    [10, 10],
  ])('is covered in 19 of 20 sweeps of which %i runs are done and %i are open', (done, openRuns) => {
    const trials = 10_000;
    const stream = randomStream(1, 'data', { round: done, agent: openRuns });
    const rounds = 50;
    const running = 2;
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const times = Array.from({ length: done }, () => 1000 + 20 * stream.normal());
      const mean = times.reduce((sum, time) => sum + time, 0) / done;
      const deviation = Math.sqrt(times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (done - 1));
      const work = { done, roundMs: mean, deviationMs: deviation, openRuns, openRounds: openRuns * rounds, running };
      let actual = 0;
      for (let run = 0; run < openRuns; run++) actual += (rounds * (1000 + 20 * stream.normal())) / running;
      const estimate = estimateRemaining(work);
      if (estimate && estimate.low <= actual && actual <= estimate.high) covered++;
    }
    // A binomial share deviates by sqrt(0.95 * 0.05 / trials); six of these are passed with probability 2e-9.
    expect(Math.abs(covered / trials - 0.95)).toBeLessThan(6 * Math.sqrt((0.95 * 0.05) / trials));
  });
});
