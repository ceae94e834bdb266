import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pointSchema, type PointSpec, type TaskSpec } from '@airmeta/spec';
import { DatasetError } from '@airmeta/tasks';
import { decode as decodePng } from 'fast-png';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drawing, tar, zip } from '../test/files.js';
import { DatasetFolders } from './dataset-folders.js';
import { folderSource } from './files/folder-source.js';
import { walkFolder } from './files/folder-walk.js';
import { ImageCache } from './image-cache.js';
import { ImageLibrary } from './image-library.js';
import { inspectTask } from './inspect-task.js';
import { contactSheetPng, summarizeDataset } from './summarize-dataset.js';

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
    .find(name)
    .open()
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
  it('gives the files of a folder and of the zip files in it, in order of path', async () => {
    write('omniglot/Latin/character01/0001_01.png', drawing(10));
    write('omniglot/Greek/character01/0002_01.png', drawing(20));
    write('omniglot/small.ZIP', zip({ 'images/Runes/character01/0003_01.png': drawing(30) }));
    const files = new DatasetFolders(root).find('omniglot').open().files();
    expect(files.map(({ path }) => path)).toEqual([
      'Greek/character01/0002_01.png',
      'Latin/character01/0001_01.png',
      'images/Runes/character01/0003_01.png',
    ]);
    expect(files.map((file) => Buffer.from(file.read()).equals(drawing(30)))).toEqual([false, false, true]);
    const images = await new ImageLibrary(new DatasetFolders(root)).imagesFor({ ...omniglot().task });
    expect(images?.classes.map(({ alphabet }) => alphabet)).toEqual(['Greek', 'Latin', 'Runes']);
  });

  it('lets folders that were named win', () => {
    write('root/omniglot/a.png', drawing(1));
    write('elsewhere/b.png', drawing(1));
    const folders = new DatasetFolders(join(root, 'root'), new Map([['omniglot', join(root, 'elsewhere')]]));
    expect(pathsOf(folders, 'omniglot')).toEqual(['b.png']);
    expect(pathsOf(new DatasetFolders(join(root, 'root')), 'omniglot')).toEqual(['a.png']);
  });

  it('follows links to files and folders, and tells of those that lead back or nowhere', () => {
    write('target.png', drawing(1));
    write('elsewhere/cats/1.png', drawing(1));
    write('set/a.png', drawing(1));
    symlinkSync(join(root, 'target.png'), join(root, 'set', 'b.png'));
    symlinkSync(join(root, 'elsewhere', 'cats'), join(root, 'set', 'cats'));
    symlinkSync(join(root, 'nothing'), join(root, 'set', 'c.png'));
    symlinkSync(join(root, 'set'), join(root, 'set', 'loop'));
    const source = new DatasetFolders(root).find('set').open();
    expect(source.files().map(({ path }) => path)).toEqual(['a.png', 'b.png', 'cats/1.png']);
    expect(source.leftOut()).toEqual([
      { path: 'c.png', reason: 'a link that leads nowhere' },
      { path: 'loop', reason: 'a link back to a folder above it' },
    ]);
  });

  it.each([
    [
      'one archive per class',
      { 'cats.zip': zip({ '1.png': drawing(1) }), 'dogs.tar': tar({ '1.png': drawing(1) }) },
      ['cats/1.png', 'dogs/1.png'],
    ],
    [
      'one archive per side',
      { 'train.zip': zip({ 'a/1.png': drawing(1) }), 'test.zip': zip({ 'b/1.png': drawing(1) }) },
      ['test/b/1.png', 'train/a/1.png'],
    ],
    ['a side that names itself', { 'train.zip': zip({ 'train/a/1.png': drawing(1) }) }, ['train/a/1.png']],
    ['archives in folders', { 'pets/more.tgz': gzipSync(tar({ 'cats/1.png': drawing(1) })) }, ['pets/cats/1.png']],
    ['archives in archives', { 'all.zip': zip({ 'in/cats.zip': zip({ '1.png': drawing(1) }) }) }, ['in/cats/1.png']],
    ['compressed tar archives', { 'a.tar.gz': gzipSync(tar({ 'cats/1.png': drawing(1) })) }, ['cats/1.png']],
    ['backslashes', { 'a.zip': zip({ 'cats\\1.png': drawing(1) }) }, ['cats/1.png']],
    ['compressed files', { 'train-images-idx3-ubyte.gz': gzipSync(drawing(1)) }, ['train-images-idx3-ubyte']],
    [
      'names in another normal form',
      { 'a.zip': zip({ 'u\u0308/1.png': drawing(1) }), '\u00fc/2.png': drawing(1) },
      ['\u00fc/2.png', '\u00fc/1.png'],
    ],
  ])('opens %s', (_, contents, paths) => {
    for (const [path, bytes] of Object.entries(contents)) write(`set/${path}`, bytes);
    const files = new DatasetFolders(root).find('set').open().files();
    expect(files.map(({ path }) => path)).toEqual(paths);
    for (const file of files) expect(Buffer.from(file.read()).equals(drawing(1))).toBe(true);
  });

  it('tells of archives that are not opened, or lie too deep', () => {
    write('set/a.rar', drawing(1));
    const nested = [1, 2, 3].reduce<Buffer>((inner) => zip({ 'inner.zip': inner }), zip({ 'a/1.png': drawing(1) }));
    write('set/deep.zip', nested);
    const source = new DatasetFolders(root).find('set').open();
    expect(source.files()).toEqual([]);
    expect(source.leftOut()).toEqual([
      { path: 'a.rar', reason: 'an archive of a kind that is not opened' },
      { path: 'deep.zip, inner.zip, inner.zip, inner.zip', reason: 'in more than 3 archives' },
    ]);
  });

  it.each([
    ['a compressed archive', { 'a.tar.gz': gzipSync(tar({ 'a/1.png': Buffer.alloc(2 ** 20) })) }],
    ['archives in archives', { 'a.zip': zip({ 'b.zip': zip({ 'a/1.png': Buffer.alloc(2 ** 20) }) }, { deflate: true }) }],
  ])('bounds what %s may take in memory', (_, contents) => {
    for (const [path, bytes] of Object.entries(contents)) write(`bomb/${path}`, bytes);
    const listing = walkFolder(join(root, 'bomb'));
    expect(refusal(() => folderSource('bomb', listing, 2 ** 19))).toMatchObject({ code: 'corrupt-archive' });
    expect(folderSource('bomb', listing).files()).toHaveLength(1);
  });

  it('does not follow links that multiply folders without end', () => {
    for (let level = 0; level < 30; level++) {
      mkdirSync(join(root, `level-${level}`));
      if (level === 0) continue;
      for (const name of ['a', 'b']) symlinkSync(join(root, `level-${level - 1}`), join(root, `level-${level}`, name));
    }
    expect(refusal(() => walkFolder(join(root, 'level-29'), 1000))).toMatchObject({ code: 'too-large' });
    expect(walkFolder(join(root, 'level-3'), 1000).files).toEqual([]);
  });

  it('knows the names there are', () => {
    for (const name of ['b', 'a', '.hidden']) mkdirSync(join(root, name));
    write('file', drawing(1));
    expect(new DatasetFolders(root, new Map([['c', '/elsewhere']])).names()).toEqual(['a', 'b', 'c']);
    expect(new DatasetFolders(join(root, 'nothing')).names()).toEqual([]);
  });

  it('has another state when a file is replaced by one of the same size and date', () => {
    write('set/a.png', drawing(1));
    write('other.png', drawing(2).subarray(0, drawing(1).length));
    const { state } = new DatasetFolders(root).find('set');
    expect(new DatasetFolders(root).find('set').state).toBe(state);
    const { atime, mtime } = statSync(join(root, 'set/a.png'));
    copyFileSync(join(root, 'other.png'), join(root, 'aside.png'));
    utimesSync(join(root, 'aside.png'), atime, mtime);
    renameSync(join(root, 'aside.png'), join(root, 'set/a.png'));
    expect(new DatasetFolders(root).find('set').state).not.toBe(state);
  });

  it.each(['../x', '..', '/etc', 'a/b', 'a\\b', '.hidden', '', 'a\0b', 'C:\\x'])('refuses a name that is no plain name: %j', (name) => {
    mkdirSync(join(root, '.hidden'));
    const error = refusal(() => new DatasetFolders(join(root)).find(name));
    expect(error).toBeInstanceOf(DatasetError);
    expect((error as Error).message).toContain('without a path');
  });

  it('says which folder is not there', () => {
    write('file', drawing(1));
    for (const name of ['omniglot', 'file']) {
      const error = refusal(() => new DatasetFolders(root).find(name));
      expect(error).toBeInstanceOf(DatasetError);
      expect((error as Error).message).toBe(
        `${join(root, name)}: there is no folder for dataset "${name}"; put its images or archives there`,
      );
    }
  });

  it('names a file that is gone when it is read, and an archive that is none', () => {
    write('set/a.png', drawing(1));
    const [file] = new DatasetFolders(root).find('set').open().files();
    rmSync(join(root, 'set', 'a.png'));
    expect(refusal(() => file.read())).toMatchObject({
      name: 'DatasetError',
      message: expect.stringContaining('a.png: the file cannot be read') as string,
    });
    write('set/broken.zip', Buffer.from('PK'));
    expect(refusal(() => new DatasetFolders(root).find('set').open())).toMatchObject({
      message: expect.stringContaining('broken.zip: the archive cannot be read') as string,
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
async function problemWith(config: PointSpec): Promise<string | null> {
  const inspection = await inspectTask(new ImageLibrary(new DatasetFolders(root)), config);
  return inspection.kind === 'problem' ? inspection.problem : null;
}

describe('what is wrong with the data of a task', () => {
  const problemOf = (task?: Record<string, unknown>) => problemWith(omniglot(task));

  it('is nothing when they serve it', async () => {
    writeOmniglot('omniglot');
    expect(await problemOf()).toBeNull();
  });

  it('is nothing for a task that draws its own', async () => {
    const nowhere = new ImageLibrary(new DatasetFolders('/nowhere'));
    expect(await inspectTask(nowhere, pointSchema.parse({ task: { family: 'glyphs' } }))).toEqual({ kind: 'ready', fingerprint: null });
  });

  it('is a folder that is not there, too few classes or samples, or an alphabet nobody knows', async () => {
    expect(await problemOf()).toContain('there is no folder for dataset "omniglot"');
    writeOmniglot('omniglot', { characters: 2, drawers: 6 });
    expect(await problemOf()).toContain('has 6 samples');
    expect(await problemOf({ queries: 1, heldOut: 3 })).toBeNull();
    expect(await problemOf({ queries: 1, heldOut: 3, ways: 5 })).toContain('ways is 5');
    expect(await problemOf({ queries: 1, heldOut: 3, testAlphabets: ['Klingon'] })).toContain('Klingon');
  });

  it('is a corrupt image, by name', async () => {
    writeOmniglot('omniglot');
    write('omniglot/Latin/character02/0002_07.png', drawing(10).subarray(0, 60));
    expect(await problemOf()).toContain('Latin/character02/0002_07.png');
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

  it('is nothing when they serve it', async () => {
    expect(await problemOf()).toBeNull();
  });

  it('is an image that is cut off, in a folder or a zip file, an unclear place, or too few classes', async () => {
    expect(await problemOf({ ways: 3, testClasses: 3 })).toContain('there are 1 training classes, but ways is 3');
    expect(await problemOf({ split: 'group' })).toContain('a split by group needs at least 2');
    write('own/more.zip', zip({ 'e/1.png': drawing(3).subarray(0, 70) }));
    expect(await problemOf()).toContain('e/1.png: the image cannot be decoded');
    write('own/a/7.jpg', Buffer.from([0xff, 0xd8, 0xff, 0xe0]));
    expect(await problemOf()).toContain('a/7.jpg: the image cannot be decoded');
    write('own/stray.png', drawing(3));
    expect(await problemOf()).toContain('stray.png: the image lies in no folder');
  });

  it('is kept apart from the same images read otherwise', async () => {
    const library = new ImageLibrary(new DatasetFolders(root));
    const { task } = pointSchema.parse({ task: { family: 'image-folder', dataset: 'own' } });
    const plain = (await library.imagesFor(task))?.classes[0].samples ?? [];
    const inverted = (await library.imagesFor({ ...task, invert: true } as TaskSpec))?.classes[0].samples ?? [];
    plain.forEach((value, index) => expect(inverted[index]).toBeCloseTo(1 - value, 6));
  });
});

describe('the fingerprint of a data set', () => {
  const fingerprintOf = async (task?: Record<string, unknown>) => {
    const inspection = await inspectTask(new ImageLibrary(new DatasetFolders(root)), omniglot(task));
    return inspection.kind === 'ready' ? inspection.fingerprint : inspection.problem;
  };

  it('is that of its images: zipped or not, under whatever name', async () => {
    writeOmniglot('omniglot');
    writeOmniglot('copy');
    expect(await fingerprintOf()).toMatch(/^[0-9a-f]{64}$/);
    expect(await fingerprintOf({ dataset: 'copy' })).toBe(await fingerprintOf());
  });

  it('is another one when an image is replaced, taken away, or read at another size', async () => {
    writeOmniglot('omniglot');
    const before = await fingerprintOf();
    expect(await fingerprintOf({ imageSize: 28 })).not.toBe(before);
    write('omniglot/Latin/character02/0002_07.png', drawing(104));
    const replaced = await fingerprintOf();
    expect(replaced).not.toBe(before);
    rmSync(join(root, 'omniglot/Latin/character02/0002_07.png'));
    expect(new Set([before, replaced, await fingerprintOf()]).size).toBe(3);
  });

  it('is found anew when a file was replaced by one of the same size and time', async () => {
    writeOmniglot('omniglot', { characters: 2, drawers: 20 });
    const library = new ImageLibrary(new DatasetFolders(root));
    const before = (await library.imagesFor(omniglot().task))?.fingerprint;
    const path = join(root, 'omniglot/Latin/character02/0002_07.png');
    const { size, atime, mtime } = statSync(path);
    const other = [...Array(100).keys()]
      .map((side) => drawing(side))
      .find((bytes) => bytes.length === size && !bytes.equals(readFileSync(path)));
    if (!other) throw new Error('no other drawing is as long');
    writeFileSync(path, other);
    utimesSync(path, atime, mtime);
    expect((await library.imagesFor(omniglot().task))?.fingerprint).not.toBe(before);
  });
});

describe('an image library', () => {
  it('decodes a data set once per size', async () => {
    writeOmniglot('omniglot', { characters: 1, drawers: 1 });
    const library = new ImageLibrary(new DatasetFolders(root));
    const { task } = omniglot();
    expect(await library.imagesFor(task)).toBe(await library.imagesFor({ ...task, shots: 3 }));
    expect(await library.imagesFor({ ...task, imageSize: 28 })).not.toBe(await library.imagesFor(task));
    expect((await library.imagesFor({ ...task, imageSize: 28 }))?.imageSize).toBe(28);
  });

  it('shares a cache with others, and notices replaced images', async () => {
    for (const name of ['a', 'b']) write(`own/${name}/1.png`, drawing(20));
    const cache = () => new ImageCache({ directory: join(root, 'cache'), maxBytes: 2 ** 30 });
    const images = () => new ImageLibrary(new DatasetFolders(root), cache()).imagesFor(folder());
    const first = await images();
    expect(await images()).toEqual(first);
    write('own/b/1.png', drawing(21));
    const second = await images();
    expect(second?.fingerprint).not.toBe(first?.fingerprint);
    write('own/b/1.png', drawing(20));
    expect((await images())?.fingerprint).toBe(first?.fingerprint);
  });
});

const folder = (task: Record<string, unknown> = {}) =>
  pointSchema.parse({ task: { family: 'image-folder', dataset: 'own', ...task } }).task;

describe('the summary of a data set', () => {
  const summaryOf = async (task = folder()) => {
    const images = await new ImageLibrary(new DatasetFolders(root)).imagesFor(task);
    if (!images || !('dataset' in task)) throw new Error('the task reads no data set');
    return { images, summary: summarizeDataset(task, images) };
  };

  it('counts everything that is there, read or not', async () => {
    const fixture = (name: string) => readFileSync(new URL(`../test/fixtures/${name}`, import.meta.url));
    const read = {
      'a.png': drawing(3),
      'a.jpg': fixture('baseline.jpg'),
      'a.webp': fixture('lossy.webp'),
      'a.gif': fixture('still.gif'),
      'a.tif': fixture('lzw.tif'),
    };
    for (const [name, bytes] of Object.entries(read)) write(`own/${name.slice(2)}/${name}`, bytes);
    for (const [index, name] of ['x', 'y'].entries()) write(`linked/${name}/1.png`, drawing(4 + index));
    for (const name of ['x', 'y']) symlinkSync(join(root, 'linked', name), join(root, 'own', name));
    write('own/notes.txt', drawing(1));
    write('own/png/.DS_Store', drawing(1));
    write('own/png/b.heic', drawing(1));
    const { summary, images } = await summaryOf();
    expect(summary).toEqual({
      ...{ name: 'own', family: 'image-folder', layout: 'one folder per class', classes: 7, groups: 1, images: 7 },
      ...{ fewestPerClass: 1, mostPerClass: 1, formats: { GIF: 1, JPEG: 1, PNG: 3, TIFF: 1, WebP: 1 } },
      ...{ smallest: [40, 24], largest: [105, 105], coloured: 4, imageSize: 14, channels: 1, split: null, warnings: [] },
      fingerprint: images.fingerprint,
      leftOut: [
        { reason: 'HEIC files are not read', count: 1, examples: ['png/b.heic'] },
        { reason: 'hidden', count: 1, examples: ['png/.DS_Store'] },
        { reason: 'not an image by its name', count: 1, examples: ['notes.txt'] },
      ],
    });
    const sheet = decodePng(contactSheetPng(images));
    expect([sheet.width, sheet.height, sheet.channels]).toEqual([16 + 2, 7 * 16 + 2, 1]);
  });

  it('gives the sides of a published split', async () => {
    for (const path of ['train/a', 'train/b', 'val/c', 'test/d']) write(`own/${path}/1.png`, drawing(5));
    expect((await summaryOf()).summary.split).toEqual({ training: 2, validation: 1, test: 1 });
    for (const path of ['train/a', 'test/a']) write(`same/${path}/1.png`, drawing(path.length));
    const { summary } = await summaryOf(folder({ dataset: 'same' }));
    expect(summary).toMatchObject({ classes: 1, images: 2, split: null });
    expect(summary.warnings).toHaveLength(1);
    write('same/test/a/1.png', drawing('train/a'.length));
    expect((await summaryOf(folder({ dataset: 'same' }))).summary.warnings).toEqual([
      summary.warnings[0],
      '1 image is pixel by pixel another image of the same class (such as a/test/1.png and a/train/1.png)',
    ]);
  });

  it('of white-on-black Omniglot is refused until it is told so', async () => {
    for (const character of ['character01', 'character02']) write(`omniglot/Greek/${character}/0001_01.png`, drawing(20, [0, 255]));
    await expect(summaryOf(omniglot().task)).rejects.toThrow('2 of its 2 drawings look light on dark, though ink is dark; set ink: light');
    expect((await summaryOf(omniglot({ ink: 'light' }).task)).summary.classes).toBe(2);
  });
});

const realImages = process.env.AIRMETA_OMNIGLOT;

if (realImages === undefined)
  console.warn('Real Omniglot images are not tested: AIRMETA_OMNIGLOT names no folder with images_background_small1.zip and 2.');

describe('the two "small background" sets of Omniglot', () => {
  it.skipIf(realImages === undefined)(
    'are 8 alphabets of 242 characters by 20 drawers, Greek and Latin counted once',
    async () => {
      const { task } = omniglot();
      const images = await new ImageLibrary(new DatasetFolders('/nowhere', new Map([['omniglot', realImages ?? '']]))).imagesFor(task);
      if (!images) throw new Error('nothing was read');
      const summary = summarizeDataset(task, images);
      expect(summary).toMatchObject({ classes: 242, groups: 8, images: 4840, fewestPerClass: 20, mostPerClass: 20, largest: [105, 105] });
      expect(summary.leftOut).toContainEqual(expect.objectContaining({ reason: 'of the name of another image of its class' }));
      expect([...new Set(images.classes.map(({ alphabet }) => alphabet))]).toEqual([
        ...['Balinese', 'Early_Aramaic', 'Greek', 'Japanese_(katakana)', 'Korean', 'Latin', 'Sanskrit', 'Tagalog'],
      ]);
      for (const { count, samples } of images.classes) {
        expect(samples.every((ink) => ink >= 0 && ink <= 1)).toBe(true);
        expect(samples.filter((ink) => ink === 1).length).toBeGreaterThanOrEqual(count);
      }
    },
    60_000,
  );
});
