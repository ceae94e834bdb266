import type { Tradeoff } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import type { ClaimRun } from './claim-run.js';
import { figurePosition } from './figures/index.js';
import { claimScoreOf, gainClaim } from './gain-claim.js';
import { assessTradeoff, TRADEOFF_FIGURES, type TradeoffPoint, type TradeoffRun, type TuningRule } from './trade-off/index.js';

const REPLICATES = 10;
const ROUNDS = [0, 10, 20, 30];

const point = (pointIndex: number, pointId: string, parts: Partial<TradeoffPoint> = {}): TradeoffPoint => ({
  ...{ pointId, pointIndex, role: pointId === 'twin' ? 'twin' : 'swept', label: `label ${pointId}`, axes: {}, open: [] },
  ...{ twinPointId: 'twin', matchedTwinPointId: null },
  ...parts,
});

/** A run with the figures that are named; the others it has none of. */
function figured(pointId: string, replicate: number, named: Readonly<Record<string, number>>, diverged = false): TradeoffRun {
  const figures = Float64Array.from(TRADEOFF_FIGURES, (position) => {
    const name = Object.keys(named).find((known) => figurePosition(known) === position);
    return name === undefined ? NaN : named[name];
  });
  return { pointId, replicate, diverged, figures };
}

/** A run whose accuracy is `before` until round 10 and `after` from then on, on both halves. */
function scored(pointId: string, replicate: number, after: number, diverged = false): ClaimRun {
  const scores = [0.2, after, after, after];
  return { pointId, replicate, diverged, rounds: ROUNDS, choice: scores, judge: scores };
}

const replicates = Array.from({ length: REPLICATES }, (_, replicate) => replicate);
/** Differences between seeds, so that intervals have a width. */
const wobble = (replicate: number) => 0.001 * (replicate % 3);

function tradeoffOf(runs: readonly TradeoffRun[], tuning: TuningRule | null = null, points = [point(0, 'a'), point(1, 'twin')]): Tradeoff {
  const input = { experimentId: 'e', name: 'n', replicates: REPLICATES, targetTrainLoss: null, tuning, points, runs };
  return assessTradeoff(input, tuning === null ? 'ideal' : 'tuned');
}

const bothSides = (updateGain: number) =>
  replicates.flatMap((replicate) => [
    figured('a', replicate, { newTasksAccuracyAtLast: 0.6, newTasksLossAtLast: 1, updateGain }),
    figured('twin', replicate, { newTasksAccuracyAtLast: 0.5, newTasksLossAtLast: 1, updateGain: 1 }),
  ]);

