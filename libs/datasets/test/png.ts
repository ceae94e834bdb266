/** PNG files chunk by chunk, for what encoders do not write. */
import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

const word = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

export function pngChunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([word(data.length), body, word(crc32(body))]);
}

interface PngParts {
  readonly width: number;
  readonly height: number;
  readonly depth?: number;
  readonly colourType?: number;
  /** Rows, each with its filter byte, before compression. */
  readonly rows: Uint8Array;
  /** Whole chunks between header and data. */
  readonly more?: readonly Uint8Array[];
}

export function pngOf({ width, height, depth = 8, colourType = 0, rows, more = [] }: PngParts): Buffer {
  const header = Buffer.concat([word(width), word(height), Buffer.from([depth, colourType, 0, 0, 0])]);
  const data = pngChunk('IDAT', deflateSync(rows));
  return Buffer.concat([SIGNATURE, pngChunk('IHDR', header), ...more, data, pngChunk('IEND', Buffer.alloc(0))]);
}

/** Grey pixels, row after row. */
export function greyPng(width: number, height: number, levels: readonly number[], more: readonly Uint8Array[] = []): Buffer {
  const rows = Array.from({ length: height }, (_, row) => [0, ...levels.slice(row * width, (row + 1) * width)]);
  return pngOf({ width, height, rows: Uint8Array.from(rows.flat()), more });
}

/** EXIF data that give an orientation. */
export function exif(orientation: number, isLittleEndian: boolean): Buffer {
  const bytes = Buffer.alloc(26);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  bytes.write(isLittleEndian ? 'II' : 'MM', 'latin1');
  view.setUint16(2, 42, isLittleEndian);
  view.setUint32(4, 8, isLittleEndian);
  view.setUint16(8, 1, isLittleEndian);
  view.setUint16(10, 0x0112, isLittleEndian);
  view.setUint16(12, 3, isLittleEndian);
  view.setUint32(14, 1, isLittleEndian);
  view.setUint16(18, orientation, isLittleEndian);
  return bytes;
}
