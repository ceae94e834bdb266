import type { SampleClass } from '../classes/sample-class.js';
import type { TaskShape } from '../task-environment.js';

/** Side of an image in pixels that the image families offer. */
export type ImageSize = 14 | 28;

/** All images of one class, upright: of a character of an alphabet, or of a folder of a group. Plain data: can be cached between runs and posted to a thread. */
export interface ImageClass {
  /** Its group, empty for none. */
  readonly alphabet: string;
  readonly character: string;
  /** Number of images. */
  readonly count: number;
  /** In [0, 1], for characters ink 1 on background 0; row-major [count][imageSize][imageSize]. */
  readonly samples: Float32Array;
}

/** Classes of images, read or drawn. */
export interface ImageClasses {
  /** Name of the source, for messages. */
  readonly name: string;
  readonly imageSize: ImageSize;
  /** Ordered by alphabet, then character. */
  readonly classes: readonly ImageClass[];
}

/** The classes of an image data set, decoded once. */
export interface LoadedImages extends ImageClasses {
  /** Content address of what was read, whatever the data set is called: see `imageFingerprint`. */
  readonly fingerprint: string;
}

/** Clockwise, degrees. */
const UPRIGHT = [0] as const;
const QUARTER_TURNS = [0, 90, 180, 270] as const;

/** Shape of a `ways`-way classification of one-channel images. */
export function imageTaskShape(imageSize: ImageSize, ways: number): TaskShape {
  return {
    inputSize: imageSize * imageSize,
    image: [1, imageSize, imageSize],
    outputSize: ways,
    loss: 'cross-entropy',
  };
}

/** @throws RangeError when images were decoded at another size than a task asks for */
export function requireImageSize(images: ImageClasses, imageSize: ImageSize): void {
  if (images.imageSize === imageSize) return;
  throw new RangeError(`images are ${images.imageSize} pixels a side, the task asks for ${imageSize}`);
}

/**
 * The classes that tasks are made of: each character, or each of its four rotations as a class of its own.
 * Rotated pixels are written into the batch, never stored; the rotations of a character share its `splitKey`, so that
 * a drawing held out upright is held out in every rotation.
 */
export function imageSampleClasses(images: ImageClasses, rotations: boolean): SampleClass[] {
  const orders = (rotations ? QUARTER_TURNS : UPRIGHT).map((degrees) => ({
    degrees,
    order: pixelOrder(images.imageSize, degrees),
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

/** For each pixel of the turned image, the pixel of the upright one it shows. */
function pixelOrder(size: number, degrees: number): Int32Array {
  const last = size - 1;
  return Int32Array.from({ length: size * size }, (_, pixel) => {
    const row = Math.floor(pixel / size);
    const column = pixel % size;
    switch (degrees) {
      case 90:
        return (last - column) * size + row;
      case 180:
        return (last - row) * size + (last - column);
      case 270:
        return column * size + (last - row);
      default:
        return pixel;
    }
  });
}
