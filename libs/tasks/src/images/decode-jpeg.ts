import { decode } from 'jpeg-js';

import { corruptImage, mixChannels, type GreyImage } from './grey-image.js';

/** Most pixels accepted, in millions, so that a forged header cannot ask for gigabytes: 4096 x 4096. */
const MAX_MEGAPIXELS = 4096 ** 2 / 1e6;

/**
 * Decodes a JPEG, baseline or progressive, grey or colour, to luminance.
 * @param bytes the file's content
 * @param file its name, for the error
 * @throws DatasetError `corrupt-image` when it is no JPEG, is cut off, or has more than 4096 x 4096 pixels. Damage inside
 *   the pixels goes unnoticed as long as it decodes: JPEG has no checksum.
 */
export function decodeJpeg(bytes: Uint8Array, file: string): GreyImage {
  try {
    const { width, height, data } = decode(bytes, { useTArray: true, tolerantDecoding: false, maxResolutionInMP: MAX_MEGAPIXELS });
    return { width, height, data: mixChannels(data, 4, 255) };
  } catch (error) {
    throw corruptImage(file, error);
  }
}
