import { decodeJpeg } from './decode-jpeg.js';
import { decodePng } from './decode-png.js';
import { corruptImage, type GreyImage } from './grey-image.js';

/** How files of each format begin. */
const PNG = [0x89, 0x50, 0x4e, 0x47];
const JPEG = [0xff, 0xd8];

/**
 * Decodes a PNG or JPEG, told apart by how they begin, whatever the file is called.
 * @param bytes the file's content
 * @param file its name, for the error
 * @throws DatasetError `corrupt-image` when it is neither, or its decoder refuses it
 */
export function decodeImage(bytes: Uint8Array, file: string): GreyImage {
  const begins = (signature: readonly number[]) => signature.every((byte, index) => bytes[index] === byte);
  if (begins(PNG)) return decodePng(bytes, file);
  if (begins(JPEG)) return decodeJpeg(bytes, file);
  throw corruptImage(file, new Error('it is neither a PNG nor a JPEG'));
}
