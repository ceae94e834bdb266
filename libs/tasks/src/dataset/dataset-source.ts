/** One file of a data set. */
export interface DatasetFile {
  /** Path inside the data set, separated by `/`. */
  readonly path: string;
  /** The whole content. May be called more than once. */
  read(): Uint8Array;
}

/** The port through which a family that reads files gets its bytes: a folder, an archive, a fixture. */
export interface DatasetSource {
  /** For messages. */
  readonly name: string;
  /** All files, in any order. */
  files(): readonly DatasetFile[];
}

/** One source with the files of all, those of earlier sources first; equal paths are kept (a loader decides what a duplicate is). */
export function mergeSources(name: string, sources: readonly DatasetSource[]): DatasetSource {
  return { name, files: () => sources.flatMap((source) => source.files()) };
}
