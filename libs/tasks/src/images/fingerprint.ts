import { createHash } from 'node:crypto';

import type { ImageClass } from './image-classes.js';
import type { ImageChannels } from './raster.js';

/** The version of what is hashed below, and how. */
const FINGERPRINT_VERSION = 1;

interface Fingerprinted {
  readonly imageSize: number;
  readonly channels: ImageChannels;
  readonly classes: readonly ImageClass[];
  /** Version of the decoder that made the pixels. */
  readonly decoder: string;
}

/**
 * Lower-case hexadecimal SHA-256 over a line of JSON for the whole, then for every class a line of JSON (group, name, role, count) and its
 * pixels as little-endian float32. Names say nothing of where the data lie: the same images in another folder have the same fingerprint.
 */
export function fingerprintOf({ imageSize, channels, classes, decoder }: Fingerprinted): string {
  const hash = createHash('sha256');
  const line = (value: unknown) => hash.update(`${JSON.stringify(value)}\n`);
  line({ fingerprint: FINGERPRINT_VERSION, decoder, imageSize, channels, classes: classes.length });
  for (const { alphabet, character, role, count, samples } of classes) {
    line([alphabet, character, role, count]);
    hash.update(littleEndian(samples));
  }
  return hash.digest('hex');
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function littleEndian(samples: Float32Array): Uint8Array {
  if (IS_LITTLE_ENDIAN) return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  const bytes = new Uint8Array(samples.byteLength);
  const view = new DataView(bytes.buffer);
  samples.forEach((value, index) => view.setFloat32(4 * index, value, true));
  return bytes;
}
