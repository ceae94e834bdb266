/** Images in one folder per class, maybe below folders of groups, maybe below folders train, val and test, maybe with lists of classes. */
import { DatasetError } from '../dataset/dataset-error.js';
import type { DatasetFile, LeftOutFile } from '../dataset/dataset-source.js';
import { fileImage, inOrder, pathOf, type Catalogue, type CatalogueClass, type CatalogueImage, type SplitRole } from './catalogue.js';
import { findClassLists, type ClassLists } from './class-lists.js';
import { notImages, unreadFormat, type SortedFiles } from './image-files.js';
import { joinRoles, roleOf } from './published-split.js';

interface ClassFolder {
  readonly role: SplitRole | null;
  readonly group: string;
  readonly name: string;
  readonly images: Map<string, CatalogueImage>;
}

/**
 * `[<group>/]<class>/<image>`: the folder an image lies in is its class, the folders above it are its group. When the first folders that
 * differ are all named train, val or test (or alike), they are sides of a published split and no groups.
 * @throws DatasetError `unclear-layout` for an image in no folder, a folder that is class and group at once, or sides of a split beside
 *   other folders with the same classes; `no-images` for a class folder whose images are all of formats that are not read
 */
export function classFolders(dataset: string, { images, others }: SortedFiles): Catalogue {
  const leftOut: LeftOutFile[] = [];
  const parts = images.map((file) => ({ file, folders: foldersOf(file.path) }));
  const split = splitDepth(
    dataset,
    parts.map(({ folders }) => folders),
  );
  const { depth } = split;
  const folders = new Map<string, ClassFolder>();
  for (const { file, folders: above } of parts) {
    const place = placeOf(above, depth);
    const key = `${place.role ?? ''}:${pathOf(place)}`;
    const folder = folders.get(key) ?? { ...place, images: new Map<string, CatalogueImage>() };
    folders.set(key, folder);
    const name = file.path.slice(file.path.lastIndexOf('/') + 1);
    if (folder.images.has(name)) leftOut.push({ path: file.path, reason: 'of the name of another image of its class' });
    else folder.images.set(name, fileImage(name, file));
  }
  requireOneUse(dataset, [...folders.values()]);
  requireReadImages(images, others);
  const classes = [...folders.values()].map((folder): CatalogueClass => ({ ...folder, images: [...folder.images.values()] }));
  const lists = findClassLists(dataset, others);
  if (lists && depth === null) return listed(classes, lists, [...leftOut, ...notImages(others.filter((file) => !lists.files.has(file)))]);
  const { classes: joined, warnings } = joinRoles('its folders', classes);
  return {
    layout: depth === null ? 'one folder per class' : 'one folder per class below folders of a split',
    classes: inOrder(joined),
    leftOut: [...leftOut, ...notImages(others)],
    warnings: [...split.warnings, ...warnings],
  };
}

function foldersOf(path: string): string[] {
  const folders = path.split('/').slice(0, -1);
  if (folders.length > 0) return folders;
  throw new DatasetError('unclear-layout', path, 'the image lies in no folder; put the images of every class into a folder');
}

interface SplitDepth {
  /** Null: no folders are sides of a split. */
  readonly depth: number | null;
  readonly warnings: readonly string[];
}

/**
 * At which depth folders are sides of a split: that of the first folders that differ, when they are named so and train is among them.
 * @throws DatasetError `unclear-layout` when sides hold images without a folder per class, or classes of equal names beside other folders
 */
function splitDepth(dataset: string, paths: readonly (readonly string[])[]): SplitDepth {
  let depth = 0;
  while (paths.every((folders) => folders.length > depth && folders[depth] === paths[0][depth])) depth++;
  const sides = paths.filter((folders) => folders.length > depth && roleOf(folders[depth]) !== null);
  const names = [...new Set(sides.map((folders) => folders[depth]))].sort();
  const roles = new Set(names.map(roleOf));
  if (!roles.has('train') || roles.size < 2) return { depth: null, warnings: [] };
  const listed = names.join(' and ');
  if (sides.some((folders) => folders.length === depth + 1)) {
    throw new DatasetError(
      'unclear-layout',
      dataset,
      `its folders ${listed} look like the sides of a split, but hold images in no folder of a class; put those of every class into a folder, or give the two other names`,
    );
  }
  if (sides.length === paths.length) return { depth, warnings: [] };
  const sideOf = new Map<string, string>();
  for (const folders of sides) {
    const below = folders.slice(depth + 1).join('/');
    const other = sideOf.get(below) ?? folders[depth];
    sideOf.set(below, folders[depth]);
    if (other === folders[depth]) continue;
    throw new DatasetError(
      'unclear-layout',
      dataset,
      `its folders ${other} and ${folders[depth]} look like the sides of a split with the same classes (${below}), but there are images in folders beside them; take those away, or give the folders other names`,
    );
  }
  return {
    depth: null,
    warnings: [
      `its folders ${listed} look like the sides of a split, but there are images in folders beside them: they are read as groups`,
    ],
  };
}

function placeOf(folders: readonly string[], depth: number | null): Pick<ClassFolder, 'role' | 'group' | 'name'> {
  const [role, below] = depth === null ? [null, folders] : [roleOf(folders[depth]), folders.slice(depth + 1)];
  return { role, group: below.slice(0, -1).join('/'), name: below[below.length - 1] };
}

function requireOneUse(dataset: string, folders: readonly ClassFolder[]): void {
  const groups = new Set(folders.flatMap(({ role, group }) => prefixesOf(group).map((prefix) => `${role ?? ''}:${prefix}`)));
  const both = folders.find((folder) => groups.has(`${folder.role ?? ''}:${pathOf(folder)}`));
  if (!both) return;
  throw new DatasetError(
    'unclear-layout',
    `${dataset}, ${pathOf(both)}`,
    'the folder has images and folders of images; a folder is a class or a group of classes',
  );
}

/** `a/b` is in `a`, and in itself. */
function prefixesOf(group: string): string[] {
  const parts = group === '' ? [] : group.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** A class must not vanish because its images are of a format that is not read. */
function requireReadImages(images: readonly DatasetFile[], others: readonly DatasetFile[]): void {
  const parentOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const read = new Set(images.map(({ path }) => parentOf(path)));
  const lost = others.find(({ path }) => path.includes('/') && unreadFormat(path) !== null && !read.has(parentOf(path)));
  if (!lost) return;
  throw new DatasetError(
    'no-images',
    parentOf(lost.path),
    `the folder has no image but of a format that is not read (${unreadFormat(lost.path) ?? ''}); convert them to PNG, JPEG, WebP, BMP, GIF or TIFF, or take the folder away`,
  );
}

function listed(classes: readonly CatalogueClass[], lists: ClassLists, leftOut: readonly LeftOutFile[]): Catalogue {
  const named = classes.map((each) => ({ ...each, role: lists.roleOf(each.name) }));
  lists.requireAll(new Set(classes.map(({ name }) => name)));
  const unlisted = named.filter(({ role }) => role === null);
  return {
    layout: `one folder per class, split by lists of classes (${lists.name})`,
    classes: inOrder(named.filter(({ role }) => role !== null)),
    leftOut: [
      ...leftOut,
      ...unlisted.flatMap((each) =>
        each.images.map(({ name }) => ({ path: `${pathOf(each)}/${name}`, reason: `of a class that no list of ${lists.name} names` })),
      ),
    ],
    warnings: [],
  };
}
