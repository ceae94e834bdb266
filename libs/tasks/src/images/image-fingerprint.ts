/** What was read of an image data set, in 32 bytes. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { ImageClasses } from './image-classes.js';

/** Raised when the same files would be read as something else: another decoder, another order, another scaling. */
const READER_VERSION = 1;

/**
 * Content address of decoded images: SHA-256 over the reader's version, the image size, and, in their order, group, name, number and pixels
 * (float32) of every class. The name of the data set and the files' formats, times and archives are no part of it: the same images give the
 * same fingerprint wherever they lie.
 * @returns 64 hexadecimal digits, in lower case
 */
export function imageFingerprint({ imageSize, classes }: ImageClasses): string {
  const hash = sha256.create();
  const put = (header: readonly (string | number)[]) => hash.update(utf8ToBytes(`${JSON.stringify(header)}\n`));
  put(['airmeta-images', READER_VERSION, imageSize, classes.length]);
  for (const { alphabet, character, count, samples } of classes) {
    put([alphabet, character, count, samples.length]);
    hash.update(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  }
  return bytesToHex(hash.digest());
}
