/** What an image file says of itself before it is decoded: format, size and orientation. */
import type { DescribedSize } from './described-size.js';
import { jpegHeader } from './jpeg-header.js';
import { tiffHeader, tiffOrientation } from './tiff-header.js';
import { UnreadableImageError } from './unreadable-image.js';

export type ImageFormat = 'PNG' | 'JPEG' | 'WebP' | 'BMP' | 'GIF' | 'TIFF';

export interface ImageHeader extends DescribedSize {
  readonly format: ImageFormat;
}

/** Formats that are known and not read, by a text at an offset. */
const NOT_READ: readonly (readonly [name: string, offset: number, text: RegExp])[] = [
  ['AVIF', 4, /^ftypavi[fs]/],
  ['HEIC', 4, /^ftyp(?:hei[cmsx]|hev[cmx]|mif1|msf1)/],
  ['JPEG XL', 0, /^(?:\xff\x0a|\0\0\0\x0cJXL )/],
  ['JPEG 2000', 0, /^(?:\0\0\0\x0cjP {2}|\xff\x4f\xff\x51)/],
  ['Photoshop', 0, /^8BPS/],
  ['icon', 0, /^\0\0[\x01\x02]\0/],
  ['SVG', 0, /^(?:\xef\xbb\xbf)?\s*<(?:\?xml|svg|!DOCTYPE svg)/],
  ['PDF', 0, /^%PDF/],
  ['Netpbm', 0, /^P[1-7]\s/],
  ['BigTIFF', 0, /^(?:II\x2b\0|MM\0\x2b)/],
];

/** How files of each format begin. */
const BEGINNINGS: readonly (readonly [ImageFormat, RegExp])[] = [
  ['PNG', /^\x89PNG\r\n\x1a\n/],
  ['JPEG', /^\xff\xd8/],
  ['WebP', /^RIFF[^]{4}WEBP/],
  ['GIF', /^GIF8[79]a/],
  ['TIFF', /^(?:II\*\0|MM\0\*)/],
  ['BMP', /^BM/],
];

const READERS: Readonly<Record<ImageFormat, (bytes: DataView) => DescribedSize>> = {
  PNG: pngHeader,
  JPEG: jpegHeader,
  WebP: webpHeader,
  GIF: (bytes) => ({ width: bytes.getUint16(6, true), height: bytes.getUint16(8, true), orientation: 1 }),
  TIFF: tiffHeader,
  BMP: bmpHeader,
};

/** Reads a header; formats are told apart by how files begin, whatever they are called. @throws UnreadableImageError */
export function readImageHeader(bytes: Uint8Array): ImageHeader {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 512)).toString('latin1');
  const format = BEGINNINGS.find(([, beginning]) => beginning.test(start))?.[0];
  if (!format) {
    const known = NOT_READ.find(([, offset, text]) => text.test(start.slice(offset)))?.[0];
    throw new UnreadableImageError(
      known ? `it is of format ${known}, which is not read` : 'it is not a PNG, JPEG, WebP, BMP, GIF or TIFF image',
    );
  }
  try {
    return { format, ...READERS[format](new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)) };
  } catch (error) {
    // Reading past the end of a DataView.
    if (error instanceof RangeError) throw new UnreadableImageError(`the ${format} is cut off`);
    throw error;
  }
}

/** Signature, then chunks of length, type, data, checksum; IHDR comes first. An `eXIf` chunk may hold the orientation. */
function pngHeader(bytes: DataView): DescribedSize {
  let orientation = 1;
  for (let at = 8; at + 8 <= bytes.byteLength; at += 12 + bytes.getUint32(at)) {
    if (bytes.getUint32(at + 4) === 0x65584966) orientation = tiffOrientation(partOf(bytes, at + 8, bytes.getUint32(at)));
  }
  return { width: bytes.getUint32(16), height: bytes.getUint32(20), orientation };
}

/** A RIFF file of chunks: `VP8 ` (lossy), `VP8L` (lossless) or `VP8X` (with more, such as `EXIF`). */
function webpHeader(bytes: DataView): DescribedSize {
  const name = (at: number) => String.fromCharCode(...[0, 1, 2, 3].map((index) => bytes.getUint8(at + index)));
  let orientation = 1;
  for (let at = 12; at + 8 <= bytes.byteLength; at += 8 + bytes.getUint32(at + 4, true) + (bytes.getUint32(at + 4, true) % 2)) {
    if (name(at) === 'EXIF') orientation = exifOrientation(partOf(bytes, at + 8, bytes.getUint32(at + 4, true)));
  }
  const sizes: Readonly<Record<string, () => readonly [number, number]>> = {
    'VP8 ': () => [bytes.getUint16(26, true) & 0x3fff, bytes.getUint16(28, true) & 0x3fff],
    VP8L: () => [1 + (bytes.getUint32(21, true) & 0x3fff), 1 + ((bytes.getUint32(21, true) >>> 14) & 0x3fff)],
    VP8X: () => [1 + (bytes.getUint32(24, true) & 0xffffff), 1 + (bytes.getUint32(26, true) >>> 8)],
  };
  const kind = name(12);
  if (!Object.hasOwn(sizes, kind)) throw new UnreadableImageError('the WebP has no image in it');
  const [width, height] = sizes[kind]();
  return { width, height, orientation };
}

/** EXIF data, with or without their JPEG signature. */
export function exifOrientation(bytes: DataView): number {
  const hasSignature = bytes.byteLength > 6 && bytes.getUint32(0) === 0x45786966;
  return tiffOrientation(hasSignature ? partOf(bytes, 6, bytes.byteLength - 6) : bytes);
}

function partOf(bytes: DataView, offset: number, length: number): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + offset, Math.min(length, bytes.byteLength - offset));
}

/** Core headers of 12 bytes have sides of 16 bits; a negative height means rows from the top. */
function bmpHeader(bytes: DataView): DescribedSize {
  if (bytes.getUint32(14, true) === 12) return { width: bytes.getUint16(18, true), height: bytes.getUint16(20, true), orientation: 1 };
  return { width: bytes.getInt32(18, true), height: Math.abs(bytes.getInt32(22, true)), orientation: 1 };
}
