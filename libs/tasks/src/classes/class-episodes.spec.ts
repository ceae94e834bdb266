import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DatasetError } from '../dataset/dataset-error.js';
import type { Batch, Episode, TaskEnvironment, TaskShape } from '../task-environment.js';
import { MAX_EVALUATED_TASKS_PER_AGENT } from '../training-tasks.js';
import { classEpisodes } from './class-episodes.js';
import type { ClassTask } from './class-task.js';
import type { ClassUniverse } from './class-universe.js';
import type { SampleClass } from './sample-class.js';

/** A sample of the fixture says who it is: x = [class number, sample number]. Classes take turns in three groups. */
const shape: TaskShape = { inputSize: 2, outputSize: 5, loss: 'cross-entropy' };

const FIRST_UNSEEN = 100;
const GROUPS = 3;

/** Nothing an agent's data could differ by. */
const ALIKE = { classesPerAgent: null, alphabetsPerAgent: null, dirichlet: null, samplesPerClass: null };

function numberedClass(number: number, count: number): SampleClass {
  return {
    name: `class ${number}`,
    group: `group ${number % GROUPS}`,
    splitKey: number,
    count,
    writeSample(index, out, offset) {
      out[offset] = number;
      out[offset + 1] = index;
    },
  };
}

function universeOf(trainingClasses: number, unseenClasses: number, samples: number): ClassUniverse {
  const classes = (first: number, count: number) => Array.from({ length: count }, (_, index) => numberedClass(first + index, samples));
  return { name: 'fixture', groups: 'groups', training: classes(0, trainingClasses), unseen: classes(FIRST_UNSEEN, unseenClasses) };
}

/** "class/sample" of every row of the batches. */
function samplesOf(...batches: (Batch | undefined)[]): string[] {
  return batches.flatMap((batch) =>
    batch ? Array.from({ length: batch.size }, (_, row) => `${batch.x[2 * row]}/${batch.x[2 * row + 1]}`) : [],
  );
}

/** The class behind each label, checking that a label stands for one class. */
function tupleOf({ support, query, hessian }: Episode): number[] {
  const tuple: number[] = [];
  for (const { size, x, y } of [support, query, ...(hessian ? [hessian] : [])]) {
    for (let row = 0; row < size; row++) {
      tuple[y[row]] ??= x[2 * row];
      expect(x[2 * row]).toBe(tuple[y[row]]);
    }
  }
  return tuple;
}

const classTasks = fc
  .record({
    ways: fc.integer({ min: 2, max: 5 }),
    shots: fc.integer({ min: 1, max: 3 }),
    queries: fc.integer({ min: 1, max: 4 }),
    trainTasksPerAgent: fc.integer({ min: 0, max: 6 }),
    heldOut: fc.integer({ min: 1, max: 6 }),
    pool: fc.option(fc.integer({ min: 0, max: 3 })),
    alphabetsPerAgent: fc.option(fc.integer({ min: 2, max: GROUPS })),
    dirichlet: fc.option(fc.double({ min: 1e-3, max: 100, noNaN: true })),
    ownsFew: fc.boolean(),
  })
  .map(({ pool, ownsFew, ...task }): ClassTask => ({
    ...task,
    classesPerAgent: pool === null ? null : task.ways + pool,
    samplesPerClass: ownsFew ? 2 * task.shots + task.queries : null,
  }));

const seeds = fc.maxSafeNat();
const request = { seed: 11, agents: 3, newAgents: 8, newTasks: 8 };
const universe = universeOf(12, 7, 16);

function environmentOf(task: ClassTask, changes: Partial<typeof request> = {}): TaskEnvironment {
  return classEpisodes(shape, task, universe, { ...request, ...changes });
}

function trainedSamples(environment: TaskEnvironment, rounds: number): Set<string> {
  const trained = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    for (let agent = 0; agent < request.agents; agent++) {
      const { support, query, hessian } = environment.trainingEpisode(agent, round, 0, true);
      for (const sample of samplesOf(support, query, hessian)) trained.add(sample);
    }
  }
  return trained;
}

