import type { Raster } from '@airmeta/tasks';

type Samples = Uint8Array | Uint8ClampedArray | Uint16Array;

/** A raster whose samples may be written elsewhere. */
export type DecodedRaster = Raster & { readonly data: Samples };

/**
 * Where the pixel (row, column) of the upright image is in the stored one of `width` x `height`, by EXIF orientation:
 * 2 mirrored, 3 turned by 180 degrees, 4 flipped, 5 transposed, 6 to be turned clockwise, 7 transversed, 8 to be turned anticlockwise.
 */
const SOURCE: Readonly<
  Record<number, (row: number, column: number, width: number, height: number) => readonly [row: number, column: number]>
> = {
  2: (row, column, width) => [row, width - 1 - column],
  3: (row, column, width, height) => [height - 1 - row, width - 1 - column],
  4: (row, column, _width, height) => [height - 1 - row, column],
  5: (row, column) => [column, row],
  6: (row, column, _width, height) => [height - 1 - column, row],
  7: (row, column, width, height) => [height - 1 - column, width - 1 - row],
  8: (row, column, width) => [column, width - 1 - row],
};

/** Sides change places from orientation 5 on. */
const FIRST_TURNED = 5;

/** The image as it is to be seen. */
export function orient(raster: DecodedRaster, orientation: number): DecodedRaster {
  if (orientation === 1) return raster;
  const source = SOURCE[orientation];
  const { width, height, channels, data } = raster;
  const [newWidth, newHeight] = orientation >= FIRST_TURNED ? [height, width] : [width, height];
  const turned = data.slice();
  for (let row = 0; row < newHeight; row++) {
    for (let column = 0; column < newWidth; column++) {
      const [sourceRow, sourceColumn] = source(row, column, width, height);
      const from = (sourceRow * width + sourceColumn) * channels;
      const to = (row * newWidth + column) * channels;
      for (let channel = 0; channel < channels; channel++) turned[to + channel] = data[from + channel];
    }
  }
  return { ...raster, width: newWidth, height: newHeight, data: turned };
}