describe('a claim', () => {
  it('is decided by accuracies, or by losses when some point has none', () => {
    expect(claimScoreOf(tradeoffOf(bothSides(1)))).toBe('accuracy');
    expect(claimScoreOf(tradeoffOf(replicates.map((replicate) => figured('a', replicate, { newTasksLossAtLast: 1 }))))).toBe('loss');
    expect(claimScoreOf(tradeoffOf([]))).toBe('loss');
  });

  it('is of swept points: a gain-matched twin that beats the ideal one shows nothing of a channel', () => {
    const points = [point(0, 'a'), point(1, 'twin'), point(2, 'matched', { role: 'matched' })];
    const figures = [...bothSides(1), ...replicates.map((replicate) => figured('matched', replicate, { newTasksAccuracyAtLast: 0.9 }))];
    const runs = replicates.flatMap((replicate) => [
      ...[scored('a', replicate, 0.499 + wobble(replicate)), scored('twin', replicate, 0.5)],
      scored('matched', replicate, 0.9 + wobble(replicate)),
    ]);
    const { compared, verdict, rows } = gainClaim(tradeoffOf(figures, null, points), runs, 0.18);
    expect({ compared, points: rows.map(({ pointId }) => pointId) }).toEqual({ compared: 1, points: ['a'] });
    expect(verdict).not.toBe('supported');
  });

  it('that holds says so, and what else the gain may come from', () => {
    const runs = replicates.flatMap((replicate) => [scored('a', replicate, 0.7 + wobble(replicate)), scored('twin', replicate, 0.5)]);
    const claim = gainClaim(tradeoffOf(bothSides(0.39)), runs, 0.18);
    expect(claim).toMatchObject({ against: 'ideal', verdict: 'supported', compared: 1, budget: 0.18 });
    expect(claim.sentence).toContain(
      'Supported: new tasks are solved better than by the ideal twin at 1 of 1 point (label a), at rounds chosen on other tasks and replicates',
    );
    expect(claim.sentence).toContain('At label a: The update arrives multiplied by 0.39 on average, that of the ideal twin by 1');
    expect(claim.rows[0]).toMatchObject({
      ...{ pointId: 'a', twinPointId: 'twin', score: 'accuracy', updateGain: { n: 10 }, twinUpdateGain: { mean: 1 } },
      ...{ counts: { pairs: 10, diverged: 0 }, caveats: [{ kind: 'updateGain' }, { kind: 'noHalves' }] },
    });
    expect(gainClaim(tradeoffOf(bothSides(0.95)), runs, 0.18).sentence).not.toContain('multiplied');
  });

  it('is never supported when 6 of 10 runs diverged, however good the other four are', () => {
    const diverged = (replicate: number) => replicate < 6;
    const runs = replicates.flatMap((replicate) => [
      scored('a', replicate, 0.7 + wobble(replicate), diverged(replicate)),
      scored('twin', replicate, 0.5),
    ]);
    const figures = replicates.flatMap((replicate) => [
      figured('a', replicate, diverged(replicate) ? {} : { newTasksAccuracyAtLast: 0.7, newTasksLossAtLast: 1 }, diverged(replicate)),
      figured('twin', replicate, { newTasksAccuracyAtLast: 0.5, newTasksLossAtLast: 1 }),
    ]);
    const tradeoff = tradeoffOf(figures);
    expect(tradeoff.rows[0].pairs).toEqual({ completed: 4, diverged: 6, twinDiverged: 0, unpaired: 0 });
    const claim = gainClaim(tradeoff, runs, 0.18);
    expect(claim.verdict).not.toBe('supported');
    expect(claim.sentence).toContain("In 6 of 10 pairs the point's run diverged");
  });

  it('is of swept points alone: a gain-matched twin that does well supports nothing about a channel', () => {
    const points = [point(0, 'a'), point(1, 'twin'), point(2, 'm', { role: 'matched' })];
    const figures = ['a', 'twin', 'm'].flatMap((id) =>
      replicates.map((replicate) => figured(id, replicate, { newTasksAccuracyAtLast: 0.5, newTasksLossAtLast: 1 })),
    );
    const runs = replicates.flatMap((replicate) => [
      scored('a', replicate, replicate % 2 === 0 ? 0.499 : 0.501),
      scored('twin', replicate, 0.5),
      scored('m', replicate, 0.9 + wobble(replicate)),
    ]);
    const claim = gainClaim(tradeoffOf(figures, null, points), runs, 0.18);
    expect(claim.rows.map(({ pointId }) => pointId)).toEqual(['a']);
    expect(claim).toMatchObject({ compared: 1, verdict: 'notShown' });
  });

  it('says that it may change while runs are open', () => {
    const open = tradeoffOf([], null, [point(0, 'a', { open: replicates }), point(1, 'twin', { open: replicates })]);
    expect(gainClaim(open, [], 0).sentence).toContain('20 runs have not ended, so this may change.');
    expect(gainClaim(open, [], 0)).toMatchObject({ verdict: 'notShown', compared: 1 });
  });

  it('against tuned points is judged on the replicates that did not choose', () => {
    const points = [
      ...[1, 2].map((step) => point(step - 1, `a${step}`, { axes: { step }, twinPointId: `twin${step}` })),
      ...[1, 2].map((step) => point(step + 1, `twin${step}`, { axes: { step }, twinPointId: `twin${step}`, role: 'twin' })),
    ];
    const ids = points.map(({ pointId }) => pointId);
    const best = new Set(['a2', 'twin1']);
    const figures = replicates.flatMap((replicate) =>
      ids.map((id) =>
        figured(id, replicate, {
          newTasksAccuracyAtLast: 0.5,
          newTasksLossAtLast: 1,
          newTasksChoiceAccuracyAtBest: best.has(id) ? 0.6 : 0.5,
        }),
      ),
    );
    const tradeoff = tradeoffOf(figures, { axis: 'step', replicates: 2, by: 'new-tasks' }, points);
    const runs = replicates.flatMap((replicate) => ids.map((id) => scored(id, replicate, id === 'a2' ? 0.7 + wobble(replicate) : 0.5)));
    const claim = gainClaim(tradeoff, runs, 0.18);
    expect(claim).toMatchObject({
      ...{ against: 'tuned', verdict: 'supported', compared: 1 },
      rows: [{ pointId: 'a2', twinPointId: 'twin1', counts: { planned: 8, pairs: 8 } }],
    });
    expect(claim.sentence).toContain('the tuned ideal twin');
    expect(claim.sentence).toContain(
      'The best value of step is at the end of its axis, and a better one may lie beyond: label a2 (the point at 2, the twin at 1).',
    );
  });

  it('keeps a point whose value is not chosen among those that the best is picked from', () => {
    const points = ['a', 'b'].flatMap((id, which) =>
      [1, 2, 3].map((step) => point(3 * which + step - 1, `${id}${step}`, { axes: { id, step }, twinPointId: `twin${step}` })),
    );
    const twins = [1, 2, 3].map((step) => point(5 + step, `twin${step}`, { axes: { step }, twinPointId: `twin${step}`, role: 'twin' }));
    const ids = [...points, ...twins].map(({ pointId }) => pointId);
    // Value 2 is the best of all; the run of b3 that helps to choose has failed.
    const figures = replicates
      .flatMap((replicate) =>
        ids.map((id) =>
          figured(id, replicate, {
            ...{ newTasksAccuracyAtLast: 0.5, newTasksLossAtLast: 1 },
            newTasksChoiceAccuracyAtBest: id.endsWith('2') ? 0.6 : 0.5,
          }),
        ),
      )
      .filter(({ pointId, replicate }) => pointId !== 'b3' || replicate !== 1);
    const tradeoff = tradeoffOf(figures, { axis: 'step', replicates: 2, by: 'new-tasks' }, [...points, ...twins]);
    expect(tradeoff.rows.map(({ tuned }) => tuned)).toEqual([
      { value: 2, twinValue: 2, atEnd: false, twinAtEnd: false },
      null,
      { value: 2, twinValue: 2, atEnd: false, twinAtEnd: false },
    ]);
    const runs = replicates.flatMap((replicate) => ids.map((id) => scored(id, replicate, id === 'a2' ? 0.7 + wobble(replicate) : 0.5)));
    const claim = gainClaim(tradeoff, runs, 0.18);
    expect(claim).toMatchObject({ compared: 2, simultaneousLevel: 0.975, verdict: 'supported', rows: [{ pointId: 'a2' }] });
    expect(claim.sentence).toContain('at 1 of 2 points (label a2)');
    expect(claim.sentence).toContain('Tuning has not chosen a value at label b1:');
    expect(claim.sentence).not.toContain('end of its axis');
  });
});

