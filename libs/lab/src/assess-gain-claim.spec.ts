import { randomStream } from '@airmeta/numerics';
import type { Tradeoff, TradeoffRow } from '@airmeta/spec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assessGainClaim } from './assess-gain-claim.js';
import type { PairedBests } from './ports.js';

const TWIN = 'twin';
const nothing = { accuracy: null, loss: null };
const nowhere = { last: nothing, best: nothing, target: nothing, earlyStop: nothing };

const row = (pointIndex: number, pointId: string, twinPointId: string | null = TWIN, open = 0): TradeoffRow => ({
  ...{ pointId, pointIndex, role: pointId === TWIN ? 'twin' : 'swept', label: `label ${pointId}`, axes: {}, twinPointId },
  runs: { total: 4, completed: 4 - open, diverged: 0, open },
  ...{ roundsToTarget: { estimate: null, censored: 0 }, extraRounds: { estimate: null, censored: 0 } },
  ...{ trainLoss: null, newAgentsLoss: null, newAgentsAccuracy: null, gapLoss: null, gapAccuracy: null, newTasks: nowhere, gains: nowhere },
});

const tradeoffOf = (rows: readonly TradeoffRow[]): Tradeoff => ({ experimentId: 'e', name: 'n', targetTrainLoss: null, rows });
const pairsOf = (pointId: string, gains: readonly number[], parts: Partial<PairedBests> = {}): PairedBests[] =>
  gains.map((gain, replicate) => ({ pointId, replicate, score: 'accuracy', twinBest: 0.5, best: 0.5 + gain, cut: false, ...parts }));

/** Two points and their twin. */
const two = tradeoffOf([row(0, 'a'), row(1, 'b'), row(2, TWIN)]);

describe('a gain within a budget', () => {
  it('is estimated per point, with an interval of its own and one that holds for all', () => {
    const { rows, compared, simultaneousLevel } = assessGainClaim(two, pairsOf('a', [0.01, 0.02, 0.03]), 0.18);
    expect([compared, simultaneousLevel]).toEqual([2, 0.975]);
    // s = 0.01, n = 3: t_{0.975, 2} = 4.30265, and t_{0.9875, 2} = 6.20535 for two points.
    const half = (quantile: number) => (quantile * 0.01) / Math.sqrt(3);
    expect(rows[0].gain).toEqual({
      ...{ mean: expect.closeTo(0.02, 9) as number, n: 3 },
      low: expect.closeTo(0.02 - half(4.30265), 6) as number,
      high: expect.closeTo(0.02 + half(4.30265), 6) as number,
    });
    expect(rows[0].simultaneous).toEqual({
      low: expect.closeTo(0.02 - half(6.20535), 6) as number,
      high: expect.closeTo(0.02 + half(6.20535), 6) as number,
    });
    expect(rows[0].relativeGain?.mean).toBeCloseTo(0.04, 9);
    expect(rows[1]).toMatchObject({ gain: null, simultaneous: null, relativeGain: null, cut: 0 });
  });

  it('counts the pairs that were cut, and leaves out those without a score in the budget', () => {
    const pairs = [...pairsOf('a', [0.1], { cut: true }), ...pairsOf('a', [0.2]), ...pairsOf('a', [0], { best: null, cut: true })];
    const claim = assessGainClaim(two, pairs, 0.18);
    expect(claim.rows[0]).toMatchObject({ cut: 1, gain: { n: 2 } });
    expect(claim.sentence).toContain('In 1 of 2 pairs the run ended before its budget of rounds did');
  });

  it('is of points with a twin other than themselves', () => {
    const claim = assessGainClaim(tradeoffOf([row(0, 'a', null), row(1, 'ideal', 'ideal')]), [], 0.18);
    expect(claim).toMatchObject({
      verdict: 'notShown',
      compared: 0,
      rows: [],
      sentence: expect.stringContaining('no point has') as string,
    });
  });
});

