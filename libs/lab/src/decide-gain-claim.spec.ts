import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClaimPoint, ClaimRun } from './claim-run.js';
import { decideGainClaim } from './decide-gain-claim.js';

const TWIN = 'twin';
const ROUNDS = [0, 10, 20, 30, 40];
/** Starts at chance, is best at round 30 and falls again. */
const CURVE = [0.2, 0.4, 0.5, 0.6, 0.5];
const WITHIN = "at rounds chosen on other tasks and replicates, up to 18 % beyond the twins' best round";
const QUESTION = { score: 'accuracy', budget: 0.18 } as const;

const point = (pointIndex: number, replicates: number, pointId = `point ${pointIndex}`): ClaimPoint => ({
  ...{ pointId, pointIndex, label: `label ${pointIndex}`, againstPointId: TWIN, replicates },
});

/** A run on the curve; replicates differ a little, as runs do. */
const run = (pointId: string, replicate: number, gain = 0, parts: Partial<ClaimRun> = {}): ClaimRun => {
  const scores = CURVE.map((score, index) => score + (index === 0 ? 0 : gain + 0.001 * ((replicate * 7) % 5)));
  return { pointId, replicate, diverged: false, rounds: ROUNDS, choice: scores, judge: scores, ...parts };
};

const twins = (n: number) => Array.from({ length: n }, (_, replicate) => run(TWIN, replicate));
/** Gains differ a little from replicate to replicate. */
const runsOf = (pointId: string, n: number, gain: number, parts: Partial<ClaimRun> = {}) =>
  Array.from({ length: n }, (_, replicate) => run(pointId, replicate, gain + 0.0005 * (replicate % 3), parts));

/** Diverged after its first two evaluated rounds. */
const DIVERGED = { diverged: true, rounds: [0, 10], choice: [0.2, 0.1], judge: [0.2, 0.1] };

