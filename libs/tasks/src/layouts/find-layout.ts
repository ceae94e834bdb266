import { DatasetError } from '../dataset/dataset-error.js';
import type { DatasetSource } from '../dataset/dataset-source.js';
import type { Catalogue } from './catalogue.js';
import { classFolders } from './class-folders.js';
import { csvSplits, unreadTables } from './csv-splits.js';
import { idxFiles } from './idx-files.js';
import { sortFiles, unreadFormat } from './image-files.js';
import { leafUsers } from './leaf-users.js';

/**
 * Finds how a data set's files lie: idx files, tables of labels, folders of classes, or LEAF's users, in this order.
 * @throws DatasetError `no-images` when it has no images, `unclear-layout` when it cannot be told which class an image is of
 */
export function findLayout(source: DatasetSource): Catalogue {
  const sorted = sortFiles(source.files());
  const found =
    idxFiles(source.name, sorted) ??
    csvSplits(source.name, sorted) ??
    (sorted.images.length > 0 ? classFolders(source.name, sorted) : leafUsers(sorted));
  if (found && found.classes.length > 0) {
    return {
      ...found,
      leftOut: [...source.leftOut(), ...sorted.hidden, ...found.leftOut],
      warnings: [...found.warnings, ...unreadTables(sorted.others)],
    };
  }
  const unread = [...new Set(sorted.others.flatMap(({ path }) => unreadFormat(path) ?? []))];
  throw new DatasetError(
    'no-images',
    source.name,
    `there is no image in it that can be read${unread.length > 0 ? ` (${unread.join(', ')} files are not)` : ''}; put those of every class into a folder, as PNG, JPEG, WebP, BMP, GIF or TIFF`,
  );
}
