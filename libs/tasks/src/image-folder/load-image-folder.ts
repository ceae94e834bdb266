import { DatasetError } from '../dataset/dataset-error.js';
import type { DatasetFile, DatasetSource } from '../dataset/dataset-source.js';
import { areaAverager } from '../images/area-average.js';
import { decodeImage } from '../images/decode-image.js';
import type { ImageClass, ImageSize, LoadedImages } from '../images/image-classes.js';
import { imageFingerprint } from '../images/image-fingerprint.js';

const IMAGE_NAME = /\.(png|jpe?g)$/i;

/** What systems leave lying about: hidden files and folders, and the resource forks of zip files. */
const LEFT_OUT = /(?:^|\/)(?:\.|__MACOSX\/)/;

/** The images of one folder, by file name. */
interface ClassFolder {
  readonly group: string;
  readonly name: string;
  readonly images: Map<string, DatasetFile>;
}

export interface ImageFolderOptions {
  readonly imageSize: ImageSize;
  /** Whether black is 1 and white 0. */
  readonly invert: boolean;
}

/**
 * Reads images that lie in one folder per class, `[<group>/]<class>/<image>.png` or `.jpg`: the folder an image lies in is
 * its class, the folders above it are its group. Other files are left out; an image that is there twice, in a folder and
 * in a zip file, counts once, as the source lists it first.
 *
 * Each image is made grey and averaged by area to `imageSize` x `imageSize`, its longer side compressed if it is not square.
 * @returns classes ordered by group and class, images by file name; luminance 0 black to 1 white, or inverted
 * @throws DatasetError `no-images` when there is none, `unclear-layout` for an image in no folder or a folder that is class
 *   and group at once, `corrupt-image` naming a file that cannot be decoded
 */
export function loadImageFolder(source: DatasetSource, options: ImageFolderOptions): LoadedImages {
  const folders = findFolders(source);
  if (folders.length === 0) {
    throw new DatasetError(
      'no-images',
      source.name,
      'there is no image in it; put those of every class into a folder, as .png, .jpg or .jpeg',
    );
  }
  const groups = new Set(folders.map(({ group }) => group));
  const both = folders.find(({ group, name }) => groups.has(pathOf(group, name)));
  if (both) {
    throw new DatasetError(
      'unclear-layout',
      `${source.name}, ${pathOf(both.group, both.name)}`,
      'the folder has images and folders of images; a folder is a class or a group of classes',
    );
  }
  const read = pixelReader(options);
  const pixels = options.imageSize ** 2;
  const classes = folders.map(({ group, name, images }): ImageClass => {
    const samples = new Float32Array(images.size * pixels);
    [...images].sort(byCodeUnits).forEach(([, file], index) => samples.set(read(file), index * pixels));
    return { alphabet: group, character: name, count: images.size, samples };
  });
  const images = { name: source.name, imageSize: options.imageSize, classes };
  return { ...images, fingerprint: imageFingerprint(images) };
}

function findFolders(source: DatasetSource): ClassFolder[] {
  const folders = new Map<string, ClassFolder>();
  for (const file of source.files()) {
    if (!IMAGE_NAME.test(file.path) || LEFT_OUT.test(file.path)) continue;
    const folder = parentOf(file.path);
    if (folder === '') {
      throw new DatasetError('unclear-layout', file.path, 'the image lies in no folder; put the images of every class into a folder');
    }
    const known = folders.get(folder) ?? { group: parentOf(folder), name: lastOf(folder), images: new Map<string, DatasetFile>() };
    folders.set(folder, known);
    const name = lastOf(file.path);
    if (!known.images.has(name)) known.images.set(name, file);
  }
  return [...folders.values()].sort((a, b) => byCodeUnits([a.group], [b.group]) || byCodeUnits([a.name], [b.name]));
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function pathOf(group: string, name: string): string {
  return group === '' ? name : `${group}/${name}`;
}

/** By code units of the first parts, so that the order does not depend on a locale. */
function byCodeUnits([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** File to pixels. */
function pixelReader({ imageSize, invert }: ImageFolderOptions): (file: DatasetFile) => Float32Array {
  return (file) => {
    const { width, height, data } = decodeImage(file.read(), file.path);
    const averaged = areaAverager(width, height, imageSize)(data);
    return averaged.map((luminance) => Math.min(1, Math.max(0, invert ? 1 - luminance : luminance)));
  };
}
