import { randomStream } from '@airmeta/numerics';
import { describe, expect, it } from 'vitest';

import type { Batch, Episode } from '../task-environment.js';
import { linearEnvironment, type LinearTask } from './linear.js';
import { LinearClosedForm } from './linear-closed-form.js';

const INNER_STEP = 0.15;

const task: LinearTask = {
  family: 'linear',
  shots: 4,
  queries: 3,
  trainTasksPerAgent: 2,
  evaluationQueries: null,
  samplesPerTask: 9,
  dimension: 3,
  taskMean: 0.7,
  taskVariance: 0.5,
  newTaskShift: 0.4,
  noiseVariance: 0.2,
  inputDecay: 0.5,
};

const variants: [string, LinearTask][] = [
  ['finite pools', task],
  ['unlimited samples', { ...task, samplesPerTask: null }],
  ['fresh tasks', { ...task, trainTasksPerAgent: 0 }],
  ['one support sample and no decay', { ...task, shots: 1, inputDecay: 0 }],
];

/** (W, b), away from every optimum. */
const theta = [0.2, 1.5, -0.4, 0.3];

/** Prediction minus target of every sample, and the batch's inputs with a 1 for the bias. */
function residuals(at: readonly number[], { size, x, y }: Batch): { z: number[]; residual: number }[] {
  const p = at.length - 1;
  return Array.from({ length: size }, (_, row) => {
    const z = [...x.subarray(row * p, (row + 1) * p), 1];
    return { z, residual: z.reduce((sum, value, index) => sum + value * at[index], 0) - y[row] };
  });
}

function meanSquare(at: readonly number[], batch: Batch): number {
  return residuals(at, batch).reduce((sum, { residual }) => sum + residual ** 2, 0) / batch.size;
}

/** The query loss after one step of size alpha on the support, straight from its definition. */
function adaptedLoss(at: readonly number[], { support, query }: Episode): number {
  const samples = residuals(at, support);
  const phi = at.map(
    (value, index) => value - (INNER_STEP * 2 * samples.reduce((sum, { z, residual }) => sum + residual * z[index], 0)) / support.size,
  );
  return meanSquare(phi, query);
}

/**
 * The mean of n independent values of the same mean lies within 5 of its standard errors of it, but for a probability
 * under 1e-5: the losses are polynomials of Gaussians with heavier tails than a Gaussian, which n = 20,000 evens out.
 */
function expectMean(values: readonly number[], expected: number): void {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  expect(Math.abs(mean - expected)).toBeLessThan(5 * Math.sqrt(variance / n));
}

const DRAWS = 20_000;
const AGENTS = 3;

describe.each(variants)('the closed form of linear tasks with %s', (_, options) => {
  const seed = 4;
  const closed = new LinearClosedForm(options, INNER_STEP, seed, AGENTS);
  const losses = closed.at(theta);

  it('has the meta-loss of training', () => {
    const environment = linearEnvironment(options, { seed, agents: AGENTS, newAgents: 1, newTasks: 1 });
    expectMean(
      Array.from({ length: DRAWS }, (__, round) => adaptedLoss(theta, environment.trainingEpisode(round % AGENTS, round, 0, false))),
      losses.metaLoss,
    );
  });

  it('has the losses of new agents and of new tasks', () => {
    const { newAgents, newTasks } = linearEnvironment(options, {
      seed,
      agents: 1,
      newAgents: DRAWS,
      newTasks: DRAWS,
    }).evaluationTasks();
    expectMean(
      newAgents.map((episode) => adaptedLoss(theta, episode)),
      losses.newAgentsLoss,
    );
    expectMean(
      newTasks.map((episode) => adaptedLoss(theta, episode)),
      losses.newTasksLoss,
    );
    expect(losses.gapLoss).toBe(losses.newTasksLoss - losses.trainLoss);
  });

  it('has the loss of the train set, over seeds', () => {
    // A new seed brings new tasks and pools, so each has its own expectation; what is left after it has mean zero.
    const differences = Array.from({ length: 4000 }, (__, other) => {
      const { train } = linearEnvironment(options, { seed: other, agents: 1, newAgents: 0, newTasks: 0 }).evaluationTasks();
      const mean = train.reduce((sum, episode) => sum + adaptedLoss(theta, episode), 0) / train.length;
      return mean - new LinearClosedForm(options, INNER_STEP, other, 1).at(theta).trainLoss;
    });
    expectMean(differences, 0);
  });

  it('has its least meta-loss at the optimum, with the stated curvature', () => {
    const { optimum, curvature } = closed;
    const least = closed.at(optimum ?? []).metaLoss;
    expect(closed.atOptimum?.metaLoss).toBe(least);
    const stream = randomStream(1, 'tasks');
    for (let trial = 0; trial < 20; trial++) {
      const direction = theta.map(() => stream.normal());
      const squared = direction.reduce((sum, value) => sum + value ** 2, 0);
      const moved = closed.at(direction.map((value, index) => value + (optimum?.[index] ?? NaN))).metaLoss - least;
      // Exactly 1/2 direction . H direction, computed with some 100 roundings of 1e-16 of numbers of about squared.
      expect(moved).toBeGreaterThanOrEqual((curvature.least / 2) * squared * (1 - 1e-10));
      expect(moved).toBeLessThanOrEqual((curvature.greatest / 2) * squared * (1 + 1e-10));
    }
  });
});

