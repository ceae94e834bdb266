import { encode as encodePng } from 'fast-png';
import { encode as encodeJpeg } from 'jpeg-js';
import { describe, expect, it } from 'vitest';

import { DatasetError } from '../dataset/dataset-error.js';
import { decodeImage } from './decode-image.js';

/** 8 x 8 pixels, white at the top to black at the bottom, grey, progressive. */
const PROGRESSIVE = Buffer.from(
  [
    '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMU',
    'FRUVDA8XGBYUGBIUFRT/wgALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAf/aAAgBAQAAAAE//8QAFRABAQAAAAAAAAAA',
    'AAAAAAAAABf/2gAIAQEAAQUCqb//xAAWEAADAAAAAAAAAAAAAAAAAAAAM6H/2gAIAQEABj8CbT//xAAUEAEAAAAAAAAAAAAAAAAA',
    'AAAA/9oACAEBAAE/IW//2gAIAQEAAAAQ/wD/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAE/EG//2Q==',
  ].join(''),
  'base64',
);

/** A baseline JPEG of one colour. */
function plain(width: number, height: number, [red, green, blue]: readonly number[]): Uint8Array {
  const data = Uint8Array.from({ length: 4 * width * height }, (_, index) => [red, green, blue, 255][index % 4]);
  return encodeJpeg({ width, height, data }, 95).data;
}

function caught(bytes: Uint8Array): unknown {
  try {
    decodeImage(bytes, 'cats/1.jpg');
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('decoding an image', () => {
  it('reads a colour JPEG as luminance', () => {
    const { width, height, data } = decodeImage(plain(20, 10, [255, 0, 0]), 'red.jpg');
    expect([width, height, data.length]).toEqual([20, 10, 200]);
    // JPEG at quality 95 keeps flat colours to a few levels of 255.
    for (const luminance of data) expect(Math.abs(luminance - 0.299)).toBeLessThan(4 / 255);
  });

  it('reads a grey progressive JPEG', () => {
    const { data } = decodeImage(PROGRESSIVE, 'gradient.jpg');
    const column = Array.from({ length: 8 }, (_, row) => data[8 * row]);
    column.forEach((luminance, row) => expect(Math.abs(luminance - (1 - row / 7))).toBeLessThan(0.05));
  });

  it('tells formats apart by their content, not their name', () => {
    const png = encodePng({ width: 1, height: 1, depth: 8, channels: 1, data: Uint8Array.of(51) });
    expect(decodeImage(png, 'really-a-png.jpg').data[0]).toBeCloseTo(0.2, 6);
  });

  it.each([
    ['baseline', plain(24, 24, [10, 200, 30])],
    ['progressive', PROGRESSIVE],
  ])('names the %s JPEG that is cut off, wherever it is cut', (_, bytes) => {
    for (let length = 0; length < bytes.length; length++) {
      const error = caught(bytes.subarray(0, length));
      expect(error, String(length)).toBeInstanceOf(DatasetError);
      expect(error).toMatchObject({ code: 'corrupt-image', file: 'cats/1.jpg' });
    }
  });

  it('refuses what is neither PNG nor JPEG, and a header that asks for gigabytes', () => {
    expect(caught(Buffer.from('GIF89a'))).toMatchObject({ message: expect.stringContaining('neither a PNG nor a JPEG') as string });
    const huge = Uint8Array.from(plain(8, 8, [0, 0, 0]));
    const frame = huge.findIndex((byte, index) => byte === 0xff && huge[index + 1] === 0xc0);
    huge.set([0xff, 0xff, 0xff, 0xff], frame + 5);
    expect(caught(huge)).toMatchObject({ code: 'corrupt-image', message: expect.stringContaining('limit exceeded') as string });
  });
});
