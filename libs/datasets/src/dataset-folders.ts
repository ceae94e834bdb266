/** Where data sets lie on disk: folders of images, zipped or not. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { DatasetError, mergeSources, zipSource, type DatasetFile, type DatasetSource } from '@airmeta/tasks';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/**
 * Finds the folder of every data set: one folder of data sets, and folders named one by one.
 */
export class DatasetFolders {
  /**
   * @param root folder whose sub-folders are data sets
   * @param named further data sets, name to folder; they win over `root`
   */
  constructor(
    private readonly root: string,
    private readonly named: ReadonlyMap<string, string> = new Map(),
  ) {}

  /**
   * What the folder looks like: names, sizes and times of its files. Images that were replaced change it, even by files that pretend to be as old.
   * @throws DatasetError as {@link open} does
   */
  stateOf(name: string): string {
    const folder = this.folderOf(name);
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path, statSync(path)] as const)
      .map(([path, { size, mtimeMs, ctimeMs }]) => `${path} ${size} ${mtimeMs} ${ctimeMs}`)
      .sort()
      .join('\n');
  }

  /**
   * Opens a data set.
   * @throws DatasetError when the name is not a plain name or the folder is not there
   */
  open(name: string): DatasetSource {
    return folderSource(name, resolve(this.folderOf(name)));
  }

  private folderOf(name: string): string {
    if (!NAME.test(name)) {
      throw new DatasetError('no-images', name, 'a dataset is named by letters, digits, ".", "_" and "-", without a path');
    }
    const folder = this.named.get(name) ?? join(this.root, name);
    const entry = statSync(folder, { throwIfNoEntry: false });
    if (!entry?.isDirectory()) {
      throw new DatasetError('no-images', folder, `there is no folder for dataset "${name}"; put its images or zip files there`);
    }
    return folder;
  }
}

/** All files below a folder; zip files among them are opened, and their files come last. */
function folderSource(name: string, folder: string): DatasetSource {
  const files: DatasetFile[] = [];
  const archives: DatasetSource[] = [];
  for (const path of pathsBelow(folder)) {
    if (path.toLowerCase().endsWith('.zip')) archives.push(zipSource(basename(path), readBytes(path)));
    else files.push({ path: relative(folder, path).replaceAll(sep, '/'), read: () => readBytes(path) });
  }
  return mergeSources(name, [{ name, files: () => files }, ...archives]);
}

/** In order of path, so that a data set reads the same everywhere. Links to files count as files; linked folders are left out. */
function pathsBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() || entry.isSymbolicLink())
      .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
      .filter(({ entry, path }) => entry.isFile() || statSync(path, { throwIfNoEntry: false })?.isFile())
      .map(({ path }) => path)
      .sort();
  } catch (error) {
    throw new DatasetError('no-images', folder, `the folder cannot be listed (${reasonOf(error)})`, { cause: error });
  }
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new DatasetError('corrupt-image', path, `the file cannot be read (${reasonOf(error)})`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
