/** Every file below a folder, links followed. */
import { readdirSync, realpathSync, statSync, type BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { DatasetError, type LeftOutFile } from '@airmeta/tasks';

export interface FoundFile {
  /** Inside the folder, separated by `/`. */
  readonly path: string;
  /** Where it lies on disk. */
  readonly place: string;
  readonly stats: BigIntStats;
}

/** Files and folders of one data set: links to folders may multiply them without end. */
const MAX_ENTRIES = 2 ** 21;

export interface FolderListing {
  /** In order of path, by code units, so that a data set reads the same everywhere. */
  readonly files: readonly FoundFile[];
  readonly leftOut: readonly LeftOutFile[];
}

/**
 * Lists a folder. Linked files and folders count as if they lay there; a link back to a folder above itself is not followed, nor is one that
 * leads nowhere, and both are told.
 * @param maxEntries files and folders it may have
 * @throws DatasetError `no-images` when a folder cannot be listed, `too-large` when there are more
 */
export function walkFolder(folder: string, maxEntries = MAX_ENTRIES): FolderListing {
  const files: FoundFile[] = [];
  const leftOut: LeftOutFile[] = [];
  let entries = 0;
  const visit = (place: string, path: string, above: readonly string[]) => {
    for (const name of readdirSync(place).sort()) {
      if (++entries > maxEntries)
        throw new DatasetError('too-large', folder, `it has more than ${maxEntries} files and folders, links followed`);
      const [child, childPath] = [join(place, name), path === '' ? name : `${path}/${name}`];
      const stats = statSync(child, { bigint: true, throwIfNoEntry: false });
      if (!stats) leftOut.push({ path: childPath, reason: 'a link that leads nowhere' });
      else if (stats.isFile()) files.push({ path: childPath, place: child, stats });
      else if (!stats.isDirectory()) leftOut.push({ path: childPath, reason: 'neither a file nor a folder' });
      else {
        const real = realpathSync(child);
        if (above.includes(real)) leftOut.push({ path: childPath, reason: 'a link back to a folder above it' });
        else visit(child, childPath, [...above, real]);
      }
    }
  };
  try {
    visit(folder, '', [realpathSync(folder)]);
  } catch (error) {
    if (error instanceof DatasetError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatasetError('no-images', folder, `the folder cannot be listed (${reason})`, { cause: error });
  }
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), leftOut };
}
