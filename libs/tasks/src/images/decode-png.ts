import { convertIndexedToRgb, decode, type DecodedPng } from 'fast-png';

import { corruptImage, mixChannels, type GreyImage } from './grey-image.js';

/** Largest side accepted, so that a forged header cannot ask for gigabytes. */
const MAX_SIDE = 4096;

/** Byte offset of width and height (big endian, 4 bytes each) in a PNG: signature, chunk length, chunk type. */
const HEADER_SIZE_OFFSET = 16;

/**
 * Decodes a PNG of any colour type and bit depth (1 to 16) to luminance; transparency shows a white page.
 * @param bytes the file's content
 * @param file its name, for the error
 * @returns luminance in [0, 1], 0 black and 1 white
 * @throws DatasetError `corrupt-image` when it is no PNG, is cut off, fails a checksum, or is larger than 4096 pixels a side
 */
export function decodePng(bytes: Uint8Array, file: string): GreyImage {
  try {
    checkDeclaredSize(bytes);
    const png = decode(bytes, { checkCrc: true });
    return { width: png.width, height: png.height, data: luminance(png) };
  } catch (error) {
    throw corruptImage(file, error);
  }
}

function checkDeclaredSize(bytes: Uint8Array): void {
  if (bytes.byteLength < HEADER_SIZE_OFFSET + 8) throw new Error('the file is too short for a PNG');
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = header.getUint32(HEADER_SIZE_OFFSET);
  const height = header.getUint32(HEADER_SIZE_OFFSET + 4);
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) {
    throw new Error(`it declares ${width} x ${height} pixels, allowed are 1 to ${MAX_SIDE} a side`);
  }
}

function luminance(png: DecodedPng): Float32Array {
  if (png.palette) return mixChannels(convertIndexedToRgb(png), png.palette[0].length, 255);
  if (png.depth < 8) return unpackGrey(png);
  return mixChannels(png.data, png.channels, 2 ** png.depth - 1);
}

/** Greyscale with several pixels a byte: most significant bits first, rows padded to whole bytes. */
function unpackGrey({ data, width, height, depth }: DecodedPng): Float32Array {
  const bytesPerRow = Math.ceil((width * depth) / 8);
  const maximum = 2 ** depth - 1;
  const grey = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const bit = column * depth;
      const byte = data[row * bytesPerRow + (bit >> 3)];
      grey[row * width + column] = ((byte >> (8 - depth - (bit & 7))) & maximum) / maximum;
    }
  }
  return grey;
}
