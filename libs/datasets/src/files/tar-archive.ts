/** Tar archives: headers of 512 bytes, each before its file. */
import { entryPath, MAX_ENTRY_BYTES, type ArchiveEntry } from './archive-entry.js';
import { corruptArchive } from './archive-error.js';
import type { ByteReader } from './byte-reader.js';

const BLOCK = 512;

/** What an entry is, by its type byte; links and devices hold no content. */
const FILE_TYPES = new Set(['0', '\0', '7', '']);
const LONG_NAME = 'L';
const EXTENDED = 'x';

/**
 * The files of a tar archive: ustar, with GNU's and POSIX's long names.
 * @throws DatasetError `corrupt-archive` when it is no tar, or is cut off
 */
export function tarEntries(name: string, bytes: ByteReader): ArchiveEntry[] {
  try {
    return readEntries(bytes);
  } catch (error) {
    throw corruptArchive(name, error);
  }
}

function readEntries(bytes: ByteReader): ArchiveEntry[] {
  const entries: ArchiveEntry[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const header = bytes.read(at, BLOCK);
    if (header.every((byte) => byte === 0)) return entries;
    requireChecksum(header);
    const size = numberAt(header, 124, 12);
    const start = at + BLOCK;
    if (start + size > bytes.length) throw new Error('it is cut off');
    const type = textAt(header, 156, 1);
    if (type === LONG_NAME) longName = textAt(bytes.read(start, bounded(size)), 0, size);
    else if (type === EXTENDED) longName = extendedPath(bytes.read(start, bounded(size))) ?? longName;
    else {
      const path = entryPath(longName ?? shortName(header));
      longName = undefined;
      if (FILE_TYPES.has(type)) entries.push({ path, size, read: () => bytes.read(start, bounded(size)) });
    }
    at = start + BLOCK * Math.ceil(size / BLOCK);
  }
  if (entries.length === 0) throw new Error('it is no tar archive');
  return entries;
}

function bounded(size: number): number {
  if (size <= MAX_ENTRY_BYTES) return size;
  throw new Error(`a file of it declares ${size} bytes, allowed are ${MAX_ENTRY_BYTES}`);
}

/** The sum of a header's bytes, its own eight taken as spaces. */
function requireChecksum(header: Buffer): void {
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  if (sum !== numberAt(header, 148, 8)) throw new Error('it is no tar archive, or is damaged: a checksum is wrong');
}

/** Octal digits; or, with the highest bit set, a binary number for files beyond 8 GiB. */
function numberAt(header: Buffer, offset: number, length: number): number {
  if ((header[offset] & 0x80) !== 0) return Number(header.readBigUInt64BE(offset + length - 8));
  const digits = textAt(header, offset, length).trim();
  if (!/^[0-7]*$/.test(digits)) throw new Error('it is no tar archive, or is damaged: a number is none');
  return parseInt(digits || '0', 8);
}

function textAt(bytes: Buffer, offset: number, length: number): string {
  const text = bytes.subarray(offset, offset + length);
  const end = text.indexOf(0);
  return text.toString('utf8', 0, end < 0 ? text.length : end);
}

function shortName(header: Buffer): string {
  const prefix = textAt(header, 257, 5) === 'ustar' ? textAt(header, 345, 155) : '';
  return prefix === '' ? textAt(header, 0, 100) : `${prefix}/${textAt(header, 0, 100)}`;
}

/** Records `<length> <key>=<value>` and a line end, of which `path` is a name. */
function extendedPath(bytes: Buffer): string | undefined {
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString('latin1', at, space));
    if (space < 0 || !Number.isInteger(length) || length < 1) throw new Error('an extended header is damaged');
    const [key, ...value] = bytes.toString('utf8', space + 1, at + length - 1).split('=');
    if (key === 'path') return value.join('=');
    at += length;
  }
  return undefined;
}
