import { describe, expect, it } from 'vitest';

import { loadedImages } from '../../test/loaded-images.js';
import type { ImageClass } from '../images/image-classes.js';
import type { Batch, Episode } from '../task-environment.js';
import { omniglotEnvironment, type OmniglotTask } from './omniglot.js';

const ALPHABETS = ['Balinese', 'Greek', 'Korean', 'Latin'];

/** Every pixel of a class's drawings holds the number of its alphabet. */
function numberedClass(alphabet: string, character: string): ImageClass {
  return { alphabet, character, role: null, count: 8, samples: new Float32Array(8 * 196).fill(ALPHABETS.indexOf(alphabet)) };
}

const images = loadedImages(ALPHABETS.flatMap((alphabet) => ['01', '02', '03'].map((number) => numberedClass(alphabet, number))));

const task: OmniglotTask = {
  family: 'omniglot',
  dataset: 'fixture',
  ways: 3,
  shots: 1,
  queries: 2,
  trainTasksPerAgent: 2,
  classesPerAgent: null,
  alphabetsPerAgent: null,
  dirichlet: null,
  samplesPerClass: null,
  imageSize: 14,
  ink: 'dark',
  rotations: false,
  split: 'alphabet',
  testAlphabets: 1,
  testCharacters: 3,
  heldOut: 3,
};

const request = { seed: 5, agents: 6, newAgents: 10, newTasks: 30 };

/** The numbers in the first pixels. */
function charactersOf(episodes: readonly Episode[]): number[] {
  const numbers = ({ size, x }: Batch) => Array.from({ length: size }, (_, row) => x[row * 196]);
  const all = episodes.flatMap(({ support, query }) => [...numbers(support), ...numbers(query)]);
  return [...new Set(all)].sort((a, b) => a - b);
}

function alphabetsOf(episodes: readonly Episode[]): string[] {
  return charactersOf(episodes).map((number) => ALPHABETS[number]);
}

describe('the Omniglot environment', () => {
  it('keeps the test alphabets out of training and training alphabets out of new tasks', () => {
    for (const rotations of [false, true]) {
      const environment = omniglotEnvironment({ ...task, rotations, testAlphabets: ['Greek'] }, request, images);
      const { train, newAgents, newTasks } = environment.evaluationTasks();
      const trained = Array.from({ length: 60 }, (_, round) => environment.trainingEpisode(round % 6, round, 0, true));
      expect(alphabetsOf([...train, ...newAgents, ...trained])).toEqual(['Balinese', 'Korean', 'Latin']);
      expect(alphabetsOf(newTasks)).toEqual(['Greek']);
    }
  });

  it('has four times the classes with rotations', () => {
    const wide = { ...task, ways: 9, testAlphabets: 1 };
    expect(() => omniglotEnvironment(wide, request, images)).toThrow(/3 unseen classes/);
    expect(() => omniglotEnvironment({ ...wide, rotations: true }, request, images)).not.toThrow();
  });

  it('keeps the same test characters out of training in every rotation and replicate', () => {
    // Every pixel holds the number of the character.
    const numbered = { ...images, classes: images.classes.map((each, number) => ({ ...each, samples: each.samples.map(() => number) })) };
    const unseenOf = (seed: number, rotations: boolean) => {
      const options: OmniglotTask = { ...task, split: 'character', testCharacters: 3, rotations };
      const environment = omniglotEnvironment(options, { ...request, seed }, numbered);
      const { train, newAgents, newTasks } = environment.evaluationTasks();
      const trained = Array.from({ length: 200 }, (_, round) => environment.trainingEpisode(round % 6, round, 0, true));
      const [seen, unseen] = [charactersOf([...train, ...newAgents, ...trained]), charactersOf(newTasks)];
      expect(unseen).toHaveLength(3);
      expect(seen.filter((number) => unseen.includes(number))).toEqual([]);
      return unseen;
    };
    expect(unseenOf(5, true)).toEqual(unseenOf(5, false));
    expect(unseenOf(6, true)).toEqual(unseenOf(5, true));
  });

  it('refuses to test all characters', () => {
    const all: OmniglotTask = { ...task, split: 'character', testCharacters: 12 };
    expect(() => omniglotEnvironment(all, request, images)).toThrow(
      /^fixture: it has 12 classes and testCharacters takes 12; allowed are 1 to 11/,
    );
  });

  it('refuses images of another size', () => {
    expect(() => omniglotEnvironment({ ...task, imageSize: 28 }, request, images)).toThrow(RangeError);
  });
});
