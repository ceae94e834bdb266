import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pointSchema, type PointSpec, type TaskSpec } from '@airmeta/spec';
import { DatasetError } from '@airmeta/tasks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drawing, zip } from '../test/files.js';
import { DatasetFolders } from './dataset-folders.js';
import { ImageLibrary } from './image-library.js';
import { inspectTask } from './inspect-task.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'airmeta-datasets-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), bytes);
}

/** Alphabets of `characters` characters with `drawers` drawings each. */
function writeOmniglot(folder: string, { characters = 3, drawers = 20 } = {}): void {
  for (const alphabet of ['Greek', 'Latin', 'Runes']) {
    for (let character = 1; character <= characters; character++) {
      for (let drawer = 1; drawer <= drawers; drawer++) {
        write(
          `${folder}/${alphabet}/character0${character}/000${character}_${String(drawer).padStart(2, '0')}.png`,
          drawing(20 + character),
        );
      }
    }
  }
}

const pathsOf = (folders: DatasetFolders, name: string) =>
  folders
    .open(name)
    .files()
    .map(({ path }) => path);

const refusal = (open: () => unknown): unknown => {
  try {
    open();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('a folder of data sets', () => {
  it('gives the files of a folder and of the zip files in it, in order of path', () => {
    write('omniglot/Latin/character01/0001_01.png', drawing(10));
    write('omniglot/Greek/character01/0002_01.png', drawing(20));
    write('omniglot/small.ZIP', zip({ 'images/Runes/character01/0003_01.png': drawing(30) }));
    const files = new DatasetFolders(root).open('omniglot').files();
    expect(files.map(({ path }) => path)).toEqual([
      'Greek/character01/0002_01.png',
      'Latin/character01/0001_01.png',
      'images/Runes/character01/0003_01.png',
    ]);
    expect(files.map((file) => Buffer.from(file.read()).equals(drawing(30)))).toEqual([false, false, true]);
    const images = new ImageLibrary(new DatasetFolders(root)).imagesFor({ ...omniglot().task });
    expect(images?.classes.map(({ alphabet }) => alphabet)).toEqual(['Greek', 'Latin', 'Runes']);
  });

  it('lets folders that were named win', () => {
    write('root/omniglot/a.png', drawing(1));
    write('elsewhere/b.png', drawing(1));
    const folders = new DatasetFolders(join(root, 'root'), new Map([['omniglot', join(root, 'elsewhere')]]));
    expect(pathsOf(folders, 'omniglot')).toEqual(['b.png']);
    expect(pathsOf(new DatasetFolders(join(root, 'root')), 'omniglot')).toEqual(['a.png']);
  });

  it('reads links to files, and is not led astray by links to folders or to nothing', () => {
    write('target.png', drawing(1));
    write('set/a.png', drawing(1));
    symlinkSync(join(root, 'target.png'), join(root, 'set', 'b.png'));
    symlinkSync(join(root, 'nothing'), join(root, 'set', 'c.png'));
    symlinkSync(join(root, 'set'), join(root, 'set', 'loop'));
    expect(pathsOf(new DatasetFolders(root), 'set')).toEqual(['a.png', 'b.png']);
  });

  it.each(['../x', '..', '/etc', 'a/b', 'a\\b', '.hidden', '', 'a\0b', 'C:\\x'])('refuses a name that is no plain name: %j', (name) => {
    mkdirSync(join(root, '.hidden'));
    const error = refusal(() => new DatasetFolders(join(root)).open(name));
    expect(error).toBeInstanceOf(DatasetError);
    expect((error as Error).message).toContain('without a path');
  });

  it('says which folder is not there', () => {
    write('file', drawing(1));
    for (const name of ['omniglot', 'file']) {
      const error = refusal(() => new DatasetFolders(root).open(name));
      expect(error).toBeInstanceOf(DatasetError);
      expect((error as Error).message).toBe(
        `${join(root, name)}: there is no folder for dataset "${name}"; put its images or zip files there`,
      );
    }
  });

  it('names a file that is gone when it is read, and an archive that is none', () => {
    write('set/a.png', drawing(1));
    const [file] = new DatasetFolders(root).open('set').files();
    rmSync(join(root, 'set', 'a.png'));
    expect(refusal(() => file.read())).toMatchObject({
      name: 'DatasetError',
      message: expect.stringContaining('a.png: the file cannot be read') as string,
    });
    write('set/broken.zip', Buffer.from('PK'));
    expect(refusal(() => new DatasetFolders(root).open('set'))).toMatchObject({
      message: expect.stringContaining('broken.zip: the zip archive') as string,
    });
  });
});

type OmniglotTask = Extract<TaskSpec, { family: 'omniglot' }>;

function omniglot(task: Record<string, unknown> = {}): PointSpec & { readonly task: OmniglotTask } {
  const point = pointSchema.parse({
    task: { family: 'omniglot', ways: 2, testAlphabets: 1, rotations: false, ...task },
    agents: { count: 2, participation: 1 },
    evaluate: { newTasks: 2, newAgents: 2 },
  });
  return point as PointSpec & { readonly task: OmniglotTask };
}

/** Null when nothing is wrong. */
function problemWith(config: PointSpec): string | null {
  const inspection = inspectTask(new ImageLibrary(new DatasetFolders(root)), config);
  return inspection.kind === 'problem' ? inspection.problem : null;
}

describe('what is wrong with the data of a task', () => {
  const problemOf = (task?: Record<string, unknown>) => problemWith(omniglot(task));

  it('is nothing when they serve it', () => {
    writeOmniglot('omniglot');
    expect(problemOf()).toBeNull();
  });

  it('is nothing for a task that draws its own', () => {
    const nowhere = new ImageLibrary(new DatasetFolders('/nowhere'));
    expect(inspectTask(nowhere, pointSchema.parse({ task: { family: 'glyphs' } }))).toEqual({ kind: 'ready', fingerprint: null });
  });

  it('is a folder that is not there, too few classes or samples, or an alphabet nobody knows', () => {
    expect(problemOf()).toContain('there is no folder for dataset "omniglot"');
    writeOmniglot('omniglot', { characters: 2, drawers: 6 });
    expect(problemOf()).toContain('has 6 samples');
    expect(problemOf({ queries: 1, heldOut: 3 })).toBeNull();
    expect(problemOf({ queries: 1, heldOut: 3, ways: 5 })).toContain('ways is 5');
    expect(problemOf({ queries: 1, heldOut: 3, testAlphabets: ['Klingon'] })).toContain('Klingon');
  });

  it('is a corrupt image, by name', () => {
    writeOmniglot('omniglot');
    write('omniglot/Latin/character02/0002_07.png', drawing(10).subarray(0, 60));
    expect(problemOf()).toContain('Latin/character02/0002_07.png');
  });
});

describe('what is wrong with the images of a folder', () => {
  const problemOf = (task: Record<string, unknown> = {}) =>
    problemWith(
      pointSchema.parse({
        task: { family: 'image-folder', dataset: 'own', ways: 2, queries: 2, heldOut: 2, testClasses: 2, ...task },
        agents: { count: 2, participation: 1 },
        evaluate: { newTasks: 2, newAgents: 2 },
      }),
    );

  beforeEach(() => {
    for (const name of ['a', 'b', 'c', 'd']) for (let image = 0; image < 6; image++) write(`own/${name}/${image}.png`, drawing(9 * image));
  });

  it('is nothing when they serve it', () => {
    expect(problemOf()).toBeNull();
  });

  it('is an image that is cut off, in a folder or a zip file, an unclear place, or too few classes', () => {
    expect(problemOf({ ways: 3, testClasses: 3 })).toContain('there are 1 training classes, but ways is 3');
    expect(problemOf({ split: 'group' })).toContain('a split by group needs at least 2');
    write('own/more.zip', zip({ 'e/1.png': drawing(3).subarray(0, 70) }));
    expect(problemOf()).toContain('e/1.png: the image cannot be decoded');
    write('own/a/7.jpg', Buffer.from([0xff, 0xd8, 0xff, 0xe0]));
    expect(problemOf()).toContain('a/7.jpg: the image cannot be decoded');
    write('own/stray.png', drawing(3));
    expect(problemOf()).toContain('stray.png: the image lies in no folder');
  });

  it('is kept apart from the same images read otherwise', () => {
    const library = new ImageLibrary(new DatasetFolders(root));
    const { task } = pointSchema.parse({ task: { family: 'image-folder', dataset: 'own' } });
    const plain = library.imagesFor(task)?.classes[0].samples ?? [];
    const inverted = library.imagesFor({ ...task, invert: true } as TaskSpec)?.classes[0].samples ?? [];
    plain.forEach((value, index) => expect(inverted[index]).toBeCloseTo(1 - value, 6));
  });
});

describe('the fingerprint of a data set', () => {
  const fingerprintOf = (task?: Record<string, unknown>) => {
    const inspection = inspectTask(new ImageLibrary(new DatasetFolders(root)), omniglot(task));
    return inspection.kind === 'ready' ? inspection.fingerprint : inspection.problem;
  };

  it('is that of its images: zipped or not, under whatever name', () => {
    writeOmniglot('omniglot');
    writeOmniglot('copy');
    expect(fingerprintOf()).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprintOf({ dataset: 'copy' })).toBe(fingerprintOf());
  });

  it('is another one when an image is replaced, taken away, or read at another size', () => {
    writeOmniglot('omniglot');
    const before = fingerprintOf();
    expect(fingerprintOf({ imageSize: 28 })).not.toBe(before);
    write('omniglot/Latin/character02/0002_07.png', drawing(104));
    const replaced = fingerprintOf();
    expect(replaced).not.toBe(before);
    rmSync(join(root, 'omniglot/Latin/character02/0002_07.png'));
    expect(new Set([before, replaced, fingerprintOf()]).size).toBe(3);
  });

  it('is found anew when a file was replaced by one of the same size and time', () => {
    writeOmniglot('omniglot', { characters: 2, drawers: 20 });
    const library = new ImageLibrary(new DatasetFolders(root));
    const before = library.imagesFor(omniglot().task)?.fingerprint;
    const path = join(root, 'omniglot/Latin/character02/0002_07.png');
    const { size, atime, mtime } = statSync(path);
    const other = [...Array(100).keys()].map(drawing).find((bytes) => bytes.length === size && !bytes.equals(readFileSync(path)));
    if (!other) throw new Error('no other drawing is as long');
    writeFileSync(path, other);
    utimesSync(path, atime, mtime);
    expect(library.imagesFor(omniglot().task)?.fingerprint).not.toBe(before);
  });
});

describe('an image library', () => {
  it('decodes a data set once per size', () => {
    writeOmniglot('omniglot', { characters: 1, drawers: 1 });
    const library = new ImageLibrary(new DatasetFolders(root));
    const { task } = omniglot();
    expect(library.imagesFor(task)).toBe(library.imagesFor({ ...task, shots: 3 }));
    expect(library.imagesFor({ ...task, imageSize: 28 })).not.toBe(library.imagesFor(task));
    expect(library.imagesFor({ ...task, imageSize: 28 })?.imageSize).toBe(28);
  });
});
