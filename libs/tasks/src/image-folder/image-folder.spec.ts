import { encode as encodePng } from 'fast-png';
import { encode as encodeJpeg } from 'jpeg-js';
import { describe, expect, it } from 'vitest';

import { DatasetError } from '../dataset/dataset-error.js';
import { mergeSources, type DatasetSource } from '../dataset/dataset-source.js';
import type { Episode } from '../task-environment.js';
import { imageFolderEnvironment, type ImageFolderTask } from './image-folder.js';
import { loadImageFolder } from './load-image-folder.js';

/** A grey image of one level, 0 to 255. */
function png(level: number, width = 20, height = 20): Uint8Array {
  return encodePng({ width, height, depth: 8, channels: 1, data: new Uint8Array(width * height).fill(level) });
}

function jpeg(level: number): Uint8Array {
  return encodeJpeg({ width: 30, height: 16, data: new Uint8Array(30 * 16 * 4).fill(level) }, 95).data;
}

function sourceOf(contents: Record<string, Uint8Array>): DatasetSource {
  return { name: 'own', files: () => Object.entries(contents).map(([path, bytes]) => ({ path, read: () => bytes })) };
}

const OPTIONS = { imageSize: 14, invert: false } as const;

function failure(contents: Record<string, Uint8Array>): unknown {
  try {
    loadImageFolder(sourceOf(contents), OPTIONS);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('loading an image folder', () => {
  const contents = {
    'pets/dogs/2.PNG': png(51),
    'pets/dogs/1.jpeg': jpeg(204),
    'pets/cats/1.png': png(255),
    'birds/owls/1.jpg': jpeg(0),
    'birds/owls/notes.txt': Uint8Array.of(1),
    'birds/owls/.hidden.png': Uint8Array.of(1),
    '__MACOSX/birds/owls/1.jpg': Uint8Array.of(1),
  };

  it('takes folders for classes, and the folders above for groups, in order of path', () => {
    const { classes } = loadImageFolder(sourceOf(contents), OPTIONS);
    expect(classes.map(({ alphabet, character, count }) => [alphabet, character, count])).toEqual([
      ['birds', 'owls', 1],
      ['pets', 'cats', 1],
      ['pets', 'dogs', 2],
    ]);
    const reversed = Object.fromEntries(Object.entries(contents).reverse());
    expect(loadImageFolder(sourceOf(reversed), OPTIONS).classes).toEqual(classes);
  });

  it('gives luminance, images by file name, whatever their format and size, or its inverse', () => {
    const levels = (invert: boolean) =>
      loadImageFolder(sourceOf(contents), { ...OPTIONS, invert }).classes.map(({ samples, count }) =>
        Array.from({ length: count }, (_, index) => samples[196 * index + 100]),
      );
    // JPEG at quality 95 keeps flat greys to about a level of 255.
    const expected = [[0], [1], [0.8, 0.2]];
    expected.flat().forEach((value, index) => expect(levels(false).flat()[index]).toBeCloseTo(value, 1));
    expected.flat().forEach((value, index) => expect(levels(true).flat()[index]).toBeCloseTo(1 - value, 1));
  });

  it('needs no groups', () => {
    const { classes } = loadImageFolder(sourceOf({ 'a/1.png': png(0), 'b/1.png': png(9) }), OPTIONS);
    expect(classes.map(({ alphabet, character }) => [alphabet, character])).toEqual([
      ['', 'a'],
      ['', 'b'],
    ]);
  });

  it('counts an image that is there twice once, as the first source has it', () => {
    const merged = mergeSources('own', [sourceOf({ 'a/1.png': png(0) }), sourceOf({ 'a/1.png': png(255) })]);
    const [{ count, samples }] = loadImageFolder(merged, OPTIONS).classes;
    expect([count, samples[0]]).toEqual([1, 0]);
  });

  it('names the image that is cut off, a class or none', () => {
    expect(failure({ ...contents, 'birds/owls/2.jpg': jpeg(7).subarray(0, 300) })).toMatchObject({
      code: 'corrupt-image',
      file: 'birds/owls/2.jpg',
    });
    expect(failure({ 'notes.txt': png(0) })).toMatchObject({ code: 'no-images', file: 'own' });
    expect(failure({ 'a/1.png': png(0), '2.png': png(0) })).toMatchObject({ code: 'unclear-layout', file: '2.png' });
    expect(failure({ 'a/1.png': png(0), 'a/b/1.png': png(0) })).toMatchObject({ code: 'unclear-layout', file: 'own, a' });
  });
});

describe('the image folder environment', () => {
  /** Three groups of four classes of eight images, whose level is the number of their class. */
  const classNames = ['x', 'y', 'z'].flatMap((group) => ['1', '2', '3', '4'].map((name) => `${group}/${name}`));
  const images = loadImageFolder(
    sourceOf(
      Object.fromEntries(
        classNames.flatMap((name, number) => Array.from({ length: 8 }, (_, image) => [`${name}/${image}.png`, png(10 * number)])),
      ),
    ),
    OPTIONS,
  );

  const task: ImageFolderTask = {
    ...{ family: 'image-folder', dataset: 'own', imageSize: 14, invert: false },
    ...{ ways: 2, shots: 1, queries: 2, trainTasksPerAgent: 0, heldOut: 2 },
    ...{ classesPerAgent: null, alphabetsPerAgent: null, dirichlet: null, samplesPerClass: null },
    ...{ split: 'class', testClasses: 3, testGroups: 1 },
  };
  const request = { seed: 1, agents: 4, newAgents: 20, newTasks: 40 };

  const classesOf = (episodes: readonly Episode[]) =>
    [...new Set(episodes.flatMap(({ support }) => Array.from({ length: support.size }, (_, row) => support.x[196 * row] * 25.5)))]
      .map((level) => classNames[Math.round(level)])
      .sort();

  it('keeps test classes, or test groups, for new tasks', () => {
    for (const options of [task, { ...task, split: 'group', testGroups: ['y'] } as const]) {
      const environment = imageFolderEnvironment(options, request, images);
      const { train, newAgents, newTasks } = environment.evaluationTasks();
      const trained = Array.from({ length: 200 }, (_, round) => environment.trainingEpisode(round % 4, round, 0, true));
      const [seen, unseen] = [classesOf([...trained, ...train, ...newAgents]), classesOf(newTasks)];
      expect(unseen).toHaveLength(options.split === 'class' ? 3 : 4);
      expect([...seen, ...unseen].sort()).toEqual([...classNames].sort());
      if (options.split === 'group') expect(unseen).toEqual(['y/1', 'y/2', 'y/3', 'y/4']);
    }
  });

  it('says what groups and classes there are when they do not do', () => {
    const failureOf = (changes: Partial<ImageFolderTask>) => () => imageFolderEnvironment({ ...task, ...changes }, request, images);
    expect(failureOf({ split: 'group', testGroups: ['w'] })).toThrow('own: it has no group "w" (testGroups); it has x, y, z');
    expect(failureOf({ testClasses: 12 })).toThrow('own: it has 12 classes and testClasses takes 12; allowed are 1 to 11');
    expect(failureOf({ split: 'group', alphabetsPerAgent: 3 })).toThrow('there are 2 training groups, but alphabetsPerAgent is 3');
    expect(failureOf({ imageSize: 28 })).toThrow(RangeError);
    expect(failureOf({ queries: 9 })).toThrow(DatasetError);
  });
});
