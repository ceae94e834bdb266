/** Tables `train.csv`, `val.csv` and `test.csv` that give every image its label, as Mini-ImageNet and tieredImageNet have them. */
import { DatasetError } from '../dataset/dataset-error.js';
import type { DatasetFile, LeftOutFile } from '../dataset/dataset-source.js';
import { fileImage, inOrder, type Catalogue, type CatalogueClass, type CatalogueImage, type SplitRole } from './catalogue.js';
import { notImages, type SortedFiles } from './image-files.js';
import { joinRoles, roleOf } from './published-split.js';

const TABLE = /(?:^|\/)([^/]+)\.csv$/i;
const FILE_COLUMN = /^(?:filename|file|image|image_name|path)$/i;
const LABEL_COLUMN = /^(?:label|class|class_name|wnid)$/i;
const COLUMNS =
  'a column for the file (filename, file, image, image_name or path) and one for the label (label, class, class_name or wnid)';

interface Table {
  readonly file: DatasetFile;
  readonly role: SplitRole;
  readonly rows: readonly { readonly image: string; readonly label: string }[];
}

/**
 * Classes are labels; a class is on the side of the tables that name it. Images are found by the path a table gives, or by its end. A file is
 * one image of one class, however many tables name it: one that is named again is left out, one of two labels is refused.
 * @returns null when there is no train.csv with columns for file and label
 * @throws DatasetError `unclear-layout` when tables of several folders compete, a table has two columns of one name, or one names an image
 *   that is not there, is there in several places, or has another label already
 */
export function csvSplits(dataset: string, { images, others }: SortedFiles): Catalogue | null {
  const tables = others.flatMap((file) => readTable(file) ?? []);
  if (!tables.some(({ role }) => role === 'train')) return null;
  const folders = new Set(tables.map(({ file }) => file.path.slice(0, file.path.lastIndexOf('/') + 1)));
  if (folders.size > 1) {
    throw new DatasetError(
      'unclear-layout',
      dataset,
      `it has tables in ${folders.size} folders (${tables.map(({ file }) => file.path).join(', ')}); keep one set`,
    );
  }
  const find = imageFinder(images);
  const labelled = new Map<DatasetFile, { readonly label: string; readonly table: string }>();
  const leftOut: LeftOutFile[] = [];
  const classes = tables.flatMap(({ file, role, rows }) => {
    const byLabel = new Map<string, CatalogueImage[]>();
    for (const { image, label } of rows) {
      const found = find(image);
      if (found.length !== 1) {
        throw new DatasetError(
          'unclear-layout',
          file.path,
          found.length === 0
            ? `it names the image ${image}, which is not there`
            : `it names the image ${image}, which is there ${found.length} times: ${found.map(({ path }) => path).join(', ')}`,
        );
      }
      const [{ path }] = found;
      const known = labelled.get(found[0]);
      if (known && known.label !== label) {
        throw new DatasetError(
          'unclear-layout',
          file.path,
          `it gives the image ${path} the label ${label}, and ${known.table} gives it ${known.label}; an image is of one class`,
        );
      }
      if (known) {
        leftOut.push({
          path,
          reason: known.table === file.path ? `named twice in ${file.path}` : `named in ${known.table} and again in ${file.path}`,
        });
        continue;
      }
      labelled.set(found[0], { label, table: file.path });
      const ofLabel = byLabel.get(label);
      if (ofLabel) ofLabel.push(fileImage(path, found[0]));
      else byLabel.set(label, [fileImage(path, found[0])]);
    }
    return [...byLabel].map(([name, images]): CatalogueClass => ({ group: '', name, role, images }));
  });
  const { classes: joined, warnings } = joinRoles('its tables', classes);
  const tableFiles = new Set(tables.map(({ file }) => file));
  return {
    layout: 'tables of images and labels (train.csv, val.csv, test.csv)',
    classes: inOrder(joined),
    leftOut: [
      ...leftOut,
      ...images.filter((file) => !labelled.has(file)).map(({ path }) => ({ path, reason: 'in no table' })),
      ...notImages(others.filter((file) => !tableFiles.has(file))),
    ],
    warnings: [...warnings, ...tables.flatMap(({ file, rows }) => (rows.length === 0 ? [`${file.path} names no image`] : []))],
  };
}

/** Sentences about tables that are called like sides of a split, and are not read as such. */
export function unreadTables(others: readonly DatasetFile[]): string[] {
  return others
    .filter((file) => roleOf(TABLE.exec(file.path)?.[1] ?? '') !== null && readTable(file) === null)
    .map(({ path }) => `${path} is not read as a table of images and labels: its first line must have, separated by commas, ${COLUMNS}`);
}

/** Null for a file that is called otherwise, or has no such columns. */
function readTable(file: DatasetFile): Table | null {
  const match = TABLE.exec(file.path);
  const role = match ? roleOf(match[1]) : null;
  if (!role) return null;
  const [header = [], ...lines] = new TextDecoder()
    .decode(file.read())
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map(cellsOf);
  const [image, label] = [FILE_COLUMN, LABEL_COLUMN].map((name) => header.findIndex((cell) => name.test(cell)));
  if (image < 0 || label < 0) return null;
  const repeated = header.find((cell, index) => header.indexOf(cell) < index);
  if (repeated !== undefined) throw new DatasetError('unclear-layout', file.path, `it has several columns called "${repeated}"`);
  const rows = lines.map((cells, index) => {
    if (cells[image] && cells[label])
      return { image: cells[image].normalize('NFC').replaceAll('\\', '/'), label: cells[label].normalize('NFC') };
    throw new DatasetError('unclear-layout', file.path, `line ${index + 2} has no file or no label`);
  });
  return { file, role, rows };
}

/** Cells of a line; quotes may hold commas, and two of them are one. */
function cellsOf(line: string): string[] {
  return Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g), ([, quoted, plain]) =>
    (quoted === undefined ? plain : quoted.replaceAll('""', '"')).trim(),
  );
}

/** Finds the files whose path is, or ends with, the one given. */
function imageFinder(images: readonly DatasetFile[]): (path: string) => DatasetFile[] {
  const byName = new Map<string, DatasetFile[]>();
  const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  for (const file of images) {
    const known = byName.get(nameOf(file.path));
    if (known) known.push(file);
    else byName.set(nameOf(file.path), [file]);
  }
  return (path) => (byName.get(nameOf(path)) ?? []).filter((file) => `/${file.path}`.endsWith(`/${path.replace(/^(?:\.?\/)+/, '')}`));
}
