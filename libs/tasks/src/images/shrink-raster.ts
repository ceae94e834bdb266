import { areaAverager, type ReadRow } from './area-average.js';
import type { ImageChannels, Raster } from './raster.js';

/** Weights of red, green and blue in luminance, ITU-R BT.601. */
const [RED, GREEN, BLUE] = [0.299, 0.587, 0.114];

/** Averagers are kept for this many input sizes: a data set of photographs may have a size for every image. */
const MAX_KEPT_SIZES = 64;

/**
 * Averages images by area to `size` x `size`, each channel for itself; transparency shows a white page. One channel is
 * luminance 0.299 R + 0.587 G + 0.114 B; a grey image shows the same in all of three.
 * @returns a function from an image to its light [channels][size][size], 0 none and 1 full (up to rounding of float32)
 */
export function rasterShrinker(size: number, channels: ImageChannels): (raster: Raster) => Float32Array {
  const averagers = new Map<string, ReturnType<typeof areaAverager>>();
  const averagerFor = (width: number, height: number) => {
    const key = `${width}x${height}`;
    const known = averagers.get(key) ?? areaAverager(width, height, size);
    if (averagers.size < MAX_KEPT_SIZES) averagers.set(key, known);
    return known;
  };
  return (raster) => {
    const average = averagerFor(raster.width, raster.height);
    if (channels === 1) return average(luminanceRows(raster));
    const planes = new Float32Array(3 * size * size);
    const grey = raster.channels < 3 ? average(luminanceRows(raster)) : undefined;
    for (let plane = 0; plane < 3; plane++) planes.set(grey ?? average(colourRows(raster, plane)), plane * size * size);
    return planes;
  };
}

function luminanceRows({ width, channels, maximum, data }: Raster): ReadRow {
  const opacity = opacityOf({ channels, maximum, data });
  return (row, into) => {
    for (let column = 0; column < width; column++) {
      const at = (row * width + column) * channels;
      const level = channels < 3 ? data[at] : RED * data[at] + GREEN * data[at + 1] + BLUE * data[at + 2];
      into[column] = 1 - opacity(at) * (1 - level / maximum);
    }
  };
}

function colourRows({ width, channels, maximum, data }: Raster, plane: number): ReadRow {
  const opacity = opacityOf({ channels, maximum, data });
  return (row, into) => {
    for (let column = 0; column < width; column++) {
      const at = (row * width + column) * channels;
      into[column] = 1 - opacity(at) * (1 - data[at + plane] / maximum);
    }
  };
}

function opacityOf({ channels, maximum, data }: Pick<Raster, 'channels' | 'maximum' | 'data'>): (at: number) => number {
  if (channels === 1 || channels === 3) return () => 1;
  return (at) => data[at + channels - 1] / maximum;
}
