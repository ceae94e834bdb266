import { DatasetError } from '../dataset/dataset-error.js';

/** A decoded greyscale image, row-major [height][width]: luminance in [0, 1], 0 black and 1 white. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** The error for a file that a decoder refused. */
export function corruptImage(file: string, cause: unknown): DatasetError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DatasetError('corrupt-image', file, `the image cannot be decoded (${reason})`, { cause });
}

/** Grey (1), grey + alpha (2), RGB (3) or RGBA (4) samples to luminance on white; colours weigh as in ITU-R BT.601. */
export function mixChannels(samples: ArrayLike<number>, channels: number, maximum: number): Float32Array {
  const hasAlpha = channels === 2 || channels === 4;
  const grey = new Float32Array(samples.length / channels);
  for (let pixel = 0; pixel < grey.length; pixel++) {
    const at = pixel * channels;
    const level = channels < 3 ? samples[at] : 0.299 * samples[at] + 0.587 * samples[at + 1] + 0.114 * samples[at + 2];
    const alpha = hasAlpha ? samples[at + channels - 1] / maximum : 1;
    grey[pixel] = 1 - alpha * (1 - level / maximum);
  }
  return grey;
}
