import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { sinusoidEnvironment, type SinusoidTask } from './sinusoid.js';
import type { Batch, Episode } from './task-environment.js';

const request = { seed: 7, agents: 4, newAgents: 20, newTasks: 20 };

const task: SinusoidTask = {
  family: 'sinusoid',
  shots: 5,
  queries: 10,
  evaluationQueries: null,
  trainTasksPerAgent: 3,
  samplesPerTask: 25,
};

/** Options whose three batches fit into the training points. */
const tasks = fc
  .record({
    shots: fc.integer({ min: 1, max: 5 }),
    queries: fc.integer({ min: 1, max: 8 }),
    trainTasksPerAgent: fc.integer({ min: 0, max: 3 }),
    spare: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ shots, queries, trainTasksPerAgent, spare }): SinusoidTask => ({
    family: 'sinusoid',
    shots,
    queries,
    trainTasksPerAgent,
    evaluationQueries: null,
    samplesPerTask: 2 * shots + queries + spare,
  }));

const seeds = fc.maxSafeNat();

/** Least-squares fit y = p sin x + q cos x; p = a cos phi, q = a sin phi. */
function fitWave(batches: readonly Batch[]): { amplitude: number; sine: number; residual: number } {
  let [ss, sc, cc, sy, cy] = [0, 0, 0, 0, 0];
  const points = batches.flatMap(({ x, y }) => Array.from(x, (value, index) => ({ x: value, y: y[index] })));
  for (const { x, y } of points) {
    const [s, c] = [Math.sin(x), Math.cos(x)];
    ss += s * s;
    sc += s * c;
    cc += c * c;
    sy += s * y;
    cy += c * y;
  }
  const determinant = ss * cc - sc * sc;
  const p = (cc * sy - sc * cy) / determinant;
  const q = (ss * cy - sc * sy) / determinant;
  const residual = Math.max(...points.map(({ x, y }) => Math.abs(p * Math.sin(x) + q * Math.cos(x) - y)));
  return { amplitude: Math.hypot(p, q), sine: q, residual };
}

function inputs(...batches: (Batch | undefined)[]): number[] {
  return batches.flatMap((batch) => (batch ? [...batch.x] : []));
}

describe('sinusoid training episodes', () => {
  it('draw disjoint support, query and Hessian batches from the finite training points', () => {
    fc.assert(
      fc.property(tasks, seeds, fc.nat(1000), (options, seed, round) => {
        const environment = sinusoidEnvironment(options, { ...request, seed });
        const { support, query, hessian } = environment.trainingEpisode(1, round, 0, true);
        const xs = inputs(support, query, hessian);
        expect(xs).toHaveLength(2 * options.shots + options.queries);
        expect(new Set(xs).size).toBe(xs.length);
      }),
    );
  });

  it('reuse the same finite set of points over all rounds', () => {
    const environment = sinusoidEnvironment(task, request);
    const seen = new Set<number>();
    for (let round = 0; round < 300; round++) {
      const episode = environment.trainingEpisode(2, round, 0, false);
      for (const x of inputs(episode.support, episode.query)) seen.add(x);
    }
    expect(seen.size).toBe(task.trainTasksPerAgent * task.samplesPerTask);
  });

  it('bring a fresh wave every round when the agent owns no tasks', () => {
    const environment = sinusoidEnvironment({ ...task, trainTasksPerAgent: 0 }, request);
    const first = environment.trainingEpisode(0, 0, 0, false);
    const second = environment.trainingEpisode(0, 1, 0, false);
    expect(fitWave([first.support, first.query]).amplitude).not.toBeCloseTo(fitWave([second.support, second.query]).amplitude, 6);
  });

  it('are pure: neither order of calls nor the Hessian batch nor the number of agents changes them', () => {
    fc.assert(
      fc.property(tasks, seeds, fc.nat(3), fc.nat(50), fc.nat(3), (options, seed, agent, round, step) => {
        const fresh = sinusoidEnvironment(options, { ...request, seed });
        const used = sinusoidEnvironment(options, { ...request, seed, agents: 9, newTasks: 1 });
        used.evaluationTasks();
        used.trainingEpisode(3, round + 1, 1, false);
        const { support, query } = used.trainingEpisode(agent, round, step, true);
        expect(fresh.trainingEpisode(agent, round, step, false)).toEqual({ support, query });
      }),
    );
  });

  it('refuse a Hessian batch that the training points cannot give', () => {
    const environment = sinusoidEnvironment({ ...task, samplesPerTask: 16 }, request);
    expect(() => environment.trainingEpisode(0, 0, 0, true)).toThrow(RangeError);
  });
});

describe('sinusoid evaluation tasks', () => {
  const { train, newAgents, newTasks } = sinusoidEnvironment(task, request).evaluationTasks();

  it('have queries of their own number when asked, after the same support', () => {
    const more = sinusoidEnvironment({ ...task, evaluationQueries: 40 }, request).evaluationTasks();
    for (const [set, episodes] of Object.entries({ train, newAgents, newTasks })) {
      more[set as keyof typeof more].forEach(({ support, query }, index) => {
        expect([support, query.size]).toEqual([episodes[index].support, 40]);
      });
    }
  });

  it('are as many as asked, of the asked sizes', () => {
    expect(train).toHaveLength(request.agents * task.trainTasksPerAgent);
    expect(newAgents).toHaveLength(request.newAgents);
    expect(newTasks).toHaveLength(request.newTasks);
    for (const { support, query } of [...train, ...newAgents, ...newTasks]) {
      expect([support.size, query.size]).toEqual([task.shots, task.queries]);
    }
  });

  it('are sine waves of the stated amplitudes, new tasks with phases outside the training environment', () => {
    const waveOf = ({ support, query }: Episode) => fitWave([support, query]);
    for (const episode of [...train, ...newAgents, ...newTasks]) {
      const { amplitude, residual } = waveOf(episode);
      expect(residual).toBeLessThan(1e-4);
      expect(amplitude).toBeGreaterThan(0.0999);
      expect(amplitude).toBeLessThan(5.0001);
      for (const x of inputs(episode.support, episode.query)) expect(Math.abs(x)).toBeLessThanOrEqual(5);
    }
    for (const episode of [...train, ...newAgents]) expect(waveOf(episode).sine).toBeGreaterThan(-1e-4);
    for (const episode of newTasks) expect(waveOf(episode).sine).toBeLessThan(1e-4);
  });

  it('never query a training point', () => {
    const environment = sinusoidEnvironment(task, request);
    const trained = new Set<number>();
    for (let round = 0; round < 300; round++) {
      for (let agent = 0; agent < request.agents; agent++) {
        const { support, query, hessian } = environment.trainingEpisode(agent, round, 0, true);
        for (const x of inputs(support, query, hessian)) trained.add(x);
      }
    }
    for (const { support, query } of train) {
      expect(inputs(support).every((x) => trained.has(x))).toBe(true);
      expect(inputs(query).some((x) => trained.has(x))).toBe(false);
    }
  });

  it('are drawn once', () => {
    const environment = sinusoidEnvironment(task, request);
    expect(environment.evaluationTasks()).toBe(environment.evaluationTasks());
  });
});