describe('a gain within a budget', () => {
  it('is judged at rounds that other replicates and other tasks choose', () => {
    // Judge halves say round 10, and so does the choice half of replicate 0: neither is asked for replicate 0 and the other even ones.
    const judge = [0.2, 0.9, 0.5, 0.6, 0.5];
    const odd = [0.2, 0.4, 0.5, 0.6, 0.5];
    const even = [0.2, 0.4, 0.7, 0.6, 0.5];
    const runs = [TWIN, 'point 0'].flatMap((id) =>
      [0, 1, 2, 3].map((replicate) => run(id, replicate, 0, { choice: replicate % 2 === 0 ? even : odd, judge })),
    );
    const { findings } = decideGainClaim([point(0, 4)], runs, QUESTION);
    expect(findings[0]).toMatchObject({ twinRounds: { low: 20, high: 30 }, runRounds: { low: 20, high: 30 }, twinBest: { mean: 0.55 } });
  });

  it('keeps a replicate in its half, whatever became of the others', () => {
    // Even replicates choose round 20 and odd ones round 30; without replicate 1, replicate 2 is still even.
    const judge = [0.2, 0.9, 0.5, 0.6, 0.5];
    const choice = (replicate: number) => (replicate % 2 === 0 ? [0.2, 0.4, 0.7, 0.6, 0.5] : [0.2, 0.4, 0.5, 0.6, 0.5]);
    const decide = (replicates: readonly number[]) => {
      const runs = [TWIN, 'point 0'].flatMap((id) => replicates.map((each) => run(id, each, 0, { choice: choice(each), judge })));
      return decideGainClaim([point(0, 4)], runs, QUESTION);
    };
    // Replicates 0 and 2 are judged at round 30, with .6, and replicate 3 at round 20, with .5.
    expect(decide([0, 2, 3]).findings[0].twinBest?.mean).toBeCloseTo((0.6 + 0.6 + 0.5) / 3, 12);
    const alone = decide([0, 2]);
    expect(alone.findings[0]).toMatchObject({ gain: null, simultaneous: null, counts: { pairs: 0, missing: 2, unscored: 2 } });
    expect(alone.sentence).toContain('there is no interval yet, which takes an even and an odd replicate with results');
  });

  it('has a mean relative gain over twins with a positive score, and no interval of it', () => {
    const judge = (score: number) => ({ judge: ROUNDS.map(() => score) });
    const runs = [0.5, 0.4, 0].flatMap((score, replicate) => [
      run(TWIN, replicate, 0, judge(score)),
      run('point 0', replicate, 0, judge(score + 0.1)),
    ]);
    // .1 / .5 and .1 / .4; the third twin has a score of 0.
    expect(decideGainClaim([point(0, 3)], runs, QUESTION).findings[0].relativeGain).toMatchObject({
      ...{ mean: expect.closeTo((0.2 + 0.25) / 2, 12) as number, n: 2, low: null, high: null, robust: null },
    });
  });

  it('leaves the point the rounds of the budget, and the twin all of its own', () => {
    // The point is better still at round 40, which 18 % more than 30 rounds do not reach, and 34 % do.
    const late = [0.2, 0.4, 0.5, 0.61, 0.9];
    const runs = [...twins(4), ...[0, 1, 2, 3].map((replicate) => run('point 0', replicate, 0, { choice: late, judge: late }))];
    const roundsWithin = (budget: number) => decideGainClaim([point(0, 4)], runs, { ...QUESTION, budget }).findings[0].runRounds;
    expect(roundsWithin(0.18)).toEqual({ low: 30, high: 30 });
    expect(roundsWithin(1 / 3)).toEqual({ low: 40, high: 40 });
  });

  it('has an interval that reaches over the differences at one and the same round', () => {
    const { findings } = decideGainClaim([point(0, 5)], [...twins(5), ...runsOf('point 0', 5, 0.05)], QUESTION);
    const { gain, atRunRound, atTwinRound } = findings[0];
    expect(gain).toMatchObject({ n: 5, mean: expect.closeTo(0.0504, 6) as number });
    expect(gain?.low).toBe(atRunRound?.low);
    expect(gain?.high).toBe(atTwinRound?.high);
  });

  it('cannot be at another round only: an equal curve that is chosen off its peak gains and loses nothing', () => {
    // The twin's choice half misses the peak, as that of a noisy run does.
    const missing = [0.2, 0.4, 0.9, 0.6, 0.5];
    const noisyTwin = Array.from({ length: 6 }, (_, replicate) => run(TWIN, replicate, 0, { choice: missing }));
    const equal = Array.from({ length: 6 }, (_, replicate) => run('point 0', replicate));
    const question = { ...QUESTION, budget: 0.5 };
    const better = decideGainClaim([point(0, 6)], [...noisyTwin, ...equal], question);
    expect(better.findings[0]).toMatchObject({ gain: { mean: expect.closeTo(0.1, 9) as number, low: 0 }, verdict: 'notShown' });
    const noisyPoint = Array.from({ length: 6 }, (_, replicate) => run('point 0', replicate, 0, { choice: missing }));
    const worse = decideGainClaim([point(0, 6)], [...twins(6), ...noisyPoint], question);
    expect(worse.findings[0]).toMatchObject({ gain: { mean: expect.closeTo(-0.1, 9) as number, high: 0 }, verdict: 'notShown' });
  });

  it('has a wider simultaneous interval the more points there are, results or not', () => {
    const widthAmong = (m: number) => {
      const points = Array.from({ length: m }, (_, index) => point(index, 5));
      const { simultaneousLevel, findings } = decideGainClaim(points, [...twins(5), ...runsOf('point 0', 5, 0.05)], QUESTION);
      expect(simultaneousLevel).toBeCloseTo(1 - 0.05 / m, 12);
      return (findings[0].simultaneous?.high ?? NaN) - (findings[0].simultaneous?.low ?? NaN);
    };
    expect(widthAmong(2)).toBeGreaterThan(widthAmong(1));
    expect(widthAmong(10)).toBeGreaterThan(widthAmong(2));
  });

  it('of accuracies never leaves the possible', () => {
    const apart = [0, 1, 2].map((replicate) => run('point 0', replicate, 0, { judge: ROUNDS.map(() => (replicate === 1 ? 1 : 0)) }));
    const { findings } = decideGainClaim([point(0, 3)], [...twins(3), ...apart], QUESTION);
    expect(findings[0]).toMatchObject({ best: { low: 0, high: 1 }, gain: { low: -1, high: 1 }, simultaneous: { low: -1, high: 1 } });
  });

  it('shows a gain far off the others, with the robust gain', () => {
    const runs = [...twins(8), ...runsOf('point 0', 7, 0.02), run('point 0', 7, 0, { judge: [0.2, 0.2, 0.2, 0.2, 0.2] })];
    expect(decideGainClaim([point(0, 8)], runs, QUESTION).findings[0]).toMatchObject({
      verdict: 'notShown',
      gain: { n: 8, outliers: 1, heavyTails: true, robust: { value: expect.closeTo(0.0204, 3) as number } },
    });
  });
});

