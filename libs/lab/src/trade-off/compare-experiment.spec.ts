import type { ComparedWith, Tradeoff } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { assessTradeoff } from './compare-experiment.js';
import { placeOf, TRADEOFF_FIGURES } from './tradeoff-figures.js';
import type { TradeoffPoint, TradeoffRun, TuningRule } from './tradeoff-input.js';

const point = (pointIndex: number, pointId: string, parts: Partial<TradeoffPoint> = {}): TradeoffPoint => ({
  ...{ pointId, pointIndex, role: pointId.startsWith('twin') ? 'twin' : 'swept', label: pointId, axes: {}, open: [] },
  ...{ twinPointId: 'twin', matchedTwinPointId: null },
  ...parts,
});

interface Parts {
  readonly diverged?: boolean;
  /** When it reached its target; none without a target. */
  readonly time?: readonly [after: number, by: number | null];
}

/** A run of 100 planned rounds with the figures that are named. */
function run(
  pointId: string,
  replicate: number,
  named: Readonly<Record<string, number>>,
  { diverged = false, time }: Parts = {},
): TradeoffRun {
  const figures = new Float64Array(TRADEOFF_FIGURES.length).fill(NaN);
  for (const [name, value] of Object.entries({ plannedRounds: 100, ...named })) figures[placeOf(name)] = value;
  if (time) figures.set([time[0], time[1] ?? NaN], figures.length - 2);
  return { pointId, replicate, diverged, figures };
}

interface Asked {
  readonly replicates: number;
  readonly against?: ComparedWith;
  readonly tuning?: TuningRule | null;
  readonly points?: readonly TradeoffPoint[];
}

function tradeoffOf(runs: readonly TradeoffRun[], { replicates, against = 'ideal', tuning = null, points }: Asked): Tradeoff {
  const about = { experimentId: 'e', name: 'n', replicates, targetTrainLoss: null, tuning };
  return assessTradeoff({ ...about, points: points ?? [point(0, 'a'), point(1, 'twin')], runs }, against);
}

describe('runs without a target', () => {
  it('are counted, as single runs and as pairs, and divergence is told of every run that diverged', () => {
    // Of four replicates, the twin of two sets a target; one twin diverged, and one did not decrease.
    const { rows } = tradeoffOf(
      [
        run('a', 0, {}, { time: [20, 30] }),
        run('a', 1, {}, { time: [100, null] }),
        run('a', 2, {}),
        run('a', 3, {}),
        run('twin', 0, {}, { time: [10, 20] }),
        run('twin', 1, {}, { time: [10, 20] }),
        run('twin', 2, {}, { diverged: true }),
        run('twin', 3, {}),
      ],
      { replicates: 4 },
    );
    expect(rows[0]).toMatchObject({
      roundsToTarget: { n: 2, reached: 1, censored: 1, diverged: 0, withoutTarget: 2 },
      extraRounds: { pairs: 2, reached: 1, censored: 1, diverged: 0, withoutTarget: 2 },
    });
    expect(rows[1]).toMatchObject({
      runs: { completed: 3, diverged: 1 },
      roundsToTarget: { n: 2, reached: 2, censored: 0, diverged: 0, withoutTarget: 2 },
    });
    expect(rows[1].caveats).toContainEqual({
      kind: 'diverged',
      message: '1 run diverged: it never reaches a target, and scores and gains are of the others only.',
    });
  });

  it('tell of a diverged run that has no pair', () => {
    const { rows } = tradeoffOf([run('a', 0, {}, { diverged: true })], { replicates: 1 });
    expect(rows[0].caveats.map(({ kind }) => kind)).toEqual(['diverged', 'unpaired']);
  });
});

describe('what differs between point and twin', () => {
  const updateGains = (pointIds: readonly string[], replicates: number) =>
    Array.from({ length: replicates }, (_, replicate) =>
      pointIds.map((id) =>
        run(id, replicate, { updateGain: id.startsWith('twin') ? 1 : 0.4, newTasksChoiceLossAtBest: 1, newTasksLossAtLast: 1 }),
      ),
    ).flat();

  it('is the size of the step where another gain is that', () => {
    const { rows } = tradeoffOf(updateGains(['a', 'twin'], 3), { replicates: 3 });
    expect(rows[0].caveats[0]).toEqual({
      kind: 'updateGain',
      message:
        'The update arrives multiplied by 0.4 on average, that of the ideal twin by 1: a difference is that of a smaller step as well.',
    });
  });

  it.each([
    ['meta.metaStep', "each side's own meta.metaStep was tuned"],
    ['learner.innerSteps', 'a difference is that of a smaller step as well'],
  ])('is no size of a step where either side had its own best one: tuned %s', (axis, expected) => {
    const points = [point(0, 'a', { axes: { [axis]: 1 } }), point(1, 'twin', { axes: { [axis]: 1 } })];
    const asked = { replicates: 4, against: 'tuned' as const, tuning: { axis, replicates: 2, by: 'new-tasks' as const }, points };
    const { rows } = tradeoffOf(updateGains(['a', 'twin'], 4), asked);
    expect(rows[0].caveats[0]).toEqual({
      kind: 'updateGain',
      message: `The update arrives multiplied by 0.4 on average, that of the tuned ideal twin by 1: ${expected}.`,
    });
  });

  it('is said once where the twin has no channel, and not at all where no point has one', () => {
    const spending = tradeoffOf([run('a', 0, { energyJoule: 1, channelUses: 2 }), run('twin', 0, {})], { replicates: 1 });
    expect(spending.caveats).toEqual([
      { kind: 'channelUses', message: "The ideal twin uses no channel: neither energy nor channel uses are equal to a point's." },
    ]);
    expect(spending.rows.flatMap(({ caveats }) => caveats.map(({ kind }) => kind))).not.toContain('channelUses');
    expect(tradeoffOf([run('a', 0, {}), run('twin', 0, {})], { replicates: 1 }).caveats).toEqual([]);
  });
});