describe('the verdict', () => {
  const verdictOf = (a: readonly number[], b: readonly number[], parts: Partial<PairedBests> = {}) =>
    assessGainClaim(two, [...pairsOf('a', a, parts), ...pairsOf('b', b, parts)], 0.18);
  const good = [0.1, 0.101, 0.102];
  const bad = good.map((gain) => -gain);
  const unsure = [-0.1, 0, 0.1];

  it.each([
    [
      'supported',
      good,
      bad,
      'Supported: new tasks are solved better than by the ideal twin within 18 % more rounds at 1 of 2 points (label a).',
    ],
    ['worse', bad, bad, 'Worse: within 18 % more rounds, all 2 points solve new tasks worse than the ideal twin.'],
    [
      'notShown',
      bad,
      unsure,
      'Not shown: no point is better than its ideal twin within 18 % more rounds beyond what chance explains among 2 points.',
    ],
    [
      'notShown',
      bad,
      [],
      'Not shown: no point is better than its ideal twin within 18 % more rounds beyond what chance explains among 2 points.',
    ],
    [
      'notShown',
      [0.1],
      [0.1],
      'Not shown: there is no interval yet, which takes two replicates that have completed at a point and its twin.',
    ],
  ] as const)('is %s', (verdict, a, b, sentence) => {
    expect(verdictOf(a, b)).toMatchObject({ verdict, sentence });
  });

  it('turns round for losses, of which less is better', () => {
    const of = (gains: readonly number[]) => verdictOf(gains, gains, { score: 'loss' }).verdict;
    expect([of(bad), of(good), of(unsure)]).toEqual(['supported', 'worse', 'notShown']);
  });

  it('says that runs are open', () => {
    expect(assessGainClaim(tradeoffOf([row(0, 'a', TWIN, 2), row(1, TWIN)]), [], 0).sentence).toMatch(
      /2 runs have not ended, so this may change\.$/,
    );
  });

  it('does not depend on the order of pairs, and a wider set of points never narrows an interval', () => {
    const gain = fc.integer({ min: -100, max: 100 }).map((value) => value / 1000);
    fc.assert(
      fc.property(fc.array(gain, { minLength: 2, maxLength: 6 }), fc.array(gain, { maxLength: 6 }), (a, b) => {
        const pairs = [...pairsOf('a', a), ...pairsOf('b', b)];
        const claim = assessGainClaim(two, pairs, 0.18);
        expect(assessGainClaim(two, pairs.toReversed(), 0.18).verdict).toBe(claim.verdict);
        const alone = assessGainClaim(tradeoffOf([row(0, 'a'), row(2, TWIN)]), pairsOf('a', a), 0.18).rows[0].simultaneous;
        const among = claim.rows[0].simultaneous;
        expect((among?.high ?? NaN) - (among?.low ?? NaN)).toBeGreaterThanOrEqual((alone?.high ?? NaN) - (alone?.low ?? NaN));
      }),
    );
  });

  it('is wrongly "supported" in at most 5 % of experiments without any gain', () => {
    const points = 8;
    const replicates = 4;
    const experiments = 2_000;
    const tradeoff = tradeoffOf([...Array.from({ length: points }, (_, index) => row(index, `p${index}`)), row(points, TWIN)]);
    const stream = randomStream(1, 'data');
    let supported = 0;
    for (let experiment = 0; experiment < experiments; experiment++) {
      const pairs = Array.from({ length: points }, (_, index) =>
        pairsOf(
          `p${index}`,
          Array.from({ length: replicates }, () => 0.02 * stream.normal()),
        ),
      ).flat();
      if (assessGainClaim(tradeoff, pairs, 0.18).verdict === 'supported') supported++;
    }
    // One side of the intervals errs in at most 2.5 %; a binomial share of 2,000 is over 2.5 % + 6 deviations with probability 1e-8.
    expect(supported / experiments).toBeLessThan(0.025 + 6 * Math.sqrt((0.025 * 0.975) / experiments));
    expect(supported).toBeGreaterThan(0);
  });
});
