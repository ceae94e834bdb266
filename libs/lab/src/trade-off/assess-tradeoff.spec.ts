import type { ComparedWith, Tradeoff } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { assessTradeoff } from './assess-tradeoff.js';
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
  const figures: (number | null)[] = TRADEOFF_FIGURES.map(() => null);
  for (const [name, value] of Object.entries({ plannedRounds: 100, ...named })) figures[placeOf(name)] = value;
  if (time) figures.splice(-2, 2, ...time);
  return { runId: `${pointId}-${replicate}`, pointId, replicate, diverged, figures };
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
