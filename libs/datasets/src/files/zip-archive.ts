/** Zip archives, by their central directory: nothing is inflated until it is read, nor beyond the size that is declared. */
import { crc32, inflateRawSync } from 'node:zlib';
import { entryPath, MAX_ENTRY_BYTES, type ArchiveEntry } from './archive-entry.js';
import { corruptArchive } from './archive-error.js';
import type { ByteReader } from './byte-reader.js';

const SIGNATURE = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 } as const;
const BYTES = { local: 30, central: 46, end: 22, end64: 56, locator64: 20 } as const;

/** A comment may stand behind the end record. */
const MAX_COMMENT = 0xffff;

/** Sizes and offsets that are in the zip64 extra field instead. */
const MOVED = 0xffffffff;
const ZIP64_FIELD = 0x0001;

const FLAG = { encrypted: 0x1, utf8: 0x800 } as const;
const METHOD = { stored: 0, deflated: 8 } as const;

interface Place {
  readonly path: string;
  readonly isFolder: boolean;
  readonly flags: number;
  readonly method: number;
  readonly checksum: number;
  readonly compressed: number;
  readonly size: number;
  readonly offset: number;
}

/**
 * The files of a zip archive, with zip64.
 * @param name the archive's name, for messages
 * @throws DatasetError `corrupt-archive` when it is no zip, or is cut off; so do reads of damaged, encrypted or unknown content
 */
export function zipEntries(name: string, bytes: ByteReader): ArchiveEntry[] {
  try {
    return readDirectory(bytes)
      .filter(({ isFolder }) => !isFolder)
      .map((place) => ({
        path: place.path,
        size: place.size,
        read: () => {
          try {
            return readContent(bytes, place);
          } catch (error) {
            throw corruptArchive(`${name}, ${place.path}`, error);
          }
        },
      }));
  } catch (error) {
    throw corruptArchive(name, error);
  }
}

function readDirectory(bytes: ByteReader): Place[] {
  const { start, length, count } = findDirectory(bytes);
  const directory = bytes.read(start, length);
  const places: Place[] = [];
  for (let at = 0; places.length < count;) {
    if (at + BYTES.central > directory.length || directory.readUInt32LE(at) !== SIGNATURE.central)
      throw new Error('its directory is damaged');
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((offset) => directory.readUInt16LE(at + offset));
    const rest = at + BYTES.central;
    if (rest + nameBytes + extraBytes + commentBytes > directory.length) throw new Error('its directory is cut off');
    const flags = directory.readUInt16LE(at + 8);
    const path = nameOf(directory.subarray(rest, rest + nameBytes), (flags & FLAG.utf8) !== 0);
    places.push({
      path: entryPath(path),
      isFolder: /[/\\]$/.test(path),
      flags,
      method: directory.readUInt16LE(at + 10),
      checksum: directory.readUInt32LE(at + 16),
      ...sizesOf(directory, at, directory.subarray(rest + nameBytes, rest + nameBytes + extraBytes)),
    });
    at = rest + nameBytes + extraBytes + commentBytes;
  }
  return places;
}

function findDirectory(bytes: ByteReader): { readonly start: number; readonly length: number; readonly count: number } {
  const tailBytes = Math.min(bytes.length, BYTES.end + MAX_COMMENT);
  const tail = bytes.read(bytes.length - tailBytes, tailBytes);
  let at = tail.length - BYTES.end;
  while (at >= 0 && !(tail.readUInt32LE(at) === SIGNATURE.end && at + BYTES.end + tail.readUInt16LE(at + 20) === tail.length)) at--;
  if (at < 0) throw new Error('it is no zip archive, or is cut off');
  const [count, length, start] = [tail.readUInt16LE(at + 10), tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
  if (count !== 0xffff && length !== MOVED && start !== MOVED) return { start, length, count };
  const locator = bytes.read(bytes.length - tailBytes + at - BYTES.locator64, BYTES.locator64);
  if (locator.readUInt32LE(0) !== SIGNATURE.locator64) return { start, length, count };
  const end = bytes.read(Number(locator.readBigUInt64LE(8)), BYTES.end64);
  if (end.readUInt32LE(0) !== SIGNATURE.end64) throw new Error('its directory is damaged');
  return { count: Number(end.readBigUInt64LE(32)), length: Number(end.readBigUInt64LE(40)), start: Number(end.readBigUInt64LE(48)) };
}

/** Names without the flag are in the code page of whoever wrote them; most are UTF-8 all the same. */
function nameOf(bytes: Buffer, isUtf8: boolean): string {
  if (isUtf8) return bytes.toString('utf8');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

function sizesOf(directory: Buffer, at: number, extra: Buffer): Pick<Place, 'compressed' | 'size' | 'offset'> {
  const [compressed, size, offset] = [20, 24, 42].map((field) => directory.readUInt32LE(at + field));
  if (compressed !== MOVED && size !== MOVED && offset !== MOVED) return { compressed, size, offset };
  for (let field = 0; field + 4 <= extra.length; field += 4 + extra.readUInt16LE(field + 2)) {
    if (extra.readUInt16LE(field) !== ZIP64_FIELD) continue;
    // Only what was moved is there, in this order.
    let next = field + 4;
    const moved = (value: number) => (value === MOVED ? Number(extra.readBigUInt64LE((next += 8) - 8)) : value);
    const [wholeSize, wholeCompressed, wholeOffset] = [moved(size), moved(compressed), moved(offset)];
    return { compressed: wholeCompressed, size: wholeSize, offset: wholeOffset };
  }
  throw new Error('its directory is damaged');
}

function readContent(bytes: ByteReader, { flags, method, checksum, compressed, size, offset }: Place): Buffer {
  if ((flags & FLAG.encrypted) !== 0) throw new Error('it is encrypted');
  if (size > MAX_ENTRY_BYTES) throw new Error(`it declares ${size} bytes, allowed are ${MAX_ENTRY_BYTES}`);
  const local = bytes.read(offset, BYTES.local);
  if (local.readUInt32LE(0) !== SIGNATURE.local) throw new Error('it is not where the directory says');
  const data = bytes.read(offset + BYTES.local + local.readUInt16LE(26) + local.readUInt16LE(28), compressed);
  const content = inflated(data, method, size);
  if (content.length !== size || crc32(content) !== checksum) throw new Error('it is damaged: size or checksum is wrong');
  return content;
}

function inflated(data: Buffer, method: number, size: number): Buffer {
  switch (method) {
    case METHOD.stored:
      return data;
    case METHOD.deflated:
      // Zero is no limit that zlib takes.
      return inflateRawSync(data, { maxOutputLength: Math.max(1, size) });
    default:
      throw new Error(`it is compressed by method ${method}; read are stored (0) and deflated (8)`);
  }
}
