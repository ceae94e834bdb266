/** All files of a data set's folder, archives opened. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { DatasetError, isHidden, isImageName, roleOf, type DatasetFile, type DatasetSource, type LeftOutFile } from '@airmeta/tasks';
import { corruptArchive } from './archive-error.js';
import type { ArchiveEntry } from './archive-entry.js';
import { fileReader, memoryReader, type ByteReader } from './byte-reader.js';
import type { FolderListing } from './folder-walk.js';
import { tarEntries } from './tar-archive.js';
import { zipEntries } from './zip-archive.js';

/** Bytes that archives inside archives, and compressed archives, may take in memory together: they cannot be read in parts. */
const MAX_INFLATED_BYTES = 2 ** 30;

/** Archives in archives in archives; deeper ones are left out. */
const MAX_DEPTH = 3;

/** Endings of what is opened, and how. */
const OPENED: readonly (readonly [ending: RegExp, kind: 'zip' | 'tar' | 'tar.gz' | 'gz'])[] = [
  [/\.zip$/i, 'zip'],
  [/\.tar$/i, 'tar'],
  [/\.(?:tar\.gz|tgz)$/i, 'tar.gz'],
  [/\.gz$/i, 'gz'],
];

const NOT_OPENED = /\.(?:7z|rar|tar\.(?:xz|bz2|zst)|tbz2?|txz|xz|bz2|zst)$/i;

/** A file on its way: from a folder or out of an archive. */
interface Source {
  readonly path: string;
  /** What messages call it: the archives that it is in, the outermost first, and its path there. */
  readonly label: string;
  bytes(): ByteReader;
  read(): Uint8Array;
}

/**
 * The files of a folder; those of archives among them come last, in the archive's folder. An archive whose images lie in no folder is a folder
 * itself, called as it is: so one archive per class, or per side of a split, works. `.gz` files that are no archives are inflated.
 * @param name the data set's, for messages
 * @param maxInflated bytes that archives may take in memory
 * @throws DatasetError `corrupt-archive` when an archive cannot be read, or what it inflates to does not fit
 */
export function folderSource(name: string, listing: FolderListing, maxInflated = MAX_INFLATED_BYTES): DatasetSource {
  const files: DatasetFile[] = [];
  const fromArchives: DatasetFile[] = [];
  const leftOut: LeftOutFile[] = listing.leftOut.map(({ path, reason }) => ({ path: normal(path), reason }));
  const budget = new InflatingBudget(maxInflated);

  const place = (source: Source, depth: number) => {
    const kind = isHidden(source.path) ? undefined : OPENED.find(([ending]) => ending.test(source.path))?.[1];
    if (!kind) {
      if (NOT_OPENED.test(source.path)) leftOut.push({ path: normal(source.label), reason: 'an archive of a kind that is not opened' });
      else (depth === 0 ? files : fromArchives).push({ path: normal(source.path), read: () => source.read() });
      return;
    }
    if (kind === 'gz') {
      const inflate = () => gunzip(source, budget.bytesOfOne);
      return void (depth === 0 ? files : fromArchives).push({ path: normal(source.path.replace(/\.gz$/i, '')), read: inflate });
    }
    if (depth >= MAX_DEPTH) return void leftOut.push({ path: normal(source.label), reason: `in more than ${MAX_DEPTH} archives` });
    for (const inner of innerSources(source, kind, depth, budget)) place(inner, depth + 1);
  };
  for (const { path, place: onDisk } of listing.files) {
    place({ path, label: path, bytes: () => fileReader(onDisk), read: () => readBytes(path, onDisk) }, 0);
  }
  const all = [...files, ...fromArchives];
  return { name, files: () => all, leftOut: () => leftOut };
}

function normal(path: string): string {
  return path.normalize('NFC');
}

function readBytes(path: string, onDisk: string): Uint8Array {
  try {
    return readFileSync(onDisk);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatasetError('corrupt-image', path, `the file cannot be read (${reason})`, { cause: error });
  }
}

function innerSources(source: Source, kind: 'zip' | 'tar' | 'tar.gz', depth: number, budget: InflatingBudget): Source[] {
  // An archive on disk is read in parts; one inside another, or a compressed one, is held in memory.
  const bytes =
    kind === 'tar.gz'
      ? memoryReader(budget.take(source.label, gunzip(source, budget.left)))
      : depth === 0
        ? opened(source)
        : memoryReader(budget.take(source.label, Buffer.from(source.read())));
  const entries = kind === 'zip' ? zipEntries(source.label, bytes) : tarEntries(source.label, bytes);
  const folder = folderOf(source.path, entries);
  return entries.map((entry) => ({
    path: folder === '' ? entry.path : `${folder}/${entry.path}`,
    label: `${source.label}, ${entry.path}`,
    bytes: () => memoryReader(entry.read()),
    read: () => entry.read(),
  }));
}

function opened(source: Source): ByteReader {
  try {
    return source.bytes();
  } catch (error) {
    throw corruptArchive(source.label, error);
  }
}

function gunzip(source: Source, limit: number): Buffer {
  try {
    return gunzipSync(source.read(), { maxOutputLength: Math.max(1, limit) });
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw corruptArchive(
      source.label,
      tooLarge ? `it inflates to more than the ${limit} bytes that are allowed; unpack it into the folder` : error,
    );
  }
}

/** The folder of the archive, and the archive's own name where its files lie in no folder. */
function folderOf(path: string, entries: readonly ArchiveEntry[]): string {
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/(?:\.tar)?\.[^.]+$/, '');
  const visible = entries.filter((entry) => !isHidden(entry.path) && !OPENED.some(([ending]) => ending.test(entry.path)));
  const isFlat =
    visible.length > 0 && visible.every((entry) => !entry.path.includes('/')) && visible.some((entry) => isImageName(entry.path));
  const isSide = roleOf(name) !== null && !entries.every((entry) => entry.path.toLowerCase().startsWith(`${name.toLowerCase()}/`));
  return [parent, ...(isFlat || isSide ? [name] : [])].filter((part) => part !== '').join('/');
}

/** What may be held in memory of archives. */
class InflatingBudget {
  private taken = 0;

  /** @param bytesOfOne what a file that is inflated when it is read, and not kept, may take; and all that are kept, together */
  constructor(readonly bytesOfOne: number) {}

  get left(): number {
    return this.bytesOfOne - this.taken;
  }

  take(label: string, bytes: Buffer): Buffer {
    this.taken += bytes.length;
    if (this.taken <= this.bytesOfOne) return bytes;
    throw corruptArchive(label, `archives inside archives inflate to more than ${this.bytesOfOne} bytes; unpack them into the folder`);
  }
}
