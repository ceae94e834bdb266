/** Bytes that may be read from anywhere: a file that is too large to hold, or what was inflated in memory. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

export interface ByteReader {
  readonly length: number;
  /** @throws RangeError when they are not all there */
  read(offset: number, length: number): Buffer;
}

/** Opens the file for every read, so that nothing is to be closed. @throws Error as the file system does */
export function fileReader(path: string): ByteReader {
  return {
    length: withFile(path, (file) => fstatSync(file).size),
    read: (offset, length) =>
      withFile(path, (file) => {
        requireInside(offset, length, fstatSync(file).size);
        const bytes = Buffer.allocUnsafe(length);
        for (let done = 0; done < length;) {
          const read = readSync(file, bytes, done, length - done, offset + done);
          if (read === 0) throw new RangeError('it is cut off');
          done += read;
        }
        return bytes;
      }),
  };
}

export function memoryReader(bytes: Buffer): ByteReader {
  return {
    length: bytes.length,
    read: (offset, length) => {
      requireInside(offset, length, bytes.length);
      return bytes.subarray(offset, offset + length);
    },
  };
}

function requireInside(offset: number, length: number, size: number): void {
  if (offset >= 0 && length >= 0 && offset + length <= size) return;
  throw new RangeError('it is cut off');
}

function withFile<Result>(path: string, use: (file: number) => Result): Result {
  const file = openSync(path, 'r');
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
}
