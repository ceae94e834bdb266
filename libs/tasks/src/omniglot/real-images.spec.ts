import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

import { mergeSources } from '../dataset/dataset-source.js';
import { zipSource } from '../dataset/zip-source.js';
import { loadOmniglot } from './load-omniglot.js';
import { omniglotEnvironment } from './omniglot.js';

const beside = fileURLToPath(new URL('../../../../../shared/data/omniglot', import.meta.url));
const folder = process.env.AIRMETA_OMNIGLOT ?? beside;
const archives = [1, 2].map((number) => join(folder, `images_background_small${number}.zip`));
const missing = !archives.every((archive) => existsSync(archive));

if (missing) console.warn(`Real Omniglot images are not tested: ${folder} lacks them (set AIRMETA_OMNIGLOT).`);

describe('the two "small background" sets of Omniglot', () => {
  it.skipIf(missing)('are 8 alphabets of 242 characters by 20 drawers, Greek and Latin counted once', () => {
    const sources = archives.map((archive) => zipSource(archive, readFileSync(archive)));
    const images = loadOmniglot(mergeSources('omniglot', sources), { imageSize: 14 });

    expect([...new Set(images.classes.map(({ alphabet }) => alphabet))]).toEqual([
      'Balinese',
      'Early_Aramaic',
      'Greek',
      'Japanese_(katakana)',
      'Korean',
      'Latin',
      'Sanskrit',
      'Tagalog',
    ]);
    expect(images.classes).toHaveLength(242);
    for (const { count, samples } of images.classes) {
      expect(count).toBe(20);
      expect(samples.every((ink) => ink >= 0 && ink <= 1)).toBe(true);
      expect(samples.filter((ink) => ink === 1).length).toBeGreaterThanOrEqual(count);
    }

    const environment = omniglotEnvironment(
      {
        family: 'omniglot',
        dataset: 'omniglot',
        ways: 5,
        shots: 1,
        queries: 10,
        trainTasksPerAgent: 4,
        classesPerAgent: 20,
        alphabetsPerAgent: 2,
        dirichlet: 0.5,
        samplesPerClass: 13,
        imageSize: 14,
        rotations: true,
        split: 'alphabet',
        testCharacters: 50,
        testAlphabets: ['Tagalog', 'Korean'],
        heldOut: 5,
      },
      { seed: 3, agents: 4, newAgents: 5, newTasks: 5 },
      images,
    );
    const { train, newAgents, newTasks } = environment.evaluationTasks();
    expect([train, newAgents, newTasks].map(({ length }) => length)).toEqual([16, 5, 5]);
    expect(environment.trainingEpisode(0, 0, 0, true).query.x).toHaveLength(5 * 10 * 196);
  });
});
