import { describe, expect, it } from 'vitest';
import { curvesOf, NotableRounds } from './fine-tuning-curves.js';

/** Three tasks, two steps: rows are tasks. */
const SCORES = { loss: Float64Array.of(4, 2, 1, 8, 4, 2, 6, 3, Infinity), accuracy: null };

describe('fine-tuning curves', () => {
  it('tell the distribution over tasks after every step, and null where it is not finite', () => {
    const [loss, ...others] = curvesOf('newAgents', SCORES, 2);
    expect(others).toEqual([]);
    expect(loss).toMatchObject({ set: 'newAgents', metric: 'loss', tasks: 3, mean: [6, 3, null], q50: [6, 3, 2], q25: [5, 2.5, 1.5] });
    expect(loss.deviation).toEqual([2, 1, null]);
    expect(loss.q05[0]).toBeCloseTo(4.2, 15);
    expect(loss.q95).toEqual([expect.closeTo(7.8, 14), expect.closeTo(3.9, 14), null]);
  });

  it('come with accuracy where there is one', () => {
    const curves = curvesOf('train', { loss: Float64Array.of(1, 2), accuracy: Float64Array.of(0.5, 1) }, 1);
    expect(curves.map(({ metric, mean }) => ({ metric, mean }))).toEqual([
      { metric: 'loss', mean: [1, 2] },
      { metric: 'accuracy', mean: [0.5, 1] },
    ]);
    expect(curves[0].deviation).toEqual([null, null]);
  });

  it.each([
    ['accuracy', [0.5, 0.9, 0.9, 0.7], 10],
    ['loss', [null, null, null, null], 0],
  ])('are kept of the last round and of the best, of equals the first: by %s', (_, accuracies, best) => {
    const rounds = new NotableRounds();
    // Of one task, after no step and after one.
    const scoresOf = ([loss, accuracy]: Float32Array) => ({
      loss: Float64Array.of(9, loss),
      accuracy: Number.isNaN(accuracy) ? null : Float64Array.of(0.25, accuracy),
    });
    expect(rounds.curves(1, scoresOf)).toEqual([]);
    // By loss, round 0 and round 30 are alike.
    [1, 3, 2, 1].forEach((loss, index) => {
      const accuracy = accuracies[index];
      const parameters = Float32Array.of(loss, accuracy ?? NaN);
      rounds.add({ round: 10 * index, newTasks: { loss, accuracy }, parameters });
    });
    const metrics = accuracies[0] === null ? 1 : 2;
    const curves = rounds.curves(1, scoresOf);
    expect(curves).toHaveLength(2 * 3 * metrics);
    expect(curves.slice(0, 3 * metrics).every(({ at, round }) => at === 'last' && round === 30)).toBe(true);
    expect(curves.slice(3 * metrics).every(({ at, round }) => at === 'best' && round === best)).toBe(true);
    expect([...new Set(curves.map(({ set }) => set))]).toEqual(['train', 'newAgents', 'newTasks']);
    expect(curves[0].mean).toEqual([9, 1]);
  });
});