describe('the closed form of linear tasks', () => {
  it('is best at the prior mean for tasks of the prior, whatever the batches', () => {
    const closed = new LinearClosedForm(task, INNER_STEP, 1, 1);
    expect([...closed.populationOptimum]).toEqual([0.7, 0.7, 0.7, 0]);
    expect(closed.at(closed.populationOptimum).newAgentsLoss).toBe(closed.populationLoss);
    for (const index of [0, 1, 2, 3]) {
      const moved = closed.populationOptimum.map((value, at) => value + (at === index ? 0.01 : 0));
      expect(closed.at(moved).newAgentsLoss).toBeGreaterThan(closed.populationLoss);
    }
  });

  it('knows the Wishart moments: without decay, weights 1 - 4 alpha + 4 alpha^2 (1 + (p + 2)/K) and 1 + p/K for the bias', () => {
    const flat = { ...task, inputDecay: 0, taskVariance: 0, newTaskShift: 0, samplesPerTask: null };
    const closed = new LinearClosedForm(flat, INNER_STEP, 1, 1);
    const riseAt = (index: number) =>
      closed.at(closed.populationOptimum.map((value, at) => value + (at === index ? 1 : 0))).newAgentsLoss - closed.populationLoss;
    expect(riseAt(0)).toBeCloseTo(1 - 4 * INNER_STEP + 4 * INNER_STEP ** 2 * (1 + 5 / 4), 12);
    expect(riseAt(3)).toBeCloseTo(1 - 4 * INNER_STEP + 4 * INNER_STEP ** 2 * (1 + 3 / 4), 12);
    expect(closed.populationLoss).toBeCloseTo(0.2 * (1 + (4 * INNER_STEP ** 2 * 4) / 4), 12);
  });

  it('is led by unlimited samples to the mean of the agents’ weights', () => {
    const options = { ...task, samplesPerTask: null };
    const { optimum } = new LinearClosedForm(options, INNER_STEP, 9, 5);
    const environment = linearEnvironment(options, { seed: 9, agents: 5, newAgents: 0, newTasks: 0 });
    const weights = Array.from({ length: 5 }, (_, agent) => [4, 5].map((step) => environment.ruleAt({ agent, step }))).flat();
    const mean = Array.from({ length: 3 }, (_, index) => weights.reduce((sum, each) => sum + each[index], 0) / weights.length);
    [...mean, 0].forEach((value, index) => expect(optimum?.[index]).toBeCloseTo(value, 12));
  });

  it('expects the gap that the optima of many federations have on average', () => {
    const options = { ...task, samplesPerTask: null };
    const forms = Array.from({ length: 4000 }, (_, seed) => new LinearClosedForm(options, INNER_STEP, seed, 2));
    expectMean(
      forms.map(({ atOptimum }) => atOptimum?.gapLoss ?? NaN),
      forms[0].expectedGap ?? NaN,
    );
  });

  it('expects no gap but that of the shift when tasks are fresh every round', () => {
    const open = { ...task, trainTasksPerAgent: 0 };
    expect(new LinearClosedForm({ ...open, newTaskShift: 0 }, INNER_STEP, 1, 2).expectedGap).toBe(0);
    expect(new LinearClosedForm(open, INNER_STEP, 1, 2).expectedGap).toBeGreaterThan(0);
    expect(new LinearClosedForm(task, INNER_STEP, 1, 2).expectedGap).toBeNull();
  });

  it('has no optimum when the data leave it undetermined', () => {
    // Two samples in four unknowns: the residual of either query, adapted to the other, is all there is to fit.
    const closed = new LinearClosedForm({ ...task, trainTasksPerAgent: 1, shots: 1, queries: 1, samplesPerTask: 2 }, INNER_STEP, 1, 1);
    expect(closed.optimum).toBeNull();
    expect(closed.atOptimum).toBeNull();
    expect(closed.curvature.least / closed.curvature.greatest).toBeLessThan(1e-12);
  });
});
