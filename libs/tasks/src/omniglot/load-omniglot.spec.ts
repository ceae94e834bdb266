import { describe, expect, it } from 'vitest';

import { joined, rawDecoder, rawImage, sourceOf } from '../../test/raw-images.js';
import { DatasetError } from '../dataset/dataset-error.js';
import type { DatasetSource } from '../dataset/dataset-source.js';
import { loadOmniglot, type Ink } from './load-omniglot.js';

/** A page of 105 x 105 pixels, ink where told. */
function page(isInk: (row: number, column: number) => boolean, ink: Ink = 'dark'): Uint8Array {
  const [inked, blank] = ink === 'dark' ? [0, 255] : [255, 0];
  return rawImage(105, 105, 1, (pixel) => (isInk(Math.floor(pixel / 105), pixel % 105) ? inked : blank));
}

/** A square of `side` pixels in the upper left corner. */
function drawing(side: number, ink: Ink = 'dark'): Uint8Array {
  return page((row, column) => row < side && column < side, ink);
}

const load = (source: DatasetSource, ink: Ink = 'dark') => loadOmniglot(source, { imageSize: 14, ink }, rawDecoder);

const contentsIn = (ink: Ink) => ({
  'small1/Latin/character02/0002_01.png': drawing(30, ink),
  'small1/Latin/character01/0001_02.png': drawing(60, ink),
  'small1/Latin/character01/0001_01.png': drawing(45, ink),
  'small1/Greek/character01/0003_01.png': drawing(15, ink),
  'small1/Greek/character01/._0003_01.png': Uint8Array.of(1, 2, 3),
  'README.md': Uint8Array.of(4),
});
const contents = contentsIn('dark');

describe('loading Omniglot', () => {
  const images = load(sourceOf(contents));

  it('orders classes by alphabet and character', () => {
    expect(images.classes.map(({ alphabet, character, count }) => [alphabet, character, count])).toEqual([
      ['Greek', 'character01', 1],
      ['Latin', 'character01', 2],
      ['Latin', 'character02', 1],
    ]);
  });

  it('tells which files are left out, and why', () => {
    const { report } = load(
      sourceOf({ ...contents, 'small1/Latin/notes.png': drawing(3) }, [{ path: 'x', reason: 'a link that leads nowhere' }]),
    );
    expect(report.leftOut).toEqual([
      { reason: 'a link that leads nowhere', count: 1, examples: ['x'] },
      { reason: 'hidden', count: 1, examples: ['small1/Greek/character01/._0003_01.png'] },
      { reason: 'not an image by its name', count: 1, examples: ['README.md'] },
      { reason: 'not named as Omniglot names its drawings', count: 1, examples: ['small1/Latin/notes.png'] },
    ]);
    expect(report).toMatchObject({ images: 4, smallest: [105, 105], largest: [105, 105], formats: { raw: 4 }, coloured: 0 });
  });

  it('renders ink as 1 on background 0, drawings by file name', () => {
    const [first, second] = [0, 1].map((index) => images.classes[1].samples.subarray(index * 196, (index + 1) * 196));
    const filled = (image: Float32Array) => image.reduce((sum, ink) => sum + ink, 0);
    expect(filled(first)).toBeCloseTo(36, 3); // 45 of 105 pixels are 6 of 14
    expect(filled(second)).toBeCloseTo(64, 3);
    expect([first[0], first[195]]).toEqual([1, 0]);
  });

  it('gives the pixels that a thin stroke crosses full ink, and a blank page none', () => {
    const stroke = page((_row, column) => column === 50 || column === 51 || column === 49);
    const thin = load(sourceOf({ 'Greek/character01/1_1.png': stroke, 'Greek/character01/1_2.png': drawing(0) }));
    const pixels = [...thin.classes[0].samples];
    expect(pixels.slice(0, 14)).toEqual([0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    expect(pixels.slice(196).every((ink) => ink === 0)).toBe(true);
  });

  it('notices pages of the other ink, and reads them when told', () => {
    const light = contentsIn('light');
    expect(() => load(sourceOf(light))).toThrow(
      'fixture: 4 of its 4 drawings look light on dark, though ink is dark; set ink: light to read them so',
    );
    const told = load(sourceOf(light), 'light');
    expect(told.classes).toEqual(images.classes);
    expect(told.fingerprint).toBe(images.fingerprint);
    expect(() => load(sourceOf(contents), 'light')).toThrow('set ink: dark');
  });

  it('counts a drawing that is there twice once, and tells', () => {
    const again = load(joined(sourceOf(contents), sourceOf({ 'small2/Latin/character01/0001_02.png': drawing(60) })));
    expect(again.classes).toEqual(images.classes);
    expect(again.report.leftOut).toContainEqual({ reason: 'there twice', count: 1, examples: ['small2/Latin/character01/0001_02.png'] });
  });

  it('does not depend on the order of the files', () => {
    const reversed = Object.fromEntries(Object.entries(contents).reverse());
    expect(load(sourceOf(reversed))).toEqual(images);
  });

  it('names a truncated image', () => {
    const path = 'Greek/character01/0003_02.png';
    const cut = () => load(sourceOf({ ...contents, [path]: drawing(30).subarray(0, 80) }));
    expect(cut).toThrow(DatasetError);
    expect(cut).toThrow(path);
  });

  it('says what it looked for when nothing is there', () => {
    expect(() => load(sourceOf({ 'cats/1.png': drawing(3) }))).toThrow(/^fixture: .*characterNN/);
  });
});
