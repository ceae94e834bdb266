import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { constants, deflateRawSync } from 'node:zlib';
import { DatasetError, type ImageDecoder, type Raster } from '@airmeta/tasks';
import { encode, type BitDepth } from 'fast-png';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { exif, greyPng, pngChunk, pngOf } from '../../test/png.js';
import { DECODER_VERSION, openImageDecoder } from './open-image-decoder.js';

const fixture = (name: string) => readFileSync(fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url)));

let decoder: ImageDecoder;
beforeAll(async () => {
  decoder = await openImageDecoder();
});

function caught(bytes: Uint8Array, file = 'cats/1'): unknown {
  try {
    decoder.decode(bytes, file);
  } catch (error) {
    return error;
  }
  return undefined;
}

const refusedFor = (text: string) => ({ code: 'corrupt-image', file: 'cats/1', message: expect.stringContaining(text) as string });

/** Luminance on a white page. */
function luminances({ channels, maximum, data }: Raster): number[] {
  return Array.from({ length: data.length / channels }, (_, pixel) => {
    const at = pixel * channels;
    const level = channels < 3 ? data[at] : 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
    const alpha = channels % 2 === 0 ? data[at + channels - 1] / maximum : 1;
    return 1 - alpha * (1 - level / maximum);
  });
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** What the fixtures show: 40 x 24 pixels, red rising to the right, green downwards, blue in diagonals. */
const shown = (row: number, column: number) => [6 * column, 10 * row, 128 + 4 * ((row + column) % 16)];

/** Largest difference of a sample, of 255. */
function largestError({ width, height, channels, maximum, data }: Raster): number {
  let largest = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      shown(row, column).forEach((expected, channel) => {
        const sample = (255 / maximum) * data[(row * width + column) * channels + channel];
        largest = Math.max(largest, Math.abs(sample - expected));
      });
    }
  }
  return largest;
}

