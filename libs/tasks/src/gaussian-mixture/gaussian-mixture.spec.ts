import { describe, expect, it } from 'vitest';

import type { Batch, Episode } from '../task-environment.js';
import { gaussianMixtureEnvironment, type GaussianMixtureTask } from './gaussian-mixture.js';

const task: GaussianMixtureTask = {
  ...{ family: 'gaussian-mixture', dimension: 5, separation: 6, classes: 8, testClasses: 6, samples: 10 },
  ...{ ways: 2, shots: 1, queries: 2, trainTasksPerAgent: 0, heldOut: 3 },
  ...{ classesPerAgent: null, dirichlet: null, samplesPerClass: null },
};

const request = { seed: 3, agents: 2, newAgents: 4, newTasks: 4 };

function rowsOf({ size, x }: Batch): number[][] {
  const width = x.length / size;
  return Array.from({ length: size }, (_, row) => [...x.subarray(row * width, (row + 1) * width)]);
}

function squaredDistance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + (value - b[index]) ** 2, 0);
}

/** The mean of independent values lies within 5 of its standard errors of what it should be, but for a probability of 1e-6. */
function expectMean(values: readonly number[], expected: number): void {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  expect(Math.abs(mean - expected)).toBeLessThan(5 * Math.sqrt(variance / values.length));
}

describe('the Gaussian mixture environment', () => {
  it('has classes of unit variance whose means are separated as asked, seen and unseen alike', () => {
    const seeds = Array.from({ length: 2000 }, (_, seed) =>
      gaussianMixtureEnvironment(task, { seed, agents: 1, newAgents: 1, newTasks: 1 }).evaluationTasks(),
    );
    for (const set of ['train', 'newAgents', 'newTasks'] as const) {
      const episodes = seeds.map((evaluation): Episode => evaluation[set][0]);
      const rows = episodes.map(({ support, query }) => ({ support: rowsOf(support), query: rowsOf(query) }));
      // Two samples differ by N(0, 2 I) within a class, and by the difference of the means besides between classes.
      expectMean(
        rows.map(({ support, query }) => squaredDistance(support[0], query[0])),
        2 * task.dimension,
      );
      expectMean(
        rows.map(({ support }) => squaredDistance(support[0], support[1])),
        2 * task.dimension + task.separation ** 2,
      );
    }
  });

  it('has the same unseen classes however many training classes and samples there are', () => {
    const few = gaussianMixtureEnvironment(task, request).evaluationTasks();
    const many = gaussianMixtureEnvironment({ ...task, classes: 20 }, request).evaluationTasks();
    expect(many.newTasks).toEqual(few.newTasks);
    expect(many.train).not.toEqual(few.train);
  });

  it('refuses more ways than classes and more samples than there are', () => {
    expect(() => gaussianMixtureEnvironment({ ...task, ways: 7 }, request)).toThrow(/6 unseen classes/);
    expect(() => gaussianMixtureEnvironment({ ...task, samples: 5 }, request)).toThrow(/class 0: it has 5 samples/);
  });
});
