/** Lists of class names, one a line, in `splits/<name>/train.txt`, `val.txt` and `test.txt`, as CIFAR-FS has them. */
import { DatasetError } from '../dataset/dataset-error.js';
import type { DatasetFile } from '../dataset/dataset-source.js';
import type { SplitRole } from './catalogue.js';
import { roleOf } from './published-split.js';

const LIST = /(?:^|\/)(splits\/[^/]+)\/([^/]+)\.txt$/;

export interface ClassLists {
  /** Such as `splits/bertinetto`. */
  readonly name: string;
  readonly files: ReadonlySet<DatasetFile>;
  /** The list that names a class, or null. */
  roleOf(name: string): SplitRole | null;
  /** @throws DatasetError `unclear-layout` when a list names a class that is not there */
  requireAll(there: ReadonlySet<string>): void;
}

/**
 * @returns null when there are no such lists
 * @throws DatasetError `unclear-layout` when there are several splits, or a class is in two lists of one
 */
export function findClassLists(dataset: string, others: readonly DatasetFile[]): ClassLists | null {
  const lists = others.flatMap((file) => {
    const match = LIST.exec(file.path);
    const role = match ? roleOf(match[2]) : null;
    return match && role ? [{ file, folder: match[1], role }] : [];
  });
  const folders = [...new Set(lists.map(({ folder }) => folder))];
  if (folders.length === 0) return null;
  if (folders.length > 1) {
    throw new DatasetError(
      'unclear-layout',
      dataset,
      `it has ${folders.length} splits (${folders.sort().join(', ')}); keep the one to be used`,
    );
  }
  const roles = new Map<string, SplitRole>();
  for (const { file, role } of lists) {
    for (const line of new TextDecoder().decode(file.read()).split('\n')) {
      const name = line.trim().normalize('NFC');
      if (name === '') continue;
      const known = roles.get(name) ?? role;
      if (known !== role) throw new DatasetError('unclear-layout', file.path, `class ${name} is in the list of ${known} classes too`);
      roles.set(name, role);
    }
  }
  return {
    name: folders[0],
    files: new Set(lists.map(({ file }) => file)),
    roleOf: (name) => roles.get(name) ?? null,
    requireAll(there) {
      const missing = [...roles.keys()].filter((name) => !there.has(name));
      if (missing.length === 0) return;
      throw new DatasetError(
        'unclear-layout',
        `${dataset}, ${folders[0]}`,
        `its lists name ${missing.length} classes that have no folder, the first is ${missing[0]}`,
      );
    },
  };
}
