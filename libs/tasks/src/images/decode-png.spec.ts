import { encode, type BitDepth } from 'fast-png';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DatasetError } from '../dataset/dataset-error.js';
import { decodePng } from './decode-png.js';

function png(width: number, height: number, depth: BitDepth, channels: number, data: Uint8Array | Uint16Array) {
  return encode({ width, height, depth, channels, data });
}

function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('decoding a PNG', () => {
  it.each([
    // Ten 1-bit pixels: rows are padded to whole bytes.
    ['1-bit grey', png(10, 1, 1, 1, Uint8Array.of(0b10100000, 0b01000000)), [1, 0, 1, 0, 0, 0, 0, 0, 0, 1]],
    ['4-bit grey', png(3, 1, 4, 1, Uint8Array.of(0x0f, 0x50)), [0, 1, 1 / 3]],
    ['8-bit grey', png(3, 1, 8, 1, Uint8Array.of(0, 255, 51)), [0, 1, 0.2]],
    ['16-bit grey', png(2, 1, 16, 1, Uint16Array.of(65535, 13107)), [1, 0.2]],
    ['RGB', png(2, 1, 8, 3, Uint8Array.of(255, 255, 255, 0, 255, 0)), [1, 0.587]],
    ['grey with alpha', png(2, 1, 8, 2, Uint8Array.of(0, 0, 0, 255)), [1, 0]],
  ])('reads %s as luminance', (_, bytes, expected) => {
    const { data } = decodePng(bytes, 'fixture.png');
    expect(data).toHaveLength(expected.length);
    expected.forEach((value, index) => expect(data[index]).toBeCloseTo(value, 6));
  });

  it('reads a view into a larger buffer', () => {
    const bytes = png(2, 1, 8, 1, Uint8Array.of(255, 0));
    const larger = new Uint8Array(bytes.length + 20);
    larger.set(bytes, 7);
    expect([...decodePng(larger.subarray(7, 7 + bytes.length), 'view.png').data]).toEqual([1, 0]);
  });

  it('names the file that is cut off, wherever it is cut', () => {
    const bytes = png(
      16,
      16,
      8,
      1,
      Uint8Array.from({ length: 256 }, (_, index) => (index * 37) % 256),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => {
        const error = caught(() => decodePng(bytes.subarray(0, length), 'Greek/character01/0001_01.png'));
        expect(error).toBeInstanceOf(DatasetError);
        expect(error).toMatchObject({ code: 'corrupt-image', file: 'Greek/character01/0001_01.png' });
      }),
    );
  });

  it('notices a damaged byte of the pixels', () => {
    const bytes = png(
      16,
      16,
      8,
      1,
      Uint8Array.from({ length: 256 }, (_, index) => (index * 37) % 256),
    );
    bytes[60] ^= 0x10;
    expect(caught(() => decodePng(bytes, 'damaged.png'))).toMatchObject({ code: 'corrupt-image', file: 'damaged.png' });
  });

  it('refuses a header that asks for gigabytes', () => {
    const bytes = png(1, 1, 8, 1, Uint8Array.of(0));
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(16, 0x7fffffff);
    expect(caught(() => decodePng(bytes, 'huge.png'))).toMatchObject({ code: 'corrupt-image', file: 'huge.png' });
  });
});
