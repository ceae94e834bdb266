import type { SampleClass } from '../classes/sample-class.js';
import type { ReadingReport } from '../layouts/reading-report.js';
import type { SplitRole } from '../layouts/catalogue.js';
import type { TaskShape } from '../task-environment.js';
import type { ImageChannels } from './raster.js';

/** All images of one class, upright: of a character of an alphabet, or of a folder of a group. Plain data: can be cached between runs and posted to a thread. */
export interface ImageClass {
  /** Its group, empty for none. */
  readonly alphabet: string;
  readonly character: string;
  /** Its side of the split that the data set publishes; null: it publishes none. */
  readonly role: SplitRole | null;
  /** Number of images. */
  readonly count: number;
  /** In [0, 1], for characters ink 1 on background 0; row-major [count][channels][imageSize][imageSize]. */
  readonly samples: Float32Array;
}

/** The classes of an image data set, decoded once. */
export interface LoadedImages {
  /** Name of the source, for messages. */
  readonly name: string;
  /** Side of an image in pixels. */
  readonly imageSize: number;
  readonly channels: ImageChannels;
  /** Ordered by alphabet, then character. */
  readonly classes: readonly ImageClass[];
  /**
   * Lower-case hexadecimal SHA-256 over everything a result can depend on: class names, groups, split roles, order, decoded pixels, image
   * size, channels, version of the decoder. Equal fingerprints are equal data, wherever they lie.
   */
  readonly fingerprint: string;
  /** What was read, and what was not. */
  readonly report: ReadingReport;
}

/** Clockwise, degrees. */
const UPRIGHT = [0] as const;
const QUARTER_TURNS = [0, 90, 180, 270] as const;

/** Shape of a `ways`-way classification of images. */
export function imageTaskShape(imageSize: number, channels: ImageChannels, ways: number): TaskShape {
  return {
    inputSize: channels * imageSize * imageSize,
    image: [channels, imageSize, imageSize],
    outputSize: ways,
    loss: 'cross-entropy',
  };
}

/** @throws RangeError when images were decoded at another size, or in other channels, than a task asks for */
export function requireImageShape(images: LoadedImages, imageSize: number, channels: ImageChannels): void {
  if (images.imageSize !== imageSize) throw new RangeError(`images are ${images.imageSize} pixels a side, the task asks for ${imageSize}`);
  if (images.channels !== channels) throw new RangeError(`images have ${images.channels} channels, the task asks for ${channels}`);
}

/**
 * The classes that tasks are made of: each character, or each of its four rotations as a class of its own.
 * Rotated pixels are written into the batch, never stored; the rotations of a character share its `splitKey`, so that
 * a drawing held out upright is held out in every rotation.
 */
export function imageSampleClasses(images: Pick<LoadedImages, 'imageSize' | 'channels' | 'classes'>, rotations: boolean): SampleClass[] {
  const orders = (rotations ? QUARTER_TURNS : UPRIGHT).map((degrees) => ({
    degrees,
    order: pixelOrder(images.imageSize, images.channels, degrees),
  }));
  return images.classes.flatMap((imageClass, splitKey) =>
    orders.map(({ degrees, order }) => sampleClass(imageClass, splitKey, degrees, order)),
  );
}

function sampleClass(imageClass: ImageClass, splitKey: number, degrees: number, order: Int32Array): SampleClass {
  const { alphabet, character, count, samples } = imageClass;
  return {
    name: `${alphabet === '' ? '' : `${alphabet}/`}${character}${degrees === 0 ? '' : ` turned by ${degrees} degrees`}`,
    group: alphabet,
    splitKey,
    count,
    writeSample(index, out, offset) {
      const start = index * order.length;
      if (degrees === 0) {
        out.set(samples.subarray(start, start + order.length), offset);
        return;
      }
      for (let pixel = 0; pixel < order.length; pixel++) out[offset + pixel] = samples[start + order[pixel]];
    },
  };
}

/** For each number of the turned image, the number of the upright one it shows. */
function pixelOrder(size: number, channels: number, degrees: number): Int32Array {
  const last = size - 1;
  const plane = size * size;
  return Int32Array.from({ length: channels * plane }, (_, index) => {
    const pixel = index % plane;
    const row = Math.floor(pixel / size);
    const column = pixel % size;
    const first = index - pixel;
    switch (degrees) {
      case 90:
        return first + (last - column) * size + row;
      case 180:
        return first + (last - row) * size + (last - column);
      case 270:
        return first + column * size + (last - row);
      default:
        return index;
    }
  });
}
