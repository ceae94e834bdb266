/** Image files that need no decoder: width, height and channels in a byte each, then the samples. */
import { DatasetError } from '../src/dataset/dataset-error.js';
import type { DatasetSource, LeftOutFile } from '../src/dataset/dataset-source.js';
import type { ImageDecoder, Raster } from '../src/images/raster.js';

export function rawImage(width: number, height: number, channels: Raster['channels'], sampleAt: (index: number) => number): Uint8Array {
  return Uint8Array.from({ length: 3 + width * height * channels }, (_, index) => [width, height, channels][index] ?? sampleAt(index - 3));
}

/** A grey image of one level, 0 to 255. */
export function plainImage(level: number, side = 20): Uint8Array {
  return rawImage(side, side, 1, () => level);
}

export const rawDecoder: ImageDecoder = {
  version: 'raw 1',
  decode(bytes, file) {
    const [width, height, channels] = bytes;
    const data = bytes.subarray(3);
    if (data.length !== width * height * channels) throw new DatasetError('corrupt-image', file, 'the image cannot be decoded');
    return { width, height, channels: channels as Raster['channels'], maximum: 255, data, format: 'raw' };
  },
};

export function sourceOf(contents: Readonly<Record<string, Uint8Array>>, leftOut: readonly LeftOutFile[] = []): DatasetSource {
  return {
    name: 'fixture',
    files: () => Object.entries(contents).map(([path, bytes]) => ({ path, read: () => bytes })),
    leftOut: () => leftOut,
  };
}

/** One source with the files of all, those of earlier ones first. */
export function joined(...sources: readonly DatasetSource[]): DatasetSource {
  return {
    name: 'fixture',
    files: () => sources.flatMap((source) => source.files()),
    leftOut: () => sources.flatMap((source) => source.leftOut()),
  };
}