describe('training episodes of classes', () => {
  it('hold disjoint batches of the asked sizes, labelled by position in a tuple of distinct training classes', () => {
    fc.assert(
      fc.property(classTasks, seeds, fc.nat(1000), fc.nat(2), (task, seed, round, agent) => {
        const episode = environmentOf(task, { seed }).trainingEpisode(agent, round, 0, true);
        const { support, query, hessian } = episode;
        const samples = samplesOf(support, query, hessian);
        expect(new Set(samples).size).toBe(samples.length);
        expect([support.size, query.size, hessian?.size]).toEqual(
          [task.shots, task.queries, task.shots].map((perClass) => perClass * task.ways),
        );
        const tuple = tupleOf(episode);
        expect(new Set(tuple).size).toBe(task.ways);
        expect(Math.max(...tuple)).toBeLessThan(FIRST_UNSEEN);
      }),
    );
  });

  it('are pure: neither order of calls nor the Hessian batch nor the sizes of the request change them', () => {
    fc.assert(
      fc.property(classTasks, seeds, fc.nat(2), fc.nat(50), fc.nat(3), (task, seed, agent, round, step) => {
        const used = environmentOf(task, { seed, agents: 5, newAgents: 1 });
        used.evaluationTasks();
        used.trainingEpisode(2, round + 1, 1, false);
        const { support, query } = used.trainingEpisode(agent, round, step, true);
        expect(environmentOf(task, { seed }).trainingEpisode(agent, round, step, false)).toEqual({ support, query });
      }),
    );
  });

  it('keep to the fixed tasks and to the pool of the agent', () => {
    fc.assert(
      fc.property(classTasks, seeds, (task, seed) => {
        const environment = environmentOf(task, { seed });
        const tuples = Array.from({ length: 40 }, (_, round) => tupleOf(environment.trainingEpisode(0, round, 0, false)));
        const distinct = new Set(tuples.map(String)).size;
        if (task.trainTasksPerAgent > 0) expect(distinct).toBeLessThanOrEqual(task.trainTasksPerAgent);
        else if (task.dirichlet === null) expect(distinct).toBeGreaterThan(1);
        const pool = task.classesPerAgent ?? universe.training.length;
        expect(new Set(tuples.flat()).size).toBeLessThanOrEqual(pool);
        const groups = new Set(tuples.flat().map((number) => number % GROUPS));
        expect(groups.size).toBeLessThanOrEqual(task.alphabetsPerAgent ?? GROUPS);
      }),
    );
  });

  it('use only the samples that the agent owns, as does its support in evaluation', () => {
    const task = { ways: 3, shots: 2, queries: 2, trainTasksPerAgent: 1, ...ALIKE, samplesPerClass: 5, heldOut: 4 };
    const environment = environmentOf(task);
    const { train } = environment.evaluationTasks();
    const owned = Array.from({ length: request.agents }, (_, agent) => {
      const samples = Array.from({ length: 60 }, (__, round) => environment.trainingEpisode(agent, round, 0, false));
      return new Set(samples.flatMap(({ support, query }) => samplesOf(support, query)));
    });
    owned.forEach((samples, agent) => {
      // A sample is left out of one of 60 episodes with probability 1/5, of all with 1e-42.
      expect(samples.size).toBe(task.ways * task.samplesPerClass);
      expect(samplesOf(train[agent].support).every((sample) => samples.has(sample))).toBe(true);
    });
  });

  it('give agents samples of their own choice, and pools of their own alphabets', () => {
    const base = { ways: 4, shots: 1, queries: 1, trainTasksPerAgent: 0, ...ALIKE, heldOut: 4 };
    const seen = (task: ClassTask, what: (episode: Episode) => (string | number)[]) => {
      const environment = environmentOf(task, { agents: 20 });
      return Array.from({ length: 20 }, (_, agent) =>
        [...new Set(Array.from({ length: 60 }, (__, round) => what(environment.trainingEpisode(agent, round, 0, false))).flat())].sort(),
      );
    };
    const groups = seen({ ...base, alphabetsPerAgent: 1 }, (episode) => tupleOf(episode).map((number) => number % GROUPS));
    expect(groups.every(({ length }) => length === 1)).toBe(true);
    expect(new Set(groups.flat())).toEqual(new Set([0, 1, 2]));
    const owned = seen({ ...base, samplesPerClass: 2 }, ({ support, query }) =>
      samplesOf(support, query).filter((sample) => sample.startsWith('0/')),
    );
    expect(new Set(owned.map(String)).size).toBeGreaterThan(10); // 20 choices of 2 of 12
  });

  it('prefer some classes under a Dirichlet law, without telling it by the label', () => {
    // With beta = 0.01, tuples of two of twelve classes are nearly always the agent's favourite and its second, in either order.
    const task = { ways: 2, shots: 1, queries: 1, trainTasksPerAgent: 0, ...ALIKE, dirichlet: 0.01, heldOut: 4 };
    const environment = environmentOf(task, { agents: 50 });
    const firsts = Array.from({ length: 50 }, (_, agent) => {
      const tuples = Array.from({ length: 40 }, (__, round) => tupleOf(environment.trainingEpisode(agent, round, 0, false)));
      const counts = new Map<number, number>();
      for (const number of tuples.flat()) counts.set(number, (counts.get(number) ?? 0) + 1);
      const [favourite, count] = [...counts].sort(([, a], [, b]) => b - a)[0];
      expect(count).toBeGreaterThanOrEqual(20);
      const having = tuples.filter((tuple) => tuple.includes(favourite));
      return { first: having.filter(([first]) => first === favourite).length, of: having.length };
    });
    const first = firsts.reduce((sum, each) => sum + each.first, 0);
    const of = firsts.reduce((sum, each) => sum + each.of, 0);
    // Binomial with probability 1/2: 5 standard deviations, passed with probability 6e-7.
    expect(Math.abs(first - of / 2)).toBeLessThan(2.5 * Math.sqrt(of));
  });

  it('stay on one task for all local steps of a round, with new batches', () => {
    const task = { ways: 3, shots: 1, queries: 3, trainTasksPerAgent: 0, ...ALIKE, heldOut: 4 };
    const environment = environmentOf(task);
    const [first, second] = [0, 1].map((step) => environment.trainingEpisode(0, 0, step, false));
    expect(tupleOf(first)).toEqual(tupleOf(second));
    expect(samplesOf(first.support, first.query)).not.toEqual(samplesOf(second.support, second.query));
  });
});

