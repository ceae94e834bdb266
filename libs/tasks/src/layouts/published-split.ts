/** Splits that a data set publishes: by folders, lists or tables named train, val and test. */
import { byCodeUnits, pathOf, type CatalogueClass, type SplitRole } from './catalogue.js';

const ROLES: Readonly<Record<string, SplitRole>> = {
  train: 'train',
  training: 'train',
  'meta-train': 'train',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  'meta-val': 'validation',
  test: 'test',
  testing: 'test',
  'meta-test': 'test',
};

/** What a folder, list or table of this name holds in a published split, or null for any other name. */
export function roleOf(name: string): SplitRole | null {
  return Object.hasOwn(ROLES, name.toLowerCase()) ? ROLES[name.toLowerCase()] : null;
}

/** How many names a sentence lists. */
const LISTED = 5;

/**
 * Classes of equal group and name are one class, whichever sides of a split they are on. Such a split divides images, not classes: the class
 * has no role then, and a warning says so.
 * @param what publishes the split, for the warning
 */
export function joinRoles(
  what: string,
  classes: readonly CatalogueClass[],
): { readonly classes: CatalogueClass[]; readonly warnings: string[] } {
  const byPath = new Map<string, CatalogueClass[]>();
  for (const each of classes) byPath.set(pathOf(each), [...(byPath.get(pathOf(each)) ?? []), each]);
  const joined = [...byPath.values()].map((parts): CatalogueClass => {
    const [first] = parts;
    if (parts.length === 1) return first;
    // Equal file names on two sides are two images: their side is part of the name.
    const images = parts.flatMap(({ role, images }) => images.map((image) => ({ ...image, name: `${role ?? ''}/${image.name}` })));
    return { ...first, role: null, images };
  });
  const several = [...byPath].filter(([, parts]) => parts.length > 1).map(([path]) => path);
  if (several.length === 0) return { classes: joined, warnings: [] };
  const names = `${several.sort(byCodeUnits).slice(0, LISTED).join(', ')}${several.length > LISTED ? ', ...' : ''}`;
  return {
    classes: joined,
    warnings: [
      `${several.length} of ${joined.length} classes (${names}) are on several sides of the split of ${what}: it divides images, not classes. Their images are joined to one class each`,
    ],
  };
}
