/** TIFF's directory of tags, which EXIF uses too. */
import type { DescribedSize } from './described-size.js';
import { UnreadableImageError } from './unreadable-image.js';

const TAG = { width: 256, height: 257, bits: 258, compression: 259, orientation: 274, sampleFormat: 339 } as const;

/** Bytes of a value of each type that is read: BYTE, SHORT, LONG. */
const TYPE_BYTES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4 };

const COMPRESSIONS: Readonly<Record<number, string>> = {
  1: 'none',
  5: 'LZW',
  7: 'JPEG',
  8: 'deflate',
  32946: 'deflate',
  32773: 'PackBits',
};

/** The first value of a tag of the first directory, or undefined. */
type ReadTag = (tag: number) => number | undefined;

/** @throws RangeError when the directory lies outside the bytes */
function firstDirectory(bytes: DataView): ReadTag {
  const little = bytes.getUint16(0) === 0x4949;
  const start = bytes.getUint32(4, little);
  const entries = new Map<number, number>();
  for (let index = 0; index < bytes.getUint16(start, little); index++) {
    const at = start + 2 + 12 * index;
    const [tag, type, count] = [bytes.getUint16(at, little), bytes.getUint16(at + 2, little), bytes.getUint32(at + 4, little)];
    const size = TYPE_BYTES[type] ?? 0;
    if (size === 0 || count === 0) continue;
    const where = size * count <= 4 ? at + 8 : bytes.getUint32(at + 8, little);
    entries.set(tag, size === 1 ? bytes.getUint8(where) : size === 2 ? bytes.getUint16(where, little) : bytes.getUint32(where, little));
  }
  return (tag) => entries.get(tag);
}

/** @throws UnreadableImageError for a kind of TIFF that is not read, RangeError when it is cut off */
export function tiffHeader(bytes: DataView): DescribedSize {
  const tag = firstDirectory(bytes);
  const [bits, compression, sampleFormat] = [tag(TAG.bits) ?? 1, tag(TAG.compression) ?? 1, tag(TAG.sampleFormat) ?? 1];
  if (!Object.hasOwn(COMPRESSIONS, compression)) {
    throw new UnreadableImageError(
      `TIFF compression ${compression} is not read; ${[...new Set(Object.values(COMPRESSIONS))].join(', ')} are`,
    );
  }
  if ((bits !== 8 && bits !== 16) || sampleFormat !== 1) {
    throw new UnreadableImageError(
      `TIFF samples of ${bits} bits${sampleFormat === 1 ? '' : ' with a sign or a fraction'} are not read; whole numbers of 8 or 16 bits are`,
    );
  }
  return { width: tag(TAG.width) ?? 0, height: tag(TAG.height) ?? 0, orientation: orientationIn(tag) };
}

/** The orientation that EXIF data give, 1 when they give none or are damaged: they are no part of the image. */
export function tiffOrientation(bytes: DataView): number {
  try {
    return orientationIn(firstDirectory(bytes));
  } catch (error) {
    if (error instanceof RangeError) return 1;
    throw error;
  }
}

function orientationIn(tag: ReadTag): number {
  const given = tag(TAG.orientation) ?? 1;
  return given >= 1 && given <= 8 ? given : 1;
}
