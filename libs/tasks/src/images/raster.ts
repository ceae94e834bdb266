/** A decoded image as its file has it: row-major [height][width][channels], upright. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  /** Grey (1), grey and alpha (2), RGB (3) or RGB and alpha (4). */
  readonly channels: 1 | 2 | 3 | 4;
  /** The number that means full light, or full opacity. */
  readonly maximum: number;
  readonly data: ArrayLike<number>;
  /** What the file is, such as `PNG`. */
  readonly format: string;
}

/** The port through which encoded images become pixels: decoders need WebAssembly and native code, which are not pure. */
export interface ImageDecoder {
  /** Names everything decoded pixels depend on; another version is another fingerprint. */
  readonly version: string;
  /**
   * @param bytes the file's content
   * @param file its name, for the error
   * @throws DatasetError `corrupt-image` when it cannot be decoded, or would not fit into memory
   */
  decode(bytes: Uint8Array, file: string): Raster;
}

/** How many numbers a pixel has as a model sees it: luminance, or red, green and blue. */
export type ImageChannels = 1 | 3;
