import { strToU8, zipSync } from 'fflate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DatasetError } from './dataset-error.js';
import { mergeSources, type DatasetSource } from './dataset-source.js';
import { zipSource } from './zip-source.js';

function contentsOf(source: DatasetSource): [string, string][] {
  return source.files().map((file) => [file.path, new TextDecoder().decode(file.read())]);
}

describe('a zip source', () => {
  const bytes = zipSync({ folder: { 'a.txt': strToU8('first'), empty: {} }, 'b.txt': strToU8('second') });

  it('lists files with their content, folders left out', () => {
    expect(contentsOf(zipSource('fixture.zip', bytes))).toEqual([
      ['folder/a.txt', 'first'],
      ['b.txt', 'second'],
    ]);
  });

  it('names the archive that is cut off, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => {
        expect(() => zipSource('cut.zip', bytes.subarray(0, length))).toThrow(DatasetError);
        expect(() => zipSource('cut.zip', bytes.subarray(0, length))).toThrow(/^cut\.zip: /);
      }),
    );
  });
});

describe('merged sources', () => {
  it('keep every file, those of earlier sources first', () => {
    const first = zipSource('1', zipSync({ same: strToU8('1'), one: strToU8('1') }));
    const second = zipSource('2', zipSync({ same: strToU8('2') }));
    const merged = mergeSources('both', [first, second]);
    expect(merged.name).toBe('both');
    expect(contentsOf(merged)).toEqual([
      ['same', '1'],
      ['one', '1'],
      ['same', '2'],
    ]);
  });
});
