import { describe, expect, it } from 'vitest';

import { joined, plainImage, rawDecoder, rawImage, sourceOf } from '../../test/raw-images.js';
import { DatasetError } from '../dataset/dataset-error.js';
import type { DatasetSource } from '../dataset/dataset-source.js';
import type { Episode } from '../task-environment.js';
import { imageFolderEnvironment, imageFolderShape, type ImageFolderTask } from './image-folder.js';
import { loadImageFolder, type ImageFolderOptions } from './load-image-folder.js';

const OPTIONS: ImageFolderOptions = { imageSize: 14, channels: 1, invert: false, leastImages: null, leastClasses: null };

const load = (source: DatasetSource, options: Partial<ImageFolderOptions> = {}) =>
  loadImageFolder(source, { ...OPTIONS, ...options }, rawDecoder);

function failure(contents: Record<string, Uint8Array>, options: Partial<ImageFolderOptions> = {}): unknown {
  try {
    load(sourceOf(contents), options);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('loading an image folder', () => {
  const contents = {
    'pets/dogs/2.PNG': plainImage(51),
    'pets/dogs/1.jpeg': plainImage(204, 30),
    'pets/cats/1.webp': plainImage(255),
    'birds/owls/1.bmp': plainImage(0),
    'birds/owls/notes.txt': Uint8Array.of(1),
    'birds/owls/2.heic': Uint8Array.of(1),
    'birds/owls/.hidden.png': Uint8Array.of(1),
    '__MACOSX/birds/owls/1.jpg': Uint8Array.of(1),
  };

  it('takes folders for classes, and the folders above for groups, in order of path', () => {
    const { classes, fingerprint } = load(sourceOf(contents));
    expect(classes.map(({ alphabet, character, count }) => [alphabet, character, count])).toEqual([
      ['birds', 'owls', 1],
      ['pets', 'cats', 1],
      ['pets', 'dogs', 2],
    ]);
    const reversed = load(sourceOf(Object.fromEntries(Object.entries(contents).reverse())));
    expect(reversed.classes).toEqual(classes);
    expect(reversed.fingerprint).toBe(fingerprint);
  });

  it('tells every file that is left out, and what images were like', () => {
    expect(load(sourceOf(contents)).report).toEqual({
      layout: 'one folder per class',
      images: 4,
      formats: { raw: 4 },
      smallest: [20, 20],
      largest: [30, 30],
      coloured: 0,
      leftOut: [
        { reason: 'hidden', count: 2, examples: ['__MACOSX/birds/owls/1.jpg', 'birds/owls/.hidden.png'] },
        { reason: 'HEIC files are not read', count: 1, examples: ['birds/owls/2.heic'] },
        { reason: 'not an image by its name', count: 1, examples: ['birds/owls/notes.txt'] },
      ],
      warnings: [],
      equalImages: [],
    });
  });

  it('gives luminance, images by file name, whatever their size, or its inverse', () => {
    const levels = (invert: boolean) =>
      load(sourceOf(contents), { invert }).classes.map(({ samples, count }) =>
        Array.from({ length: count }, (_, index) => samples[196 * index + 100]),
      );
    const expected = [[0], [1], [0.8, 0.2]];
    expected.flat().forEach((value, index) => expect(levels(false).flat()[index]).toBeCloseTo(value, 6));
    expected.flat().forEach((value, index) => expect(levels(true).flat()[index]).toBeCloseTo(1 - value, 6));
  });

  it('gives red, green and blue when told, grey images three times the same, transparency on white', () => {
    const { classes, report } = load(
      sourceOf({
        'a/1.png': rawImage(2, 2, 3, (index) => [255, 51, 0][index % 3]),
        'a/2.png': plainImage(102),
        'a/3.png': rawImage(2, 2, 4, (index) => [255, 0, 0, 51][index % 4]),
      }),
      { channels: 3 },
    );
    const pixelOf = (image: number) => [0, 1, 2].map((channel) => classes[0].samples[(3 * image + channel) * 196 + 77]);
    [
      [1, 0.2, 0],
      [0.4, 0.4, 0.4],
      [1, 0.8, 0.8],
    ].forEach((expected, image) => expected.forEach((value, channel) => expect(pixelOf(image)[channel]).toBeCloseTo(value, 6)));
    expect(report.coloured).toBe(2);
    expect(imageFolderShape({ ...TASK, channels: 3 })).toMatchObject({ inputSize: 3 * 196, image: [3, 14, 14] });
  });

  it('needs no groups', () => {
    const { classes } = load(sourceOf({ 'a/1.png': plainImage(0), 'b/1.png': plainImage(9) }));
    expect(classes.map(({ alphabet, character }) => [alphabet, character])).toEqual([
      ['', 'a'],
      ['', 'b'],
    ]);
  });

  it('counts an image that is there twice once, as the first source has it, and tells', () => {
    const { classes, report } = load(joined(sourceOf({ 'a/1.png': plainImage(0) }), sourceOf({ 'a/1.png': plainImage(255) })));
    expect([classes[0].count, classes[0].samples[0]]).toEqual([1, 0]);
    expect(report.leftOut).toEqual([{ reason: 'of the name of another image of its class', count: 1, examples: ['a/1.png'] }]);
  });

  it('warns of images that are equal pixel by pixel, as they are read', () => {
    const split = { 'train/a/1.png': plainImage(9), 'train/b/1.png': plainImage(20), 'test/c/1.png': plainImage(30) };
    expect(load(sourceOf(split)).report.equalImages).toEqual([]);
    const equal = { ...split, 'train/a/2.png': plainImage(9), 'train/b/2.png': plainImage(9), 'test/c/2.png': plainImage(20, 28) };
    expect(load(sourceOf(equal)).report.equalImages).toEqual([
      '2 images are pixel by pixel an image of another class (such as a/1.png and b/2.png); 1 of them on another side of the split, so that what is tested was trained on',
      '1 image is pixel by pixel another image of the same class (such as a/1.png and a/2.png)',
    ]);
  });

  it('names the image that is cut off, a class that would vanish, and a layout that is unclear', () => {
    expect(failure({ ...contents, 'birds/owls/2.jpg': plainImage(7).subarray(0, 300) })).toMatchObject({
      code: 'corrupt-image',
      file: 'birds/owls/2.jpg',
    });
    expect(failure({ 'notes.txt': plainImage(0) })).toMatchObject({ code: 'no-images', file: 'fixture' });
    expect(failure({ 'a/1.heic': plainImage(0) })).toMatchObject({ message: expect.stringContaining('HEIC files are not') as string });
    expect(failure({ 'a/1.png': plainImage(0), 'b/1.heic': plainImage(0) })).toMatchObject({ code: 'no-images', file: 'b' });
    expect(failure({ 'a/1.png': plainImage(0), '2.png': plainImage(0) })).toMatchObject({ code: 'unclear-layout', file: '2.png' });
    const both = { code: 'unclear-layout', file: 'fixture, a' };
    expect(failure({ 'a/1.png': plainImage(0), 'a/b/1.png': plainImage(0) })).toMatchObject(both);
    expect(failure({ 'a/1.png': plainImage(0), 'a/b/c/1.png': plainImage(0) })).toMatchObject(both);
  });

  it('leaves small classes and groups out when told, and tells', () => {
    const small = {
      'x/a/1.png': plainImage(0),
      'x/a/2.png': plainImage(0),
      'x/b/1.png': plainImage(0),
      'y/a/1.png': plainImage(0),
      'y/a/2.png': plainImage(0),
    };
    const pathsOf = (options: Partial<ImageFolderOptions>) =>
      load(sourceOf(small), options).classes.map(({ alphabet, character }) => `${alphabet}/${character}`);
    expect(pathsOf({ leastImages: 2 })).toEqual(['x/a', 'y/a']);
    expect(pathsOf({ leastClasses: 2 })).toEqual(['x/a', 'x/b']);
    expect(load(sourceOf(small), { leastImages: 2 }).report.leftOut).toEqual([
      { reason: 'of a class with fewer than 2 images (leastImages)', count: 1, examples: ['x/b/1.png'] },
    ]);
    expect(failure(small, { leastImages: 2, leastClasses: 2 })).toMatchObject({ code: 'no-images' });
  });

  it('refuses more pixels than fit, before it decodes any', () => {
    const unreadable = Object.fromEntries(Array.from({ length: 1800 }, (_, index) => [`a/${index}.png`, Uint8Array.of(1)]));
    expect(failure(unreadable, { imageSize: 224, channels: 3 })).toMatchObject({ code: 'too-large' });
  });
});

describe('the fingerprint of images', () => {
  const base = { 'g/a/1.png': plainImage(10), 'g/a/2.png': plainImage(20), 'g/b/1.png': plainImage(30) };
  const of = (contents: Record<string, Uint8Array>, options: Partial<ImageFolderOptions> = {}) =>
    load(sourceOf(contents), options).fingerprint;

  it('is lower-case hexadecimal of 256 bits, and equal for equal data wherever they lie', () => {
    expect(of(base)).toMatch(/^[0-9a-f]{64}$/);
    expect(load({ ...sourceOf(base), name: 'elsewhere' }).fingerprint).toBe(of(base));
    expect(of({ ...base, 'notes.txt': Uint8Array.of(1) })).toBe(of(base));
  });

  it('is another for other pixels, order, classes, groups, sides of a split, sizes, channels and decoders', () => {
    const train = { 'train/a/1.png': plainImage(1), 'test/b/1.png': plainImage(1) };
    const others = [
      of(base),
      of({ ...base, 'g/a/2.png': plainImage(21) }),
      of({ 'g/a/1.png': plainImage(20), 'g/a/2.png': plainImage(10), 'g/b/1.png': plainImage(30) }),
      of({ ...base, 'g/b/2.png': plainImage(30) }),
      of({ 'g/a/1.png': plainImage(10), 'g/a/2.png': plainImage(20), 'g/c/1.png': plainImage(30) }),
      of({ 'h/a/1.png': plainImage(10), 'h/a/2.png': plainImage(20), 'h/b/1.png': plainImage(30) }),
      of(base, { imageSize: 15 }),
      of(base, { channels: 3 }),
      of(base, { invert: true }),
      loadImageFolder(sourceOf(base), OPTIONS, { ...rawDecoder, version: 'raw 2' }).fingerprint,
      of(train),
      of({ 'test/a/1.png': plainImage(1), 'train/b/1.png': plainImage(1) }),
      of({ 'a/1.png': plainImage(1), 'b/1.png': plainImage(1) }),
    ];
    expect(new Set(others).size).toBe(others.length);
  });
});

const TASK: ImageFolderTask = {
  ...{ family: 'image-folder', dataset: 'own', imageSize: 14, channels: 1, invert: false, leastImages: null, leastClasses: null },
  ...{ ways: 2, shots: 1, queries: 2, trainTasksPerAgent: 0, heldOut: 2 },
  ...{ classesPerAgent: null, alphabetsPerAgent: null, dirichlet: null, samplesPerClass: null },
  ...{ split: 'class', testClasses: 3, testGroups: 1 },
};

describe('the image folder environment', () => {
  /** Three groups of four classes of eight images, whose level is the number of their class. */
  const classNames = ['x', 'y', 'z'].flatMap((group) => ['1', '2', '3', '4'].map((name) => `${group}/${name}`));
  const images = load(
    sourceOf(
      Object.fromEntries(
        classNames.flatMap((name, number) => Array.from({ length: 8 }, (_, image) => [`${name}/${image}.png`, plainImage(10 * number)])),
      ),
    ),
  );

  const task = TASK;
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
    expect(failureOf({ split: 'group', testGroups: ['w'] })).toThrow('fixture: it has no group "w" (testGroups); it has x, y, z');
    expect(failureOf({ testClasses: 12 })).toThrow('fixture: it has 12 classes and testClasses takes 12; allowed are 1 to 11');
    expect(failureOf({ split: 'group', alphabetsPerAgent: 3 })).toThrow('there are 2 training groups, but alphabetsPerAgent is 3');
    expect(failureOf({ imageSize: 28 })).toThrow(RangeError);
    expect(failureOf({ queries: 9 })).toThrow(DatasetError);
  });

  describe('with a published split', () => {
    const publish = (sides: Record<string, readonly string[]>) =>
      load(
        sourceOf(
          Object.fromEntries(
            Object.entries(sides).flatMap(([side, names]) =>
              names.flatMap((name) =>
                Array.from({ length: 8 }, (_, image) => [`${side}/${name}/${image}.png`, plainImage(10 * classNames.indexOf(name))]),
              ),
            ),
          ),
        ),
      );
    const published = { ...task, split: 'published' } as const;

    it('trains on train and tests on test, validation left to neither', () => {
      const images = publish({ train: ['x/1', 'x/2'], val: ['y/1', 'y/2'], test: ['z/1', 'z/2'] });
      const environment = imageFolderEnvironment(published, request, images);
      const trained = Array.from({ length: 100 }, (_, round) => environment.trainingEpisode(round % 4, round, 0, true));
      const { train, newAgents, newTasks } = environment.evaluationTasks();
      expect(classesOf([...trained, ...train, ...newAgents])).toEqual(['x/1', 'x/2']);
      expect(classesOf(newTasks)).toEqual(['z/1', 'z/2']);
    });

    it('tests on validation where there is no test', () => {
      const environment = imageFolderEnvironment(published, request, publish({ train: ['x/1', 'x/2'], valid: ['y/1', 'y/2'] }));
      expect(classesOf(environment.evaluationTasks().newTasks)).toEqual(['y/1', 'y/2']);
    });

    it('refuses where none is published, or it divides images', () => {
      expect(() => imageFolderEnvironment(published, request, images)).toThrow(
        'it publishes no split of its classes; a published split has',
      );
      const ofImages = publish({ train: ['x/1', 'x/2'], test: ['x/1', 'x/2'] });
      expect(() => imageFolderEnvironment(published, request, ofImages)).toThrow('it divides images, not classes');
    });
  });
});
