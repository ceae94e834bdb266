import { describe, expect, it } from 'vitest';

import type { ImageClass, LoadedImages } from '../images/image-classes.js';
import type { Batch, Episode } from '../task-environment.js';
import { chooseTestAlphabets } from './choose-test-alphabets.js';
import { omniglotEnvironment, type OmniglotTask } from './omniglot.js';

const ALPHABETS = ['Balinese', 'Greek', 'Korean', 'Latin'];

/** Every pixel of a class's drawings holds the number of its alphabet. */
function numberedClass(alphabet: string, character: string): ImageClass {
  return { alphabet, character, count: 8, samples: new Float32Array(8 * 196).fill(ALPHABETS.indexOf(alphabet)) };
}

const images: LoadedImages = {
  name: 'fixture',
  imageSize: 14,
  classes: ALPHABETS.flatMap((alphabet) => ['01', '02', '03'].map((number) => numberedClass(alphabet, number))),
};

const task: OmniglotTask = {
  family: 'omniglot',
  dataset: 'fixture',
  ways: 3,
  shots: 1,
  queries: 2,
  trainTasksPerAgent: 2,
  classesPerAgent: null,
  imageSize: 14,
  rotations: false,
  testAlphabets: 1,
  heldOut: 3,
};

const request = { seed: 5, agents: 6, newAgents: 10, newTasks: 30 };

function alphabetsOf(episodes: readonly Episode[]): string[] {
  const numbers = ({ size, x }: Batch) => Array.from({ length: size }, (_, row) => x[row * 196]);
  const all = episodes.flatMap(({ support, query }) => [...numbers(support), ...numbers(query)]);
  return [...new Set(all)].sort().map((number) => ALPHABETS[number]);
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

  it('refuses images of another size', () => {
    expect(() => omniglotEnvironment({ ...task, imageSize: 28 }, request, images)).toThrow(RangeError);
  });
});

describe('choosing test alphabets', () => {
  it('takes a count from the end', () => {
    expect([...chooseTestAlphabets('fixture', ALPHABETS, 2)]).toEqual(['Korean', 'Latin']);
  });

  it('says which alphabets there are when one is unknown', () => {
    expect(() => chooseTestAlphabets('fixture', ALPHABETS, ['Klingon'])).toThrow(/^fixture: .*"Klingon".*Balinese, Greek, Korean, Latin/);
  });

  it.each([0, 4, 5])('refuses %i of four alphabets', (count) => {
    expect(() => chooseTestAlphabets('fixture', ALPHABETS, count)).toThrow(/allowed are 1 to 3/);
  });

  it('refuses to leave no training alphabet', () => {
    expect(() => chooseTestAlphabets('fixture', ALPHABETS, ALPHABETS)).toThrow(/allowed are 1 to 3/);
  });
});
