/** Which files of a data set are images, by their names. */
import type { DatasetFile, LeftOutFile } from '../dataset/dataset-source.js';

/** Endings of the formats that are read. */
const READ = /\.(?:png|jpe?g|jpe|jfif|webp|bmp|dib|gif|tiff?)$/i;

/** Endings of images that are not read, and what they are called. */
const NOT_READ: readonly (readonly [RegExp, string])[] = [
  [/\.(?:heic|heif)$/i, 'HEIC'],
  [/\.avif$/i, 'AVIF'],
  [/\.svgz?$/i, 'SVG'],
  [/\.psd$/i, 'Photoshop'],
  [/\.jxl$/i, 'JPEG XL'],
  [/\.(?:jp2|j2k|jpx)$/i, 'JPEG 2000'],
  [/\.tga$/i, 'TGA'],
  [/\.(?:ico|cur)$/i, 'icon'],
  [/\.(?:p[bgpn]m|pfm)$/i, 'Netpbm'],
  [/\.(?:exr|hdr)$/i, 'high-dynamic-range'],
  [/\.(?:raw|cr[23]|nef|arw|dng|orf|rw2)$/i, 'raw camera'],
  [/\.(?:dcm|dicom)$/i, 'DICOM'],
  [/\.(?:npy|npz|mat|h5|hdf5|pkl|pickle|parquet|tfrecords?)$/i, 'array'],
];

/** What systems leave lying about: hidden files and folders, and the resource forks of zip files. */
const HIDDEN = /(?:^|\/)(?:\.|__MACOSX\/)|(?:^|\/)(?:Thumbs\.db|desktop\.ini)$/i;

/** The files of a data set, told apart. */
export interface SortedFiles {
  /** Images that are read. */
  readonly images: readonly DatasetFile[];
  /** Neither hidden nor images: a layout may know some of them. */
  readonly others: readonly DatasetFile[];
  readonly hidden: readonly LeftOutFile[];
}

/** Whether a path, or a folder of it, is one that systems leave lying about. */
export function isHidden(path: string): boolean {
  return HIDDEN.test(path);
}

/** Whether a file is an image that is read, by its name. */
export function isImageName(path: string): boolean {
  return READ.test(path);
}

export function sortFiles(files: readonly DatasetFile[]): SortedFiles {
  const visible = files.filter(({ path }) => !isHidden(path));
  return {
    images: visible.filter(({ path }) => isImageName(path)),
    others: visible.filter(({ path }) => !isImageName(path)),
    hidden: files.filter(({ path }) => isHidden(path)).map(({ path }) => ({ path, reason: 'hidden' })),
  };
}

/** What format that is not read a file has by its name, or null for what is no image at all. */
export function unreadFormat(path: string): string | null {
  return NOT_READ.find(([ending]) => ending.test(path))?.[1] ?? null;
}

/** Files that no layout knows, each with its reason. */
export function notImages(files: readonly DatasetFile[]): LeftOutFile[] {
  return files.map(({ path }) => {
    const format = unreadFormat(path);
    return { path, reason: format === null ? 'not an image by its name' : `${format} files are not read` };
  });
}
