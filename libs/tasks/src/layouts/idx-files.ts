/** Files of MNIST and EMNIST: all images in one file of bytes, all labels in another. */
import { DatasetError } from '../dataset/dataset-error.js';
import type { DatasetFile } from '../dataset/dataset-source.js';
import type { Raster } from '../images/raster.js';
import { inOrder, type Catalogue, type CatalogueImage } from './catalogue.js';
import { notImages, type SortedFiles } from './image-files.js';

const IMAGES = /^(.*?)(train|t10k|test)([-_.])images([-_.]idx3[-_.]ubyte)$/i;

/** First four bytes: no meaning (2), unsigned bytes (1), number of dimensions (1). */
const IMAGES_MAGIC = 0x0803;
const LABELS_MAGIC = 0x0801;
const IMAGES_HEADER = 16;
const LABELS_HEADER = 8;

interface Pair {
  /** What is before `train` and `t10k`: `emnist-balanced-`, or nothing. */
  readonly set: string;
  readonly part: string;
  readonly images: DatasetFile;
  readonly labels: DatasetFile;
}

/**
 * `<set>train-images-idx3-ubyte` with `<set>train-labels-idx1-ubyte`, and the same of t10k or test. Both parts hold the same classes, so their
 * images are joined. EMNIST has its images transposed; they are turned back. `<set>mapping.txt` gives labels their characters.
 * @returns null when there are no such files
 * @throws DatasetError `unclear-layout` for labels that are missing, several sets, or images beside them; `corrupt-image` for a file that is
 *   no idx file, or is cut off
 */
export function idxFiles(dataset: string, { images, others }: SortedFiles): Catalogue | null {
  const pairs = others.flatMap((file) => pairOf(file, others) ?? []);
  if (pairs.length === 0) return null;
  const sets = [...new Set(pairs.map(({ set }) => set))];
  if (sets.length > 1)
    throw new DatasetError('unclear-layout', dataset, `it has ${sets.length} sets of idx files (${sets.join(', ')}); keep one`);
  if (images.length > 0)
    throw new DatasetError(
      'unclear-layout',
      images[0].path,
      'the image lies beside idx files, which hold images themselves; keep one kind',
    );
  const mapping = others.find(({ path }) => nameOf(path) === `${sets[0]}mapping.txt`);
  const names = mapping ? readMapping(mapping) : new Map<number, string>();
  const byLabel = new Map<number, CatalogueImage[]>();
  for (const pair of pairs) {
    for (const { label, image } of readPair(pair)) {
      const known = byLabel.get(label);
      if (known) known.push(image);
      else byLabel.set(label, [image]);
    }
  }
  const used = new Set([...pairs.flatMap((pair) => [pair.images, pair.labels]), ...(mapping ? [mapping] : [])]);
  return {
    layout: 'idx files, as of MNIST',
    classes: inOrder(
      [...byLabel].map(([label, ofLabel]) => ({ group: '', name: names.get(label) ?? String(label), role: null, images: ofLabel })),
    ),
    leftOut: notImages(others.filter((file) => !used.has(file))),
    warnings:
      pairs.length > 1 ? [`the files ${pairs.map(({ part }) => part).join(' and ')} hold images of the same classes: they are joined`] : [],
  };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function pairOf(images: DatasetFile, others: readonly DatasetFile[]): Pair | null {
  const match = IMAGES.exec(nameOf(images.path));
  if (!match) return null;
  const [, set, part, separator, ending] = match;
  const wanted = `${set}${part}${separator}labels${ending.replace('3', '1')}`;
  const folder = images.path.slice(0, images.path.length - nameOf(images.path).length);
  const labels = others.find(({ path }) => path === `${folder}${wanted}`);
  if (!labels) throw new DatasetError('unclear-layout', images.path, `the file ${wanted} with the labels of its images is not beside it`);
  return { set, part, images, labels };
}

function readPair({ set, part, images, labels }: Pair): { readonly label: number; readonly image: CatalogueImage }[] {
  const pixels = images.read();
  const [count, height, width] = readHeader(images, pixels, IMAGES_MAGIC, 3);
  const names = labels.read();
  const [labelCount] = readHeader(labels, names, LABELS_MAGIC, 1);
  if (count !== labelCount) throw new DatasetError('corrupt-image', labels.path, `it has ${labelCount} labels for ${count} images`);
  const isTransposed = /^emnist/i.test(set);
  const digits = String(count).length;
  return Array.from({ length: count }, (_, index) => {
    const start = IMAGES_HEADER + index * width * height;
    const data = pixels.subarray(start, start + width * height);
    const raster = (): Raster => ({
      ...(isTransposed ? transposed(data, width, height) : { width, height, data }),
      channels: 1,
      maximum: 255,
      format: 'idx',
    });
    return { label: names[LABELS_HEADER + index], image: { name: `${part}/${String(index).padStart(digits, '0')}`, raster } };
  });
}

/** The dimensions. @throws DatasetError when the file is not what its name says, or its length is not what its header says */
function readHeader(file: DatasetFile, bytes: Uint8Array, magic: number, dimensions: number): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = 4 + 4 * dimensions;
  if (bytes.byteLength < header || view.getUint32(0) !== magic)
    throw new DatasetError('corrupt-image', file.path, 'it does not begin as an idx file of bytes does');
  const sizes = Array.from({ length: dimensions }, (_, index) => view.getUint32(4 + 4 * index));
  const expected = header + sizes.reduce((product, size) => product * size, 1);
  if (sizes.every((size) => size > 0) && bytes.byteLength === expected) return sizes;
  throw new DatasetError('corrupt-image', file.path, `it declares ${sizes.join(' x ')} bytes and has ${bytes.byteLength - header}`);
}

function transposed(data: Uint8Array, width: number, height: number): Pick<Raster, 'width' | 'height' | 'data'> {
  const turned = new Uint8Array(data.length);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) turned[column * height + row] = data[row * width + column];
  return { width: height, height: width, data: turned };
}

/** Lines `label code [code]`: the label and the Unicode number of its character. */
function readMapping(file: DatasetFile): Map<number, string> {
  const lines = new TextDecoder()
    .decode(file.read())
    .split('\n')
    .filter((line) => line.trim() !== '');
  return new Map(
    lines.map((line) => {
      const [label, code] = line.trim().split(/\s+/).map(Number);
      if (Number.isInteger(label) && code > 0 && code <= 0x10ffff) return [label, String.fromCodePoint(code)];
      throw new DatasetError('unclear-layout', file.path, `the line "${line.trim().slice(0, 40)}" is no label and number of a character`);
    }),
  );
}