describe('divergence', () => {
  it('counts against a point: four better survivors of ten support nothing', () => {
    const mixed = runsOf('point 0', 10, 0.02).map((each) => (each.replicate < 6 ? { ...each, ...DIVERGED } : each));
    const { verdict, sentence, findings } = decideGainClaim([point(0, 10)], [...twins(10), ...mixed], QUESTION);
    expect(verdict).toBe('worse');
    expect(findings[0].counts).toMatchObject({ planned: 10, pairs: 10, diverged: 6 });
    expect(sentence).toContain("In 6 of 10 pairs the point's run diverged: it counts with its score before learning");
  });

  it('of both counts against the point as well: no gain, and never supported where it is the rule', () => {
    const bothUpTo = (count: number) =>
      [...twins(10), ...runsOf('point 0', 10, 0.05)].map((each) => (each.replicate < count ? { ...each, ...DIVERGED } : each));
    const six = decideGainClaim([point(0, 10)], bothUpTo(6), QUESTION);
    // Gains of replicates 6 to 9 are .05, .0505, .051 and .05, of the others 0.
    expect(six.findings[0]).toMatchObject({
      ...{ verdict: 'notShown', gain: { n: 10, mean: expect.closeTo(0.2015 / 10, 9) as number } },
      counts: { planned: 10, pairs: 10, diverged: 6, bothDiverged: 6, twinDiverged: 0, missing: 0, unscored: 0 },
    });
    expect(six.sentence).toContain(
      "In 6 of 10 pairs the point's run diverged (in 6 of them the twin's too): it counts with its score before",
    );
    expect(decideGainClaim([point(0, 10)], bothUpTo(2), QUESTION).verdict).toBe('supported');
  });

  it('of half of the runs of both supports nothing, however alike the gains of the others are', () => {
    // Gains of .05 in five of ten: .025 +- 2.262 * .02635 / sqrt(10), which is .0062 to .0438.
    const runs = [...twins(10), ...Array.from({ length: 10 }, (_, replicate) => run('point 0', replicate, 0.05))];
    const half = runs.map((each) => (each.replicate < 5 ? { ...each, ...DIVERGED } : each));
    const { findings } = decideGainClaim([point(0, 10)], half, QUESTION);
    expect(findings[0].simultaneous?.low).toBeGreaterThan(0);
    expect(findings[0].verdict).toBe('notShown');
  });

  it('of both without a score before learning supports nothing', () => {
    const nowhere = { diverged: true, rounds: [], choice: [], judge: [] };
    const runs = [...twins(10), ...runsOf('point 0', 10, 0.05)].map((each) => (each.replicate === 9 ? { ...each, ...nowhere } : each));
    const { verdict, sentence, findings } = decideGainClaim([point(0, 10)], runs, QUESTION);
    expect(findings[0]).toMatchObject({ counts: { pairs: 9, diverged: 1, bothDiverged: 1, unscored: 1 } });
    expect(verdict).toBe('notShown');
    expect(sentence).toContain("In 1 of 10 pairs the point's run diverged (in 1 of them the twin's too)");
  });

  it('counts with the score before learning, and never as better than the twin', () => {
    const early = { ...DIVERGED, judge: [0.95, 0.1] };
    const runs = [...twins(4), ...[0, 1, 2, 3].map((replicate) => run('point 0', replicate, 0, replicate === 0 ? DIVERGED : early))];
    const { findings } = decideGainClaim([point(0, 4)], runs, QUESTION);
    // .2 against .6 for the first, 0 for the others.
    expect(findings[0].gain?.mean).toBeCloseTo(-0.4 / 4, 9);
    expect(findings[0].verdict).toBe('notShown');
  });

  it('of every run of a point is worse, not missing', () => {
    const all = runsOf('point 0', 5, 0, DIVERGED);
    expect(decideGainClaim([point(0, 5)], [...twins(5), ...all], QUESTION)).toMatchObject({ verdict: 'worse' });
  });

  it('without a score before learning supports nothing', () => {
    const nowhere = { diverged: true, rounds: [], choice: [], judge: [] };
    const runs = [...twins(10), ...runsOf('point 0', 9, 0.05), run('point 0', 9, 0, nowhere)];
    const { verdict, sentence, findings } = decideGainClaim([point(0, 10)], runs, QUESTION);
    expect(findings[0].simultaneous?.low).toBeGreaterThan(0);
    expect([verdict, findings[0].counts.unscored]).toEqual(['notShown', 1]);
    expect(sentence).toContain('1 pair is left out without scores on both halves of the new tasks');
  });

  it('of twins leaves nothing to compare with, and no point is worse for what is left', () => {
    const some = twins(6).map((twin) => (twin.replicate < 2 ? { ...twin, ...DIVERGED } : twin));
    const decide = (gain: number) => decideGainClaim([point(0, 6)], [...some, ...runsOf('point 0', 6, gain)], QUESTION);
    expect(decide(-0.1)).toMatchObject({ verdict: 'notShown', findings: [{ counts: { pairs: 4, twinDiverged: 2, missing: 0 } }] });
    expect(decide(0.1)).toMatchObject({ verdict: 'supported' });
    expect(decide(0.1).sentence).toContain('2 pairs are left out because only the ideal twin diverged');
  });
});

