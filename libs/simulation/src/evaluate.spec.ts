import type { Learner, LearnerEpisode } from '@airmeta/learning';
import { describe, expect, it } from 'vitest';
import { evaluate, halvesOf } from './evaluate.js';

/** An episode that carries one number, which the learner below makes its scores of. */
function episodeOf(number: number): LearnerEpisode {
  const batch = { size: 1, x: Float32Array.of(number), y: new Int32Array(1) };
  return { support: batch, query: batch };
}

/** Loss number + step, accuracy number / 10 - step / 100, after each step from `from` on. */
function learnerOf(classifies: boolean): Learner {
  return {
    engine: 'by hand',
    parameterCount: 1,
    metaGradients: () => new Float32Array(0),
    supportGradients: () => new Float32Array(0),
    fineTune(_, episodes, __, steps, from = 0) {
      const stages = Array.from({ length: steps + 1 - from }, (___, index) => from + index);
      const numbers = episodes.flatMap(({ support }) => stages.map((step) => [support.x[0], step]));
      return {
        loss: Float64Array.from(numbers, ([number, step]) => number + step),
        accuracy: classifies ? Float64Array.from(numbers, ([number, step]) => number / 10 - step / 100) : null,
      };
    },
  };
}

const tasks = { train: [1, 2, 6].map(episodeOf), newAgents: [4].map(episodeOf), newTasks: [5, 7].map(episodeOf) };

describe('evaluation', () => {
  it.each([1, 3])('averages each set over its tasks after the last of %i fine-tuning steps', (steps) => {
    const { train, newAgents, newTasks } = evaluate(learnerOf(true), new Float32Array(1), tasks, 0.1, steps);
    expect([train.loss, newAgents.loss, newTasks.loss]).toEqual([3 + steps, 4 + steps, 6 + steps]);
    expect(train.accuracy).toBeCloseTo(0.3 - steps / 100, 12);
    expect(newTasks.accuracy).toBeCloseTo(0.6 - steps / 100, 12);
  });

  it('has no accuracy to give for regression', () => {
    const { train, newAgents, newTasks } = evaluate(learnerOf(false), new Float32Array(1), tasks, 0.1, 1);
    expect([train.accuracy, newAgents.accuracy, newTasks.accuracy]).toEqual([null, null, null]);
  });
});

describe('the halves of a set', () => {
  const scores = (losses: readonly number[], accuracies: readonly number[] | null) => ({
    losses: Float64Array.from(losses),
    accuracies: accuracies && Float64Array.from(accuracies),
  });

  it('are the tasks at even positions, which choose, and those at odd ones, which judge', () => {
    expect(halvesOf(scores([1, 10, 3, 20, 5], [0.1, 0.6, 0.3, 0.8, 0.2]))).toEqual({
      choice: { loss: 3, accuracy: expect.closeTo(0.2, 12) as number },
      judge: { loss: 15, accuracy: expect.closeTo(0.7, 12) as number },
    });
    expect(halvesOf(scores([1, 2], null))).toEqual({ choice: { loss: 1, accuracy: null }, judge: { loss: 2, accuracy: null } });
  });

  it('take two tasks', () => {
    expect(halvesOf(scores([1], [1]))).toBeNull();
  });

  it('of equal numbers of tasks have the mean of the whole between them', () => {
    const { newTasks } = evaluate(learnerOf(true), new Float32Array(1), { ...tasks, newTasks: [1, 2, 6, 9].map(episodeOf) }, 0.1, 1);
    const halves = halvesOf(newTasks);
    expect(((halves?.choice.loss ?? NaN) + (halves?.judge.loss ?? NaN)) / 2).toBeCloseTo(newTasks.loss, 12);
    expect(((halves?.choice.accuracy ?? NaN) + (halves?.judge.accuracy ?? NaN)) / 2).toBeCloseTo(newTasks.accuracy ?? NaN, 12);
  });
});
