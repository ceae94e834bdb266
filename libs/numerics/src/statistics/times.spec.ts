import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventTime } from './event-time.js';
import { medianTime } from './median-time.js';
import { pairedTimes, type TimePair } from './paired-times.js';
import { restrictedMean } from './restricted-mean.js';
import { survival } from './survival.js';

const HORIZON = 600;
const by = (round: number): EventTime => (round === 0 ? { after: 0, by: 0 } : { after: round - 30, by: round });
const NEVER: EventTime = { after: HORIZON, by: null };
const times = (...rounds: (number | null)[]) => rounds.map((round) => (round === null ? NEVER : by(round)));

const someTime = fc.option(fc.integer({ min: 0, max: 20 }).map((index) => 30 * index)).map((round) => (round === null ? NEVER : by(round)));

describe('the restricted mean', () => {
  it('takes times in the middle of their brackets, and the horizon for what was not seen', () => {
    expect(restrictedMean(times(300, 330, null), HORIZON)).toMatchObject({ n: 3, censored: 1, mean: 400, least: 390, most: 410 });
    expect(restrictedMean([], HORIZON)).toBeNull();
    expect(restrictedMean([by(30)], HORIZON)).toMatchObject({ n: 1, mean: 15, low: null, high: null });
  });

  it('knows nothing beyond a smaller horizon', () => {
    expect(restrictedMean(times(300, 330, null), 310)).toMatchObject({ censored: 2, mean: (285 + 305 + 310) / 3, horizon: 310 });
  });

  it('never leaves what is possible, and always has a width', () => {
    fc.assert(
      fc.property(fc.array(someTime, { minLength: 2, maxLength: 12 }), (seen) => {
        const { low, high, mean, least, most } = restrictedMean(seen, HORIZON) ?? {
          low: null,
          high: null,
          mean: NaN,
          least: NaN,
          most: NaN,
        };
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(HORIZON);
        expect(high).toBeGreaterThan(low ?? NaN);
        for (const inside of [mean, least, most]) {
          expect(low).toBeLessThanOrEqual(inside + 1e-9);
          expect(high).toBeGreaterThanOrEqual(inside - 1e-9);
        }
      }),
    );
  });

  it('of runs of which none arrives reaches down as far as runs of which none was seen may move it', () => {
    // With 1 - .05^(1/3) = 63.16 % of all runs at round 0, none of three would be seen in 5 % of experiments.
    expect(restrictedMean(times(null, null, null), HORIZON)).toMatchObject({
      ...{ mean: HORIZON, high: HORIZON },
      low: expect.closeTo(HORIZON * 0.05 ** (1 / 3), 8) as number,
    });
    expect(restrictedMean(times(0, 0, 0), HORIZON)).toMatchObject({
      ...{ mean: 0, low: 0 },
      high: expect.closeTo(HORIZON * (1 - 0.05 ** (1 / 3)), 8) as number,
    });
  });

  it('tells how many more may never arrive', () => {
    expect(restrictedMean(times(...Array<number>(10).fill(300)), HORIZON)?.censoredShare.high).toBeCloseTo(0.3085, 4);
  });

  it.each([0, -1, NaN, Infinity])('has no horizon of %f', (horizon) => {
    expect(() => restrictedMean(times(30), horizon)).toThrow('a horizon must be positive and finite');
  });
});

describe('the median time', () => {
  it('lies between order statistics', () => {
    const seen = times(30, 60, 90, 120, 150, 180, 210, 240, 270, null);
    expect(medianTime(seen)).toEqual({ n: 10, censored: 1, after: 135, by: 165, tooFew: false, low: 30, high: 270 });
  });

  it('has no bound above when too many never arrive', () => {
    expect(medianTime(times(30, 60, 90, 120, null, null))).toMatchObject({ censored: 2, after: 75, by: 105, low: 0, high: null });
    expect(medianTime(times(30, null, null))).toMatchObject({ after: HORIZON, by: null });
  });

  it('says that n is too small', () => {
    expect(medianTime(times(30, 60, 90, 120, 150))).toMatchObject({ tooFew: true, low: null, high: null });
    expect(medianTime([])).toBeNull();
  });
});

describe('survival', () => {
  it('is the share that is not there yet, when all are looked at alike', () => {
    const curve = survival(times(0, 30, 60, 60, null));
    expect(curve.map(({ time, share }) => [time, Number(share.toFixed(9))])).toEqual([
      [0, 0.8],
      [30, 0.6],
      [60, 0.2],
      [HORIZON, 0.2],
    ]);
    // Clopper and Pearson's of one in five.
    expect(curve[2].low).toBeCloseTo(0.0051, 4);
    expect(curve[2].high).toBeCloseTo(0.7164, 4);
  });

  it('is the maximum likelihood estimate where brackets overlap', () => {
    // (0, 2], (1, 3], (2, 4]: mass m1 in (1, 2], m2 in (2, 3]; the likelihood m1 (m1 + m2) m2 is largest at 1/2 each.
    const curve = survival([
      { after: 0, by: 2 },
      { after: 1, by: 3 },
      { after: 2, by: 4 },
    ]);
    expect(curve.map(({ time, share }) => [time, Number(share.toFixed(6))])).toEqual([
      [0, 1],
      [1, 1],
      [2, 0.5],
      [3, 0],
      [4, 0],
    ]);
  });

  it('falls from 1 and stays within its intervals', () => {
    fc.assert(
      fc.property(fc.array(someTime, { minLength: 1, maxLength: 15 }), (seen) => {
        let last = 1;
        for (const { share, low, high } of survival(seen)) {
          expect(share).toBeLessThanOrEqual(last + 1e-9);
          expect(share).toBeGreaterThanOrEqual(low - 1e-9);
          expect(share).toBeLessThanOrEqual(high + 1e-9);
          last = share;
        }
      }),
    );
  });

  it('is nothing without times', () => {
    expect(survival([])).toEqual([]);
  });
});

