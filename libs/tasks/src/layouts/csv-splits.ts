/** Tables `train.csv`, `val.csv` and `test.csv` that give every image its label, as Mini-ImageNet and tieredImageNet have them. */
import { DatasetError } from '../dataset/dataset-error.js';
import type { DatasetFile, LeftOutFile } from '../dataset/dataset-source.js';
import { fileImage, inOrder, type Catalogue, type CatalogueClass, type CatalogueImage, type SplitRole } from './catalogue.js';
import { notImages, type SortedFiles } from './image-files.js';
import { joinRoles, roleOf } from './published-split.js';

const TABLE = /(?:^|\/)([^/]+)\.csv$/i;
const FILE_COLUMN = /^(?:filename|file|image|image_name|path)$/i;
const LABEL_COLUMN = /^(?:label|class|class_name|wnid)$/i;

interface Table {
  readonly file: DatasetFile;
  readonly role: SplitRole;
  readonly rows: readonly { readonly image: string; readonly label: string }[];
}

/**
 * Classes are labels; a class is on the side of the tables that name it. Images are found by the path a table gives, or by its end.
 * @returns null when there is no train.csv with columns for file and label
 * @throws DatasetError `unclear-layout` when tables of several folders compete, or a table names an image that is not there or is there in
 *   several places
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
  const used = new Set<DatasetFile>();
  const leftOut: LeftOutFile[] = [];
  const classes = tables.flatMap(({ file, role, rows }) => {
    const byLabel = new Map<string, Map<string, CatalogueImage>>();
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
      used.add(found[0]);
      const ofLabel = byLabel.get(label) ?? new Map<string, CatalogueImage>();
      byLabel.set(label, ofLabel);
      if (ofLabel.has(found[0].path)) leftOut.push({ path: found[0].path, reason: `named twice in ${file.path}` });
      else ofLabel.set(found[0].path, fileImage(found[0].path, found[0]));
    }
    return [...byLabel].map(([name, ofLabel]): CatalogueClass => ({ group: '', name, role, images: [...ofLabel.values()] }));
  });
  const { classes: joined, warnings } = joinRoles('its tables', classes);
  const tableFiles = new Set(tables.map(({ file }) => file));
  return {
    layout: 'tables of images and labels (train.csv, val.csv, test.csv)',
    classes: inOrder(joined),
    leftOut: [
      ...leftOut,
      ...images.filter((file) => !used.has(file)).map(({ path }) => ({ path, reason: 'in no table' })),
      ...notImages(others.filter((file) => !tableFiles.has(file))),
    ],
    warnings,
  };
}

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
