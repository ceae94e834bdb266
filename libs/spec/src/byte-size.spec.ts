import { expect, it } from 'vitest';
import { byteCount, byteSize } from './byte-size.js';

it.each([
  [0, '0 B'],
  [1, '1 B'],
  [1_023, '1023 B'],
  [1_024, '1 KiB'],
  [512 * 2 ** 20, '512 MiB'],
  [512 * 2 ** 20 + 2 ** 19, '512.5 MiB'],
  [2.4 * 2 ** 30, '2.4 GiB'],
  [5_000 * 2 ** 40, '5000 TiB'],
])('%d bytes are %s', (bytes, text) => expect(byteSize(bytes)).toBe(text));

it.each([
  ['64 GiB', 64 * 2 ** 30],
  ['1.5MiB', 1.5 * 2 ** 20],
  [' 0 B ', 0],
  ['64', undefined],
  ['64 GB', undefined],
  ['-1 GiB', undefined],
  ['', undefined],
])('%j is %j bytes', (text, bytes) => expect(byteCount(text)).toBe(bytes));
