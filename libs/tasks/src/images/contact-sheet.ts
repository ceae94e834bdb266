import type { LoadedImages } from './image-classes.js';

/** Images of some classes in rows, 8 bits a sample, row-major [height][width][channels]. */
export interface Sheet {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
  /** The classes shown, from top to bottom. */
  readonly rows: readonly string[];
}

const MAX_ROWS = 24;
const MAX_COLUMNS = 12;
/** Between tiles, and around them. */
const MARGIN = 2;
const MARGIN_LEVEL = 128;

/**
 * A sheet to be looked at before anything runs: as a model sees them, the first images of every class, or of classes at equal distances
 * where there are more than 24; up to 12 images of each.
 */
export function contactSheet({ classes, imageSize, channels }: Pick<LoadedImages, 'classes' | 'imageSize' | 'channels'>): Sheet {
  const rows = Math.min(MAX_ROWS, classes.length);
  const shown = Array.from({ length: rows }, (_, row) => classes[Math.floor((row * classes.length) / rows)]);
  const columns = Math.min(MAX_COLUMNS, Math.max(...shown.map(({ count }) => count)));
  const step = imageSize + MARGIN;
  const [width, height] = [columns * step + MARGIN, rows * step + MARGIN];
  const data = new Uint8Array(width * height * channels).fill(MARGIN_LEVEL);
  const plane = imageSize * imageSize;
  shown.forEach(({ samples, count }, row) => {
    for (let image = 0; image < Math.min(columns, count); image++) {
      for (let index = 0; index < channels * plane; index++) {
        const [channel, pixel] = [Math.floor(index / plane), index % plane];
        const y = MARGIN + row * step + Math.floor(pixel / imageSize);
        const x = MARGIN + image * step + (pixel % imageSize);
        data[(y * width + x) * channels + channel] = Math.round(255 * samples[image * channels * plane + index]);
      }
    }
  });
  return {
    ...{ width, height, channels, data },
    rows: shown.map(({ alphabet, character }) => (alphabet === '' ? character : `${alphabet}/${character}`)),
  };
}