describe('paired times', () => {
  const pair = (run: number | null, twin: number | null): TimePair => ({ run: times(run)[0], twin: times(twin)[0] });

  it('have a ratio by the logarithms when they are few', () => {
    const { ratio } = pairedTimes([pair(450, 300), pair(480, 330), pair(420, 300)], HORIZON);
    expect(ratio).toMatchObject({ n: 3, of: 'geometricMean' });
    // Times of whole looks: each is in (t - 30, t]. The interval is around the geometric mean, and so is what is shown with it.
    const [from, to] = [(420 / 300) * (450 / 330) * (390 / 300), (450 / 270) * (480 / 300) * (420 / 270)];
    expect([ratio?.least, ratio?.most]).toEqual([expect.closeTo(Math.cbrt(from), 12), expect.closeTo(Math.cbrt(to), 12)]);
    expect(ratio?.low).toBeLessThan(420 / 300);
    expect(ratio?.high).toBeGreaterThan(450 / 300);
  });

  it('have none when a few of them do not arrive, and say so', () => {
    const { ratio, runOnly, twinOnly, neither } = pairedTimes([pair(450, 300), pair(null, 330), pair(420, 300)], HORIZON);
    expect(ratio).toMatchObject({ n: 3, of: 'none', low: null, high: null, least: 420 / 300, most: 450 / 270 });
    expect([runOnly, twinOnly, neither]).toEqual([0, 1, 0]);
  });

  it('are unbounded above, and bounded below, when runs of many do not arrive', () => {
    const late = Array.from({ length: 5 }, () => pair(null, 300));
    const { ratio } = pairedTimes([...late, ...Array.from({ length: 5 }, () => pair(450, 300))], HORIZON);
    expect(ratio).toMatchObject({ n: 10, of: 'median', low: 420 / 300, high: null });
  });

  it('count diverged runs as never there: they are not fast', () => {
    const { ratio, difference } = pairedTimes(
      Array.from({ length: 6 }, () => pair(null, 480)),
      HORIZON,
    );
    expect(ratio).toMatchObject({ low: HORIZON / 480, high: null });
    expect(difference?.mean).toBe(HORIZON - 465);
    expect(difference?.low).toBeGreaterThan(0);
  });

  it('leave out pairs whose twin was there at the start, from the ratio only', () => {
    const { n, twinAtStart, ratio, difference } = pairedTimes([pair(30, 0), pair(60, 30)], HORIZON);
    expect([n, twinAtStart, ratio?.n, difference?.n]).toEqual([2, 1, 1, 2]);
    expect(pairedTimes([pair(30, 0)], HORIZON).ratio).toBeNull();
    expect(pairedTimes([], HORIZON)).toMatchObject({ n: 0, ratio: null, difference: null });
  });

  it('know nothing of a pair of which neither arrives', () => {
    const both = Array.from({ length: 8 }, () => pair(null, null));
    expect(pairedTimes(both, HORIZON)).toMatchObject({ neither: 8, ratio: { least: 0, most: null, low: 0, high: null } });
  });

  it('turn round when run and twin change places', () => {
    const arrives = fc.integer({ min: 2, max: 20 }).map((index) => by(30 * index));
    const maybe = fc.oneof(arrives, fc.constant(NEVER));
    fc.assert(
      fc.property(fc.array(fc.record({ run: maybe, twin: maybe }), { minLength: 1, maxLength: 12 }), (pairs) => {
        const there = pairedTimes(pairs, HORIZON);
        const back = pairedTimes(
          pairs.map(({ run, twin }) => ({ run: twin, twin: run })),
          HORIZON,
        );
        const inverse = (end: number | null | undefined) => (end == null ? 0 : end === 0 ? null : 1 / end);
        const sameAs = (end: number | null) => (end === null ? null : (expect.closeTo(end, 9) as number));
        const [low, high] = [inverse(back.ratio?.high), inverse(back.ratio?.low)];
        if (there.ratio?.of !== 'none') expect([there.ratio?.low, there.ratio?.high]).toEqual([sameAs(low), sameAs(high)]);
        expect(there.difference?.mean).toBeCloseTo(-(back.difference?.mean ?? NaN), 9);
        expect([there.runOnly, there.twinOnly]).toEqual([back.twinOnly, back.runOnly]);
      }),
    );
  });

  it('keep to what is possible', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ run: someTime, twin: someTime }), { minLength: 2, maxLength: 12 }), (pairs) => {
        const { ratio, difference } = pairedTimes(pairs, HORIZON);
        expect(ratio?.low ?? 0).toBeGreaterThanOrEqual(0);
        expect(ratio?.high ?? Infinity).toBeGreaterThanOrEqual(ratio?.low ?? 0);
        expect(difference?.low).toBeGreaterThanOrEqual(-HORIZON);
        expect(difference?.high).toBeLessThanOrEqual(HORIZON);
        expect(difference?.high).toBeGreaterThan(difference?.low ?? NaN);
      }),
    );
  });
});
