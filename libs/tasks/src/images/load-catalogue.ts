import { DatasetError } from '../dataset/dataset-error.js';
import type { LeftOutFile } from '../dataset/dataset-source.js';
import type { Catalogue, CatalogueClass } from '../layouts/catalogue.js';
import { pathOf } from '../layouts/catalogue.js';
import { summarizeLeftOut } from '../layouts/reading-report.js';
import { EqualImages } from './equal-images.js';
import { fingerprintOf } from './fingerprint.js';
import type { ImageClass, LoadedImages } from './image-classes.js';
import type { ImageChannels, ImageDecoder, Raster } from './raster.js';

/** Bytes all decoded pixels of a data set may take; 70,000 images of 28 x 28 are 220 MB. */
const MAX_PIXEL_BYTES = 2 ** 30;

export interface CatalogueReading {
  readonly imageSize: number;
  readonly channels: ImageChannels;
  /** Classes with fewer images are left out; null: none is. */
  readonly leastImages: number | null;
  /** Groups with fewer classes are left out; null: none is. */
  readonly leastClasses: number | null;
  readonly decoder: ImageDecoder;
  /** An image to its numbers [channels][imageSize][imageSize], in [0, 1]. */
  readonly pixelsOf: (raster: Raster) => Float32Array;
}

/**
 * Decodes the images of a catalogue.
 * @throws DatasetError `too-large` when they would take more than 1 GiB, `no-images` when no class has enough images, `corrupt-image` naming a
 *   file that cannot be decoded
 */
export function loadCatalogue(name: string, catalogue: Catalogue, reading: CatalogueReading): LoadedImages {
  const { imageSize, channels, decoder, pixelsOf } = reading;
  const { classes: kept, leftOut } = largeEnough(name, catalogue.classes, reading);
  const numbers = channels * imageSize ** 2;
  requireFitting(name, kept, 4 * numbers);
  const seen = new SeenImages();
  const equal = new EqualImages();
  const classes = kept.map(({ group, name: character, role, images }): ImageClass => {
    const samples = new Float32Array(images.length * numbers);
    images.forEach((image, index) => {
      const raster = image.raster(decoder);
      seen.add(raster);
      const pixels = pixelsOf(raster);
      samples.set(pixels, index * numbers);
      equal.add(pixels, { className: pathOf({ group, name: character }), image: image.name, role });
    });
    return { alphabet: group, character, role, count: images.length, samples };
  });
  return {
    name,
    imageSize,
    channels,
    classes,
    fingerprint: fingerprintOf({ imageSize, channels, classes, decoder: decoder.version }),
    report: {
      layout: catalogue.layout,
      ...seen.summary(),
      leftOut: summarizeLeftOut([...catalogue.leftOut, ...leftOut]),
      warnings: catalogue.warnings,
      equalImages: equal.sentences(),
    },
  };
}

function largeEnough(
  name: string,
  classes: readonly CatalogueClass[],
  { leastImages, leastClasses }: Pick<CatalogueReading, 'leastImages' | 'leastClasses'>,
): { readonly classes: readonly CatalogueClass[]; readonly leftOut: readonly LeftOutFile[] } {
  const large = classes.filter(({ images }) => images.length >= (leastImages ?? 1));
  const classesOf = new Map<string, number>();
  for (const { group } of large) classesOf.set(group, (classesOf.get(group) ?? 0) + 1);
  const kept = large.filter(({ group }) => (classesOf.get(group) ?? 0) >= (leastClasses ?? 1));
  if (kept.length === 0) {
    throw new DatasetError(
      'no-images',
      name,
      `none of its ${classes.length} classes is kept with leastImages ${leastImages ?? 'null'} and leastClasses ${leastClasses ?? 'null'}; lower them`,
    );
  }
  const imagesOf = (left: readonly CatalogueClass[], reason: string) =>
    left.flatMap((each) => each.images.map((image) => ({ path: `${pathOf(each)}/${image.name}`, reason })));
  return {
    classes: kept,
    leftOut: [
      ...imagesOf(
        classes.filter((each) => !large.includes(each)),
        `of a class with fewer than ${leastImages ?? 1} images (leastImages)`,
      ),
      ...imagesOf(
        large.filter((each) => !kept.includes(each)),
        `of a group with fewer than ${leastClasses ?? 1} classes (leastClasses)`,
      ),
    ],
  };
}

function requireFitting(name: string, classes: readonly CatalogueClass[], bytesPerImage: number): void {
  const images = classes.reduce((sum, each) => sum + each.images.length, 0);
  const bytes = images * bytesPerImage;
  if (bytes <= MAX_PIXEL_BYTES) return;
  throw new DatasetError(
    'too-large',
    name,
    `its ${images} images would take ${(bytes / 2 ** 30).toFixed(1)} GiB; allowed is 1 GiB: lower imageSize, read one channel, or keep fewer images`,
  );
}

/** What images were like before they were made equal. */
class SeenImages {
  private readonly formats = new Map<string, number>();
  private images = 0;
  private coloured = 0;
  private smallest: readonly [number, number] = [Infinity, Infinity];
  private largest: readonly [number, number] = [0, 0];

  add(raster: Raster): void {
    const { width, height, format } = raster;
    this.images++;
    this.formats.set(format, (this.formats.get(format) ?? 0) + 1);
    if (hasColour(raster)) this.coloured++;
    if (width * height < this.smallest[0] * this.smallest[1]) this.smallest = [width, height];
    if (width * height > this.largest[0] * this.largest[1]) this.largest = [width, height];
  }

  summary() {
    const { images, coloured, smallest, largest } = this;
    return { images, coloured, smallest, largest, formats: Object.fromEntries([...this.formats].sort(([a], [b]) => (a < b ? -1 : 1))) };
  }
}

/** Whether any pixel has unequal red, green and blue. */
function hasColour({ channels, data }: Raster): boolean {
  if (channels < 3) return false;
  for (let at = 0; at < data.length; at += channels) if (data[at] !== data[at + 1] || data[at] !== data[at + 2]) return true;
  return false;
}
