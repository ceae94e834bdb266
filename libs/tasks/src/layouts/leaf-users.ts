/** FEMNIST as the LEAF benchmark writes it: JSON files of users (writers), each with its images and labels [caldas2018]. */
import { DatasetError } from '../dataset/dataset-error.js';
import type { DatasetFile } from '../dataset/dataset-source.js';
import { inOrder, type Catalogue, type CatalogueClass, type CatalogueImage } from './catalogue.js';
import { notImages, type SortedFiles } from './image-files.js';

/** Labels 0 to 61. */
const CHARACTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

interface UserData {
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
}

/**
 * Groups are writers, classes are the characters a writer wrote. The files of `train` and `test` divide a writer's images and are joined.
 * @returns null when no JSON file has users
 * @throws DatasetError `corrupt-image` for a file that is no such JSON, or whose images are not square
 */
export function leafUsers({ others }: SortedFiles): Catalogue | null {
  const files = others.filter(({ path }) => /\.json$/i.test(path));
  const read = files.flatMap((file) => {
    const users = readUsers(file);
    return users ? [{ file, users }] : [];
  });
  if (read.length === 0) return null;
  const classes = new Map<string, { readonly group: string; readonly name: string; readonly images: CatalogueImage[] }>();
  for (const { file, users } of read) {
    for (const [user, { x, y }] of Object.entries(users)) {
      x.forEach((pixels, index) => {
        const name = CHARACTERS[y[index]] ?? String(y[index]);
        const key = JSON.stringify([user, name]);
        const known = classes.get(key) ?? { group: user.normalize('NFC'), name, images: [] };
        classes.set(key, known);
        known.images.push(leafImage(file, index, pixels));
      });
    }
  }
  const used = new Set(read.map(({ file }) => file));
  return {
    layout: 'LEAF users with their images, as of FEMNIST',
    classes: inOrder([...classes.values()].map((each): CatalogueClass => ({ ...each, role: null }))),
    leftOut: notImages(others.filter((file) => !used.has(file))),
    warnings: read.length > 1 ? [`${read.length} files of users: the images of a writer in several of them are joined`] : [],
  };
}

function leafImage(file: DatasetFile, index: number, pixels: readonly number[]): CatalogueImage {
  const side = Math.sqrt(pixels.length);
  if (!Number.isInteger(side) || side < 1) {
    throw new DatasetError('corrupt-image', file.path, `an image of ${pixels.length} numbers is not square`);
  }
  const data = Float32Array.from(pixels);
  return {
    name: `${file.path}/${String(index).padStart(6, '0')}`,
    raster: () => ({ width: side, height: side, channels: 1, maximum: 1, data, format: 'LEAF' }),
  };
}

/** Images and labels by user, or null for another kind of JSON. */
function readUsers(file: DatasetFile): Readonly<Record<string, UserData>> | null {
  const text = new TextDecoder().decode(file.read());
  if (!text.includes('"user_data"')) return null;
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new DatasetError('corrupt-image', file.path, 'it is not complete JSON', { cause: error });
  }
  const users = (document as { readonly user_data?: unknown }).user_data;
  const isUser = (value: unknown): value is UserData => {
    const { x, y } = (value ?? {}) as { readonly x?: unknown; readonly y?: unknown };
    return (
      Array.isArray(x) && Array.isArray(y) && x.length === y.length && y.every(Number.isInteger) && x.every((image) => Array.isArray(image))
    );
  };
  if (typeof users === 'object' && users !== null && Object.values(users).every(isUser)) return users as Readonly<Record<string, UserData>>;
  throw new DatasetError('corrupt-image', file.path, 'its users do not each have as many labels y as images x');
}