describe('decoding an image', () => {
  // Lossless formats are exact; 16-bit samples are 257 times 8-bit ones, of which TIFF's keep the upper byte; the rest is what each coder loses.
  it.each([
    ['sixteen.png', 'PNG', 1],
    ['interlaced.png', 'PNG', 0],
    ['palette.png', 'PNG', 80],
    ['baseline.jpg', 'JPEG', 12],
    ['progressive.jpg', 'JPEG', 20],
    ['lossless.webp', 'WebP', 0],
    ['animated.webp', 'WebP', 0],
    ['alpha.webp', 'WebP', 0],
    ['lossy.webp', 'WebP', 60],
    ['still.gif', 'GIF', 20],
    ['animated.gif', 'GIF', 20],
    ['none.tif', 'TIFF', 0],
    ['lzw.tif', 'TIFF', 0],
    ['deflate.tif', 'TIFF', 0],
    ['packbits.tif', 'TIFF', 0],
    ['tiled.tif', 'TIFF', 0],
    ['jpeg.tif', 'TIFF', 12],
    ['sixteen.tif', 'TIFF', 1],
  ])('reads %s', (name, format, limit) => {
    const raster = decoder.decode(fixture(name), name);
    expect([raster.format, raster.width, raster.height]).toEqual([format, 40, 24]);
    expect(largestError(raster)).toBeLessThanOrEqual(limit);
  });

  it('reads BMP, rows from the bottom or from the top', () => {
    for (const height of [2, -2]) {
      const bytes = Buffer.alloc(54 + 2 * 4);
      bytes.write('BM', 'latin1');
      bytes.writeUInt32LE(bytes.length, 2);
      bytes.writeUInt32LE(54, 10);
      bytes.writeUInt32LE(40, 14);
      bytes.writeInt32LE(1, 18);
      bytes.writeInt32LE(height, 22);
      bytes.writeUInt16LE(1, 26);
      bytes.writeUInt16LE(24, 28);
      bytes.set([255, 0, 0], height > 0 ? 54 : 58); // blue, green, red of the bottom row
      const { data, channels } = decoder.decode(bytes, 'a.bmp');
      expect(Array.from({ length: 2 }, (_, pixel) => data[pixel * channels + 2])).toEqual([0, 255]);
    }
  });

  it('reads RGB that a JPEG stores as RGB, and CMYK that Adobe inverts', () => {
    expect(mean(luminances(decoder.decode(fixture('rgb-adobe.jpg'), 'rgb')))).toBeCloseTo(0.261, 3);
    // Without a profile, red is (1 - cyan)(1 - black). Another decoder gives 0.516.
    expect(mean(luminances(decoder.decode(fixture('cmyk.jpg'), 'cmyk')))).toBeCloseTo(0.517, 2);
    expect(mean(luminances(decoder.decode(fixture('grey.jpg'), 'grey')))).toBeCloseTo(0.51, 3);
  });

  it('tells formats apart by their content, not their name', () => {
    expect(decoder.decode(greyPng(1, 1, [51]), 'really-a-png.jpg').data[0]).toBe(51);
  });

  it('names formats and kinds that are not read', () => {
    expect(caught(fixture('still.avif'))).toMatchObject(refusedFor('it is of format AVIF, which is not read'));
    expect(caught(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toMatchObject(refusedFor('SVG'));
    expect(caught(Buffer.concat([Buffer.alloc(4), Buffer.from('ftypheic')]))).toMatchObject(refusedFor('HEIC'));
    expect(caught(Buffer.from('text'))).toMatchObject(refusedFor('not a PNG, JPEG, WebP, BMP, GIF or TIFF'));
    expect(caught(new Uint8Array())).toMatchObject(refusedFor('not a PNG'));
    expect(caught(fixture('bilevel.tif'))).toMatchObject(refusedFor('TIFF samples of 1 bits'));
    const arithmetic = fixture('baseline.jpg');
    arithmetic[arithmetic.findIndex((byte, index) => byte === 0xff && arithmetic[index + 1] === 0xc0) + 1] = 0xc9;
    expect(caught(arithmetic)).toMatchObject(refusedFor('arithmetic JPEG is not read'));
  });

  it('has the version of what is installed', () => {
    const versionOf = (name: string) => {
      const { version } = JSON.parse(
        readFileSync(fileURLToPath(new URL(`../../../../node_modules/${name}/package.json`, import.meta.url)), 'utf8'),
      ) as {
        version: string;
      };
      return `${name} ${version}`;
    };
    expect(DECODER_VERSION).toBe(`airmeta 1, ${versionOf('fast-png')}, ${versionOf('@cf-wasm/photon')}`);
    expect(decoder.version).toBe(DECODER_VERSION);
  });
});

describe('orientation', () => {
  // Stored are two columns and three rows, 1 2 / 3 4 / 5 6; EXIF says how they are to be seen.
  const seen: Readonly<Record<number, readonly (readonly number[])[]>> = {
    1: [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    2: [
      [2, 1],
      [4, 3],
      [6, 5],
    ],
    3: [
      [6, 5],
      [4, 3],
      [2, 1],
    ],
    4: [
      [5, 6],
      [3, 4],
      [1, 2],
    ],
    5: [
      [1, 3, 5],
      [2, 4, 6],
    ],
    6: [
      [5, 3, 1],
      [6, 4, 2],
    ],
    7: [
      [6, 4, 2],
      [5, 3, 1],
    ],
    8: [
      [2, 4, 6],
      [1, 3, 5],
    ],
  };

  it.each(Object.keys(seen).map(Number))('%i is applied', (orientation) => {
    for (const isLittleEndian of [true, false]) {
      const { width, data } = decoder.decode(
        greyPng(2, 3, [1, 2, 3, 4, 5, 6], [pngChunk('eXIf', exif(orientation, isLittleEndian))]),
        'a.png',
      );
      expect(Array.from(data)).toEqual(seen[orientation].flat());
      expect(width).toBe(seen[orientation][0].length);
    }
  });

  it('of a JPEG is applied', () => {
    const upright = decoder.decode(fixture('baseline.jpg'), 'a.jpg');
    const turned = decoder.decode(fixture('turned.jpg'), 'b.jpg');
    expect([turned.width, turned.height]).toEqual([24, 40]);
    // Turned clockwise: what was at the bottom left is at the top left.
    expect(Array.from(turned.data).slice(0, 3)).toEqual(Array.from(upright.data).slice(4 * 23 * 40, 4 * 23 * 40 + 3));
  });

  it('that is damaged, or is none, leaves an image as it is', () => {
    for (const bytes of [exif(9, true), exif(6, true).subarray(0, 9), Buffer.from('nonsense')]) {
      expect(Array.from(decoder.decode(greyPng(2, 1, [1, 2], [pngChunk('eXIf', bytes)]), 'a.png').data)).toEqual([1, 2]);
    }
  });
});

describe('decoding a PNG', () => {
  const png = (width: number, depth: BitDepth, channels: number, data: Uint8Array | Uint16Array) =>
    encode({ width, height: 1, depth, channels, data });

  it.each([
    // Ten 1-bit pixels: rows are padded to whole bytes.
    ['1-bit grey', png(10, 1, 1, Uint8Array.of(0b10100000, 0b01000000)), [1, 0, 1, 0, 0, 0, 0, 0, 0, 1]],
    ['4-bit grey', png(3, 4, 1, Uint8Array.of(0x0f, 0x50)), [0, 1, 1 / 3]],
    ['8-bit grey', png(3, 8, 1, Uint8Array.of(0, 255, 51)), [0, 1, 0.2]],
    ['16-bit grey', png(2, 16, 1, Uint16Array.of(65535, 13107)), [1, 0.2]],
    ['RGB', png(2, 8, 3, Uint8Array.of(255, 255, 255, 0, 255, 0)), [1, 0.587]],
    ['grey with alpha', png(2, 8, 2, Uint8Array.of(0, 0, 0, 255)), [1, 0]],
    ['grey, one level transparent', greyPng(2, 1, [0, 51], [pngChunk('tRNS', Uint8Array.of(0, 0))]), [1, 0.2]],
    [
      'a palette with alpha',
      pngOf({
        ...{ width: 2, height: 1, colourType: 3, rows: Uint8Array.of(0, 0, 1) },
        more: [pngChunk('PLTE', Uint8Array.of(0, 0, 0, 0, 255, 0)), pngChunk('tRNS', Uint8Array.of(0, 255))],
      }),
      [1, 0.587],
    ],
  ])('reads %s', (_, bytes, expected) => {
    const read = luminances(decoder.decode(bytes, 'fixture.png'));
    expect(read).toHaveLength(expected.length);
    expected.forEach((value, index) => expect(read[index]).toBeCloseTo(value, 6));
  });

  it('reads a view into a larger buffer', () => {
    const bytes = greyPng(2, 1, [255, 0]);
    const larger = new Uint8Array(bytes.length + 20);
    larger.set(bytes, 7);
    expect(Array.from(decoder.decode(larger.subarray(7, 7 + bytes.length), 'view.png').data)).toEqual([255, 0]);
  });

  it('notices a damaged byte of the pixels', () => {
    const bytes = greyPng(
      16,
      1,
      Array.from({ length: 16 }, (_, index) => (index * 37) % 256),
    );
    bytes[50] ^= 0x10;
    expect(caught(bytes)).toMatchObject(refusedFor('a checksum is wrong'));
  });

  it('refuses data that inflate to more than the pixels, or to fewer', () => {
    expect(caught(pngOf({ width: 2, height: 1, rows: Uint8Array.of(0, 1, 2, 3) }))).toMatchObject(refusedFor('more than the 2 x 1 pixels'));
    expect(caught(pngOf({ width: 2, height: 1, rows: Uint8Array.of(0, 1) }))).toMatchObject(refusedFor('fewer than the 2 x 1 pixels'));
  });

  it('never inflates more than it declares, in pixels, profiles or texts', () => {
    const block = deflateRawSync(Buffer.alloc(2 ** 20), { finishFlush: constants.Z_SYNC_FLUSH });
    const bomb = Buffer.concat([Buffer.from([0x78, 0x9c]), ...Array.from({ length: 900 }, () => block)]);
    const header = greyPng(
      8,
      8,
      Array.from({ length: 64 }, () => 0),
    ).subarray(0, 33);
    const end = pngChunk('IEND', Buffer.alloc(0));
    const before = process.memoryUsage().rss;
    const start = performance.now();
    expect(caught(Buffer.concat([header, pngChunk('IDAT', bomb), end]))).toMatchObject(refusedFor('more than the 8 x 8 pixels'));
    for (const type of ['iCCP', 'zTXt']) {
      const more = [pngChunk(type, Buffer.concat([Buffer.from('name\0\0', 'latin1'), bomb]))];
      expect(Array.from(decoder.decode(greyPng(2, 1, [1, 2], more), 'a.png').data)).toEqual([1, 2]);
    }
    // It took 47 s and 2.9 GB once. Copies of a megabyte of chunks take milliseconds: the limits leave a hundred times that.
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
  });
});

describe('an image that is cut off or forged', () => {
  const files = ['interlaced.png', 'baseline.jpg', 'progressive.jpg', 'lossless.webp', 'still.gif', 'none.tif'];

  it.each(files)('is refused by name: %s', (name) => {
    const bytes = fixture(name);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => {
        const error = caught(bytes.subarray(0, length));
        // Trailing bytes of a GIF or TIFF may be no part of their pixels.
        if (error === undefined && length > bytes.length - 512 && !/png|jpg/.test(name)) return;
        expect(error).toBeInstanceOf(DatasetError);
        expect(error).toMatchObject({ code: 'corrupt-image', file: 'cats/1' });
      }),
      { numRuns: 40 },
    );
  });

  it('is refused when it asks for gigabytes', () => {
    const png = greyPng(1, 1, [0]);
    new DataView(png.buffer, png.byteOffset).setUint32(16, 0x7fffffff);
    expect(caught(png)).toMatchObject(refusedFor('it declares 2147483647 x 1 pixels'));
    const jpeg = fixture('baseline.jpg');
    jpeg.set([0xff, 0xff, 0xff, 0xff], jpeg.findIndex((byte, index) => byte === 0xff && jpeg[index + 1] === 0xc0) + 5);
    expect(caught(jpeg)).toMatchObject(refusedFor('65535 x 65535'));
    const gif = fixture('still.gif');
    gif.set([0xff, 0xff, 0xff, 0xff], 6);
    expect(caught(gif)).toMatchObject(refusedFor('65535 x 65535'));
  });

  it('does not spoil the images after it', () => {
    for (let count = 0; count < 30; count++) caught(fixture('lossy.webp').subarray(0, 200));
    expect(largestError(decoder.decode(fixture('baseline.jpg'), 'a.jpg'))).toBeLessThanOrEqual(12);
  });
});

it('a photograph of 24 megapixels is read', () => {
  const [width, height] = [6000, 4000];
  const rows = Buffer.alloc(height * (1 + 3 * width), 128);
  for (let row = 0; row < height; row++) rows[row * (1 + 3 * width)] = 0;
  const raster = decoder.decode(pngOf({ width, height, colourType: 2, rows }), 'photo.png');
  expect([raster.width, raster.height, raster.data[raster.data.length - 1]]).toEqual([width, height, 128]);
}, 60_000);