describe('evaluation tasks of classes', () => {
  it('query training tasks with held-out samples only, supported by training samples', () => {
    fc.assert(
      fc.property(classTasks, seeds, (task, seed) => {
        const environment = environmentOf(task, { seed });
        const trained = trainedSamples(environment, 30);
        const { train } = environment.evaluationTasks();
        const tasksPerAgent = Math.min(task.trainTasksPerAgent || MAX_EVALUATED_TASKS_PER_AGENT, MAX_EVALUATED_TASKS_PER_AGENT);
        expect(train).toHaveLength(request.agents * tasksPerAgent);
        const heldOut = new Set(train.flatMap(({ query }) => samplesOf(query)));
        expect([...trained].filter((sample) => heldOut.has(sample))).toEqual([]);
        for (const { support, query } of train) {
          expect(samplesOf(support).filter((sample) => heldOut.has(sample))).toEqual([]);
          expect(query.size).toBe(task.ways * Math.min(task.queries, task.heldOut));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('evaluate the very tasks the agents train on', () => {
    const task = { ways: 3, shots: 1, queries: 3, trainTasksPerAgent: 2, ...ALIKE, classesPerAgent: 6, heldOut: 4 };
    const environment = environmentOf(task, { agents: 1 });
    const evaluated = environment.evaluationTasks().train.map((episode) => String(tupleOf(episode)));
    const trained = Array.from({ length: 50 }, (_, round) => String(tupleOf(environment.trainingEpisode(0, round, 0, false))));
    expect(new Set(trained)).toEqual(new Set(evaluated));
  });

  it('never query new agents with a sample that training may use, nor support them so when enough is held out', () => {
    fc.assert(
      fc.property(classTasks, seeds, (task, seed) => {
        const environment = environmentOf(task, { seed });
        const trained = trainedSamples(environment, 30);
        const { newAgents } = environment.evaluationTasks();
        expect(newAgents).toHaveLength(request.newAgents);
        for (const episode of newAgents) {
          const { support, query } = episode;
          const untrained = task.heldOut > task.shots ? samplesOf(support, query) : samplesOf(query);
          expect(untrained.filter((sample) => trained.has(sample))).toEqual([]);
          const samples = samplesOf(support, query);
          expect(new Set(samples).size).toBe(samples.length);
          expect(query.size).toBeGreaterThanOrEqual(task.ways);
          expect(Math.max(...tupleOf(episode))).toBeLessThan(FIRST_UNSEEN);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('make new tasks of unseen classes, disjoint, with all queries', () => {
    fc.assert(
      fc.property(classTasks, seeds, (task, seed) => {
        const { newTasks } = environmentOf(task, { seed }).evaluationTasks();
        expect(newTasks).toHaveLength(request.newTasks);
        for (const episode of newTasks) {
          const samples = samplesOf(episode.support, episode.query);
          expect(new Set(samples).size).toBe(samples.length);
          expect(episode.query.size).toBe(task.ways * task.queries);
          expect(Math.min(...tupleOf(episode))).toBeGreaterThanOrEqual(FIRST_UNSEEN);
        }
      }),
    );
  });

  it('keep the first tasks when more are asked for, and are the same in every environment', () => {
    fc.assert(
      fc.property(classTasks, seeds, (task, seed) => {
        const few = environmentOf(task, { seed }).evaluationTasks();
        const many = environmentOf(task, { seed, newAgents: 12, newTasks: 12 }).evaluationTasks();
        expect(many.newAgents.slice(0, request.newAgents)).toEqual(few.newAgents);
        expect(many.newTasks.slice(0, request.newTasks)).toEqual(few.newTasks);
        expect(many.train).toEqual(few.train);
      }),
      { numRuns: 30 },
    );
  });
});

describe('requirements of a class universe', () => {
  const task: ClassTask = { ways: 5, shots: 1, queries: 3, trainTasksPerAgent: 0, ...ALIKE, heldOut: 4 };

  function failure(changes: Partial<ClassTask>, small: ClassUniverse, hessian = false): unknown {
    try {
      classEpisodes(shape, { ...task, ...changes }, small, request).trainingEpisode(0, 0, 0, hessian);
    } catch (error) {
      return error;
    }
    return undefined;
  }

  it.each([
    ['training classes fewer than ways', {}, universeOf(4, 5, 16), 'too-few-classes', 'training classes'],
    ['unseen classes fewer than ways', {}, universeOf(5, 4, 16), 'too-few-classes', 'unseen classes'],
    ['a pool larger than the classes', { classesPerAgent: 7 }, universeOf(6, 5, 16), 'too-few-classes', 'at most 6'],
    ['a pool smaller than ways', { classesPerAgent: 4 }, universeOf(6, 5, 16), 'too-few-classes', 'pool'],
    ['more groups than there are', { alphabetsPerAgent: 4 }, universeOf(12, 5, 16), 'too-few-alphabets', '3 training groups'],
    ['groups with too few classes', { alphabetsPerAgent: 1 }, universeOf(14, 5, 16), 'too-few-classes', 'the 1 smallest training groups'],
    [
      'groups with fewer classes than a pool',
      { alphabetsPerAgent: 2, classesPerAgent: 9 },
      universeOf(12, 5, 16),
      'too-few-classes',
      'classesPerAgent is 9',
    ],
    ['samples short of what an agent owns', { samplesPerClass: 13 }, universeOf(5, 5, 16), 'too-few-samples', 'samplesPerClass 13'],
    ['samples short of the held-out part', {}, universeOf(5, 5, 7), 'too-few-samples', 'class 0'],
    ['samples short of unseen queries', { heldOut: 1, queries: 9 }, universeOf(5, 5, 9), 'too-few-samples', 'need'],
  ])('refuse %s', (_, changes, small, code, words) => {
    const error = failure(changes, small);
    expect(error).toBeInstanceOf(DatasetError);
    expect(error).toMatchObject({ code, message: expect.stringContaining(words) as string });
  });

  it('need room for a Hessian batch only when it is asked for', () => {
    const exact = universeOf(5, 5, 8);
    expect(failure({}, exact)).toBeUndefined();
    expect(failure({}, exact, true)).toMatchObject({ code: 'too-few-samples' });
  });
});
