/** The markers of a JPEG, up to its last: a file that is cut off has none. */
import type { DescribedSize } from './described-size.js';
import { tiffOrientation } from './tiff-header.js';
import { UnreadableImageError } from './unreadable-image.js';

const MARKER = { endOfImage: 0xd9, startOfScan: 0xda, exif: 0xe1 } as const;

/** Frames by their marker: baseline, extended and progressive with Huffman codes are read. */
const FRAMES_READ = [0xc0, 0xc1, 0xc2];
const FRAMES_NOT_READ: Readonly<Record<number, string>> = {
  0xc3: 'lossless',
  0xc5: 'hierarchical',
  0xc6: 'hierarchical',
  0xc7: 'hierarchical',
  0xc9: 'arithmetic',
  0xca: 'arithmetic',
  0xcb: 'arithmetic',
  0xcd: 'hierarchical',
  0xce: 'hierarchical',
  0xcf: 'hierarchical',
};

const EXIF_SIGNATURE = 0x45786966;

/** @throws UnreadableImageError for a kind that is not read, RangeError when the file is cut off */
export function jpegHeader(bytes: DataView): DescribedSize {
  let size: readonly [number, number] | undefined;
  let orientation = 1;
  for (let at = 2; ;) {
    const marker = markerAt(bytes, at);
    at = marker.end;
    if (marker.code === MARKER.endOfImage) break;
    if (isStandalone(marker.code)) continue;
    const length = bytes.getUint16(at);
    if (FRAMES_READ.includes(marker.code)) {
      if (bytes.getUint8(at + 2) !== 8)
        throw new UnreadableImageError(`JPEG samples of ${bytes.getUint8(at + 2)} bits are not read; those of 8 are`);
      size = [bytes.getUint16(at + 5), bytes.getUint16(at + 3)];
    }
    if (Object.hasOwn(FRAMES_NOT_READ, marker.code)) throw new UnreadableImageError(`${FRAMES_NOT_READ[marker.code]} JPEG is not read`);
    if (marker.code === MARKER.exif && length > 8 && bytes.getUint32(at + 2) === EXIF_SIGNATURE) {
      orientation = tiffOrientation(new DataView(bytes.buffer, bytes.byteOffset + at + 8, length - 8));
    }
    at += length;
    if (marker.code === MARKER.startOfScan) at = endOfScan(bytes, at);
  }
  if (!size) throw new UnreadableImageError('the JPEG has no frame');
  return { width: size[0], height: size[1], orientation };
}

/** A marker is 0xff, maybe several times, and a code; some writers leave bytes of no meaning before it, which decoders pass over too. */
function markerAt(bytes: DataView, start: number): { readonly code: number; readonly end: number } {
  let at = start;
  while (bytes.getUint8(at) !== 0xff) at++;
  while (bytes.getUint8(at) === 0xff) at++;
  return { code: bytes.getUint8(at), end: at + 1 };
}

/** Restart markers and 0x01 have no length. */
function isStandalone(code: number): boolean {
  return (code >= 0xd0 && code <= 0xd7) || code === 0x01;
}

/** Where the next marker begins: in a scan's data, 0xff 0x00 is a byte and restart markers are data. */
function endOfScan(bytes: DataView, start: number): number {
  for (let at = start; ; at++) {
    if (bytes.getUint8(at) !== 0xff) continue;
    const next = bytes.getUint8(at + 1);
    if (next !== 0 && next !== 0xff && !isStandalone(next)) return at;
  }
}
