/** Where data sets lie on disk: folders of images and archives. */
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatasetError, type DatasetSource } from '@airmeta/tasks';
import { folderSource } from './files/folder-source.js';
import { walkFolder } from './files/folder-walk.js';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** A data set's folder as it was when it was listed. */
export interface DatasetFolder {
  /** Hash of the names, sizes, places and times of its files: a file that was replaced changes it, even one of the same size and date. */
  readonly state: string;
  /** @throws DatasetError when an archive cannot be read */
  open(): DatasetSource;
}

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

  /** Names of all data sets there are, in order; none where there is no folder of data sets. */
  names(): string[] {
    const isFolder = (name: string) => statSync(join(this.root, name), { throwIfNoEntry: false })?.isDirectory() === true;
    const below = statSync(this.root, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(this.root) : [];
    return [...new Set([...below.filter((name) => NAME.test(name) && isFolder(name)), ...this.named.keys()])].sort();
  }

  /** @throws DatasetError when the name is not a plain name, the folder is not there, or it cannot be listed */
  find(name: string): DatasetFolder {
    const listing = walkFolder(resolve(this.folderOf(name)));
    const state = createHash('sha256');
    for (const { path, stats } of listing.files) {
      state.update(`${JSON.stringify([path, ...[stats.size, stats.dev, stats.ino, stats.mtimeNs, stats.ctimeNs].map(String)])}\n`);
    }
    for (const { path, reason } of listing.leftOut) state.update(`${JSON.stringify([path, reason])}\n`);
    return { state: state.digest('hex'), open: () => folderSource(name, listing) };
  }

  private folderOf(name: string): string {
    if (!NAME.test(name)) {
      throw new DatasetError('no-images', name, 'a dataset is named by letters, digits, ".", "_" and "-", without a path');
    }
    const folder = this.named.get(name) ?? join(this.root, name);
    const entry = statSync(folder, { throwIfNoEntry: false });
    if (!entry?.isDirectory()) {
      throw new DatasetError('no-images', folder, `there is no folder for dataset "${name}"; put its images or archives there`);
    }
    return folder;
  }
}
