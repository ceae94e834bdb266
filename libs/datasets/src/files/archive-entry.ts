/** A file in an archive. */
export interface ArchiveEntry {
  /** Separated by `/`, without a leading one. */
  readonly path: string;
  /** Its size by the archive's directory. */
  readonly size: number;
  /** @throws Error when it is damaged, or larger than the directory says */
  read(): Buffer;
}

/** Largest single file that is taken out of an archive. */
export const MAX_ENTRY_BYTES = 2 ** 29;

/** A path as its system wrote it: Windows' tools separate by `\`; steps up and drives are dropped, as nothing is ever written to it. */
export function entryPath(path: string): string {
  return path
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .join('/');
}
