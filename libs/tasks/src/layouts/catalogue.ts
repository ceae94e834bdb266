/** What a layout finds in a data set: classes with their images, before any is decoded. */
import type { DatasetFile, LeftOutFile } from '../dataset/dataset-source.js';
import type { ImageDecoder, Raster } from '../images/raster.js';

/** The side of a published split that a class is on. */
export type SplitRole = 'train' | 'validation' | 'test';

export interface CatalogueImage {
  /** Unique in its class; images are in order of it. */
  readonly name: string;
  raster(decoder: ImageDecoder): Raster;
}

export interface CatalogueClass {
  /** Empty for none. */
  readonly group: string;
  readonly name: string;
  /** Null when the data set publishes no split of its classes. */
  readonly role: SplitRole | null;
  readonly images: readonly CatalogueImage[];
}

export interface Catalogue {
  /** A phrase for people, such as `one folder per class`. */
  readonly layout: string;
  /** Ordered by group, then name, by code units, so that the order does not depend on a locale. */
  readonly classes: readonly CatalogueClass[];
  readonly leftOut: readonly LeftOutFile[];
  /** Sentences about what a reader may not expect. */
  readonly warnings: readonly string[];
}

/** An image that is a file. */
export function fileImage(name: string, file: DatasetFile): CatalogueImage {
  return { name, raster: (decoder) => decoder.decode(file.read(), file.path) };
}

/** By code units. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Classes by group and name; each has its images by name. */
export function inOrder(classes: readonly CatalogueClass[]): CatalogueClass[] {
  return classes
    .map((each) => ({ ...each, images: [...each.images].sort((a, b) => byCodeUnits(a.name, b.name)) }))
    .sort((a, b) => byCodeUnits(a.group, b.group) || byCodeUnits(a.name, b.name));
}

/** The path of a class, as a reader would write it. */
export function pathOf({ group, name }: { readonly group: string; readonly name: string }): string {
  return group === '' ? name : `${group}/${name}`;
}
