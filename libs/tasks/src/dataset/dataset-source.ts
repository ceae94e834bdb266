/** One file of a data set. */
export interface DatasetFile {
  /** Path inside the data set, separated by `/`, in Unicode's normal form C. */
  readonly path: string;
  /** The whole content. May be called more than once. */
  read(): Uint8Array;
}

/** A file that is no part of what is read, and why. */
export interface LeftOutFile {
  readonly path: string;
  /** A phrase that many files may share, such as `hidden`. */
  readonly reason: string;
}

/** The port through which a family that reads files gets its bytes: a folder, an archive, a fixture. */
export interface DatasetSource {
  /** For messages. */
  readonly name: string;
  /** All files, in any order. */
  files(): readonly DatasetFile[];
  /** What could not be reached, such as a link that leads nowhere. */
  leftOut(): readonly LeftOutFile[];
}
