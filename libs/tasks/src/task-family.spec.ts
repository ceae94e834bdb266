import { describe, expect, it } from 'vitest';

import { loadedImages } from '../test/loaded-images.js';
import { createTaskEnvironment, taskShape, type Task } from './task-family.js';

const classOptions = {
  ways: 3,
  shots: 1,
  queries: 2,
  trainTasksPerAgent: 0,
  classesPerAgent: null,
  alphabetsPerAgent: null,
  dirichlet: null,
  samplesPerClass: null,
  heldOut: 2,
};

const images = loadedImages(
  ['Greek', 'Latin'].flatMap((alphabet) =>
    ['01', '02', '03'].map((character) => ({ alphabet, character, role: null, count: 6, samples: new Float32Array(6 * 196) })),
  ),
);

const families: Task[] = [
  { family: 'sinusoid', shots: 5, queries: 5, evaluationQueries: null, trainTasksPerAgent: 1, samplesPerTask: 20 },
  {
    ...{ family: 'linear', shots: 5, queries: 5, evaluationQueries: null, trainTasksPerAgent: 0, samplesPerTask: null, dimension: 3 },
    ...{ taskMean: 1, taskVariance: 1, newTaskShift: 0, noiseVariance: 0.1, inputDecay: 0 },
  },
  {
    ...classOptions,
    ...{ family: 'gaussian-mixture', dimension: 4, separation: 3, classes: 6, testClasses: 5, samples: 6 },
  },
  {
    ...classOptions,
    family: 'glyphs',
    imageSize: 28,
    alphabets: 1,
    testAlphabets: 1,
    charactersPerAlphabet: 4,
    drawers: 6,
  },
  {
    ...classOptions,
    family: 'omniglot',
    dataset: 'fixture',
    imageSize: 14,
    ink: 'dark',
    rotations: false,
    split: 'alphabet',
    testAlphabets: 1,
    testCharacters: 3,
  },
  {
    ...{ ...classOptions, family: 'image-folder', dataset: 'fixture', imageSize: 14, channels: 1, invert: false },
    ...{ leastImages: null, leastClasses: null },
    ...{ split: 'group', testClasses: 3, testGroups: 1 },
  },
];

const request = { seed: 1, agents: 2, newAgents: 1, newTasks: 1 };

describe.each(families)('task family $family', (task) => {
  it('announces the shape its environment has and its batches fill', () => {
    const environment = createTaskEnvironment(task, request, images);
    const shape = taskShape(task);
    expect(environment.shape).toEqual(shape);
    const { train, newAgents, newTasks } = environment.evaluationTasks();
    for (const episode of [environment.trainingEpisode(1, 0, 0, true), ...train, ...newAgents, ...newTasks]) {
      for (const { size, x, y } of [episode.support, episode.query]) {
        expect(x).toHaveLength(size * shape.inputSize);
        expect(y).toHaveLength(size);
        if (shape.loss === 'cross-entropy') expect(Math.max(...y)).toBe(shape.outputSize - 1);
      }
    }
  });
});

describe('creating a task environment', () => {
  it('asks for the images that Omniglot needs', () => {
    expect(() => createTaskEnvironment(families[4], request)).toThrow(/loadImages/);
  });
});
