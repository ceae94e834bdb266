import type { DatasetSource } from '../dataset/dataset-source.js';
import type { LoadedImages } from '../images/image-classes.js';
import { loadCatalogue } from '../images/load-catalogue.js';
import type { ImageChannels, ImageDecoder } from '../images/raster.js';
import { rasterShrinker } from '../images/shrink-raster.js';
import { findLayout } from '../layouts/find-layout.js';

export interface ImageFolderOptions {
  readonly imageSize: number;
  readonly channels: ImageChannels;
  /** Whether black is 1 and white 0. */
  readonly invert: boolean;
  readonly leastImages: number | null;
  readonly leastClasses: number | null;
}

/**
 * Reads a data set of images in any layout of `findLayout`. Each image is averaged by area to `imageSize` x `imageSize`, its longer side
 * compressed if it is not square.
 * @returns classes ordered by group and class, images by file name; light 0 none to 1 full, or inverted
 * @throws DatasetError when the layout is unclear, there is no image, or one cannot be decoded
 */
export function loadImageFolder(source: DatasetSource, options: ImageFolderOptions, decoder: ImageDecoder): LoadedImages {
  const shrink = rasterShrinker(options.imageSize, options.channels);
  return loadCatalogue(source.name, findLayout(source), {
    ...options,
    decoder,
    pixelsOf: (raster) => shrink(raster).map((light) => Math.min(1, Math.max(0, options.invert ? 1 - light : light))),
  });
}