describe('the verdict', () => {
  const decide = (gains: readonly number[], question: Parameters<typeof decideGainClaim>[2] = QUESTION, n = 5) =>
    decideGainClaim(
      gains.map((_, index) => point(index, n)),
      [...twins(n), ...gains.flatMap((gain, index) => runsOf(`point ${index}`, n, gain))],
      question,
    );

  it.each([
    ['supported', [0.05, -0.05], `Supported: new tasks are solved better than by the ideal twin at 1 of 2 points (label 0), ${WITHIN}.`],
    ['worse', [-0.05, -0.06], `Worse: all 2 points solve new tasks worse than the ideal twin, ${WITHIN}.`],
    ['worse', [-0.05], `Worse: the point solves new tasks worse than the ideal twin, ${WITHIN}.`],
    [
      'notShown',
      [-0.05, -0.0005],
      `Not shown: no point is better than the ideal twin beyond what chance explains among 2 points, ${WITHIN}.`,
    ],
    ['notShown', [], 'Not shown: no point can be compared with the ideal twin.'],
  ] as const)('is %s of gains %j', (verdict, gains, sentence) => {
    expect(decide(gains)).toMatchObject({ verdict, sentence });
  });

  it('names what points are compared with', () => {
    expect(decide([0.05], { ...QUESTION, against: 'the gain-matched twin' }).sentence).toContain('better than by the gain-matched twin');
  });

  it('counts and names points that tuning has not decided, and is never worse for all while there are some', () => {
    const undecided = { ...QUESTION, undecided: ['label 7'] };
    const better = decide([0.05], undecided);
    expect(better).toMatchObject({ compared: 2, simultaneousLevel: 0.975, verdict: 'supported' });
    expect(better.sentence).toContain('at 1 of 2 points (label 0)');
    expect(better.sentence).toContain('Tuning has not chosen a value at label 7: not every replicate that chooses has a result');
    expect(decide([-0.05], undecided).verdict).toBe('notShown');
    expect(decide([], undecided).sentence).toMatch(/^Not shown: nothing is compared with the ideal twin yet\. Tuning has not chosen/);
  });

  it('tells heavy tails where it rests on them', () => {
    const far = [...twins(10), ...runsOf('point 0', 9, 0.02), run('point 0', 9, 0.04)];
    const { verdict, sentence } = decideGainClaim([point(0, 10)], far, QUESTION);
    expect(verdict).toBe('supported');
    expect(sentence).toContain('Gains have heavy tails at label 0: some lie far from the others');
    expect(decide([0.05]).sentence).not.toContain('heavy tails');
  });

  it('tells what is missing, cut and open', () => {
    const runs = [...twins(5).slice(1), ...runsOf('point 0', 4, 0)];
    const { sentence, findings } = decideGainClaim([point(0, 6)], runs, { ...QUESTION, budget: 1, open: 2 });
    expect(findings[0].counts).toEqual({
      planned: 6,
      pairs: 3,
      diverged: 0,
      bothDiverged: 0,
      twinDiverged: 0,
      missing: 3,
      unscored: 0,
      cut: 3,
    });
    expect(sentence).toContain(
      'best round. 3 of 6 planned pairs have no result of both runs. ' +
        'In 3 of 3 pairs the run ended before its budget of rounds did, which can hide a gain: run longer. 2 runs have not ended, so this may change.',
    );
  });

  it.each([
    ['one replicate', [...twins(1), run('point 0', 0)]],
    ['nothing', []],
    [
      'one new task, which makes no halves',
      [...twins(4), ...runsOf('point 0', 4, 0.1)].map((each) => ({ ...each, choice: CURVE.map(() => null), judge: CURVE.map(() => null) })),
    ],
  ])('is not there yet with %s', (_, runs) => {
    const { verdict, sentence } = decideGainClaim([point(0, 4)], runs, QUESTION);
    expect(verdict).toBe('notShown');
    expect(sentence).toContain('there is no interval yet, which takes an even and an odd replicate');
  });

  it('of losses is that of the same numbers turned round, and does not depend on the order of runs', () => {
    const score = fc.integer({ min: 0, max: 100 }).map((value) => value / 100);
    const series = fc.array(score, { minLength: ROUNDS.length, maxLength: ROUNDS.length });
    const record = fc.record({ choice: series, judge: series, diverged: fc.boolean() });
    fc.assert(
      fc.property(fc.array(fc.record({ run: record, twin: record }), { maxLength: 7 }), (drawn) => {
        const runs = drawn.flatMap((pair, replicate): ClaimRun[] => [
          { pointId: 'point 0', replicate, rounds: ROUNDS, ...pair.run },
          { pointId: TWIN, replicate, rounds: ROUNDS, ...pair.twin, diverged: pair.twin.diverged && replicate > 4 },
        ]);
        const turned = (values: ClaimRun['choice']) => values.map((value) => 1 - (value ?? NaN));
        const losses = runs.map((each) => ({ ...each, choice: turned(each.choice), judge: turned(each.judge) }));
        const points = [point(0, drawn.length)];
        const accuracy = decideGainClaim(points, runs, QUESTION);
        const loss = decideGainClaim(points, losses.toReversed(), { ...QUESTION, score: 'loss' });
        expect(loss.verdict).toBe(accuracy.verdict);
        expect(loss.sentence).toBe(accuracy.sentence);
        const closeTo = (value: number) => expect.closeTo(value, 9) as number;
        const gain = accuracy.findings[0].gain;
        if (gain === null) expect(loss.findings[0].gain).toBeNull();
        else expect(loss.findings[0].gain?.mean).toEqual(closeTo(-gain.mean));
      }),
    );
  });

  it('refuses what cannot be', () => {
    expect(() => decideGainClaim([], [run('a', 1), run('a', 1)], QUESTION)).toThrow('two runs of point a, replicate 1');
    expect(() => decideGainClaim([], [run('a', 1, 0, { judge: [] })], QUESTION)).toThrow('point a, replicate 1 are not one per round');
    expect(() => decideGainClaim([], [], { ...QUESTION, budget: -1 })).toThrow('at least 0, got -1');
  });
});
