import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';

import { DatasetError } from '../dataset/dataset-error.js';
import { mergeSources, type DatasetSource } from '../dataset/dataset-source.js';
import { loadOmniglot } from './load-omniglot.js';

/** A white page, black where told. */
function page(isInk: (row: number, column: number) => boolean): Uint8Array {
  const data = Uint8Array.from({ length: 105 * 105 }, (_, pixel) => (isInk(Math.floor(pixel / 105), pixel % 105) ? 0 : 255));
  return encode({ width: 105, height: 105, depth: 8, channels: 1, data });
}

/** A black square of `side` pixels in the upper left corner. */
function drawing(side: number): Uint8Array {
  return page((row, column) => row < side && column < side);
}

function sourceOf(contents: Record<string, Uint8Array>): DatasetSource {
  return {
    name: 'fixture',
    files: () => Object.entries(contents).map(([path, bytes]) => ({ path, read: () => bytes })),
  };
}

const contents = {
  'small1/Latin/character02/0002_01.png': drawing(30),
  'small1/Latin/character01/0001_02.png': drawing(60),
  'small1/Latin/character01/0001_01.png': drawing(45),
  'small1/Greek/character01/0003_01.png': drawing(15),
  'small1/Greek/character01/._0003_01.png': Uint8Array.of(1, 2, 3),
  'README.md': Uint8Array.of(4),
};

describe('loading Omniglot', () => {
  const images = loadOmniglot(sourceOf(contents), { imageSize: 14 });

  it('orders classes by alphabet and character and ignores other files', () => {
    expect(images.classes.map(({ alphabet, character, count }) => [alphabet, character, count])).toEqual([
      ['Greek', 'character01', 1],
      ['Latin', 'character01', 2],
      ['Latin', 'character02', 1],
    ]);
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
    const thin = loadOmniglot(sourceOf({ 'Greek/character01/1_1.png': stroke, 'Greek/character01/1_2.png': drawing(0) }), {
      imageSize: 14,
    });
    const pixels = [...thin.classes[0].samples];
    expect(pixels.slice(0, 14)).toEqual([0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    expect(pixels.slice(196).every((ink) => ink === 0)).toBe(true);
  });

  it('counts a drawing that is there twice once', () => {
    const again = sourceOf({ 'small2/Latin/character01/0001_02.png': drawing(60) });
    expect(loadOmniglot(mergeSources('fixture', [sourceOf(contents), again]), { imageSize: 14 })).toEqual(images);
  });

  it('does not depend on the order of the files', () => {
    const reversed = Object.fromEntries(Object.entries(contents).reverse());
    expect(loadOmniglot(sourceOf(reversed), { imageSize: 14 })).toEqual(images);
  });

  it('names a truncated image', () => {
    const path = 'Greek/character01/0003_02.png';
    const cut = sourceOf({ ...contents, [path]: drawing(30).subarray(0, 80) });
    const load = () => loadOmniglot(cut, { imageSize: 14 });
    expect(load).toThrow(DatasetError);
    expect(load).toThrow(path);
  });

  it('says what it looked for when nothing is there', () => {
    const load = () => loadOmniglot(sourceOf({ 'cats/1.png': drawing(3) }), { imageSize: 14 });
    expect(load).toThrow(/^fixture: .*characterNN/);
  });
});