describe('a trade-off', () => {
  it('tells what differs between its points', () => {
    const points = [point(0, 'a'), point(1, 'b'), point(2, 'twin')];
    const runs = replicates.flatMap((replicate) => [
      figured('a', replicate, { newTasksLossAtLast: 1, energyJoule: 1, channelUses: 100, silentAgents: 1 }),
      figured('b', replicate, { newTasksLossAtLast: 1, energyJoule: 2, channelUses: 105, silentAgents: 0.5 }),
    ]);
    const { caveats, rows } = tradeoffOf(runs, null, points);
    expect(caveats).toEqual([
      { kind: 'channelUses', message: "The ideal twin uses no channel: neither energy nor channel uses are equal to a point's." },
      { kind: 'energy', message: 'Points spend different energy, 1 to 2 J.' },
    ]);
    expect(rows[0].caveats).toContainEqual({
      kind: 'neverSent',
      message: 'In 10 of 10 runs no agent ever sent: nothing was learned from anybody.',
    });
    expect(rows[1].caveats.map(({ kind }) => kind)).toEqual(['unpaired', 'noHalves']);
  });

  it('chooses nothing before the replicates that choose have ended', () => {
    const rule = { axis: 'step', replicates: 2, by: 'new-tasks' } as const;
    const runs = [figured('a', 0, { newTasksChoiceLossAtBest: 1 })];
    const { rows } = tradeoffOf(runs, rule, [point(0, 'a', { axes: { step: 1 } }), point(1, 'twin', { axes: { step: 1 } })]);
    expect(rows[0]).toMatchObject({ tuned: null, twinPointId: null, pairs: null, caveats: [{ kind: 'notTuned' }] });
  });

  it('says where the value that tuning chose is the last one of its axis', () => {
    const rule = { axis: 'step', replicates: 2, by: 'new-tasks' } as const;
    const points = [1, 2].map((step) => point(step - 1, `a${step}`, { axes: { step }, twinPointId: null }));
    const runs = replicates.flatMap((replicate) =>
      points.map(({ pointId }) => figured(pointId, replicate, { newTasksChoiceLossAtBest: pointId === 'a2' ? 1 : 2 })),
    );
    const { rows } = tradeoffOf(runs, rule, points);
    expect(rows[0]).toMatchObject({ pointId: 'a2', tuned: { value: 2, atEnd: true } });
    expect(rows[0].caveats[0]).toEqual({
      kind: 'tunedAtEnd',
      message: 'The best value of step is at the end of its axis, the point at 2: a better one may lie beyond.',
    });
  });

  it('chooses by rounds to a target that all values share, and prefers what does not diverge', () => {
    const points = [1, 2, 3].map((step) => point(step - 1, `a${step}`, { axes: { step }, twinPointId: null }));
    const time = (id: string, replicate: number, after: number, diverged = false) => {
      const run = figured(id, replicate, { newTasksLossAtLast: 1 }, diverged);
      return { ...run, figures: Float64Array.of(...run.figures.slice(0, -2), after, diverged ? NaN : after + 10) };
    };
    const runs = [time('a1', 0, 20), time('a2', 0, 10), time('a3', 0, 0, true)];
    const tuning = { axis: 'step', replicates: 1, by: 'rounds-to-target' } as const;
    const input = { experimentId: 'e', name: 'n', replicates: 2, targetTrainLoss: 1, tuning, points, runs };
    expect(assessTradeoff(input, 'tuned').rows).toMatchObject([{ pointId: 'a2', tuned: { value: 2 } }]);
    expect(() => assessTradeoff({ ...input, targetTrainLoss: null }, 'tuned')).toThrow('it takes a targetTrainLoss');
  });

  it('leaves no interval outside of what is possible', () => {
    const scores = [1, 1, 1, 0.4];
    const runs = scores.map((score, replicate) =>
      figured('a', replicate, { newTasksAccuracyAtLast: score, newTasksLossAtLast: 1 - score }),
    );
    const { accuracy, loss } = tradeoffOf(runs).rows[0].newTasks.last;
    expect(accuracy).toMatchObject({ high: 1 });
    expect(loss).toMatchObject({ low: 0 });
  });
});
