import { randomStream } from '@airmeta/numerics';

import type { ClassUniverse } from '../classes/class-universe.js';
import { DatasetError } from '../dataset/dataset-error.js';
import type { SplitRole } from '../layouts/catalogue.js';
import { imageSampleClasses, type LoadedImages } from './image-classes.js';

/** Which classes training never sees: whole groups, or single classes of any group. */
export type ImageSplit =
  | {
      readonly by: 'groups';
      /** Names of the groups, or a count: that many from the end of the sorted groups. */
      readonly test: number | readonly string[];
      readonly words: GroupWords;
    }
  | {
      readonly by: 'classes';
      /** How many, drawn at random; a class with its rotations counts once. */
      readonly test: number;
      readonly words: GroupWords;
    }
  | {
      /** As the data set itself has it: validation classes are on neither side where there are test classes. */
      readonly by: 'published';
      readonly words: Omit<GroupWords, 'option'>;
    };

/** What a family calls its groups of classes, and the option that takes some of them for testing. */
export interface GroupWords {
  readonly one: string;
  readonly many: string;
  /** The option of `by: 'groups'` and of `by: 'classes'`. */
  readonly option: string;
}

/**
 * Test classes are drawn with a seed of their own, not the run's: what a data set is divided into is then the same in every
 * replicate, as it is with a split by groups, and can be checked before any run starts.
 */
const SPLIT_SEED = 0;

/**
 * The classes of a data set, divided into training and unseen ones. All rotations of a class are on the same side.
 * @throws DatasetError when a group is unknown, a side would be empty, or no split is published
 */
export function splitImages(images: LoadedImages, rotations: boolean, split: ImageSplit): ClassUniverse {
  const classes = imageSampleClasses(images, rotations);
  const sideOf = sides(images, split);
  return {
    name: images.name,
    groups: split.words.many,
    training: classes.filter(({ splitKey }) => sideOf(splitKey) === 'training'),
    unseen: classes.filter(({ splitKey }) => sideOf(splitKey) === 'unseen'),
  };
}

type Side = 'training' | 'unseen' | 'neither';

/** The side of each class, by its number. */
function sides(images: LoadedImages, split: ImageSplit): (number: number) => Side {
  switch (split.by) {
    case 'groups': {
      const groups = [...new Set(images.classes.map(({ alphabet }) => alphabet))].sort();
      const chosen = chooseTestGroups(images.name, groups, split.test, split.words);
      return (number) => (chosen.has(images.classes[number].alphabet) ? 'unseen' : 'training');
    }
    case 'classes': {
      const chosen = chooseTestClasses(images, split.test, split.words.option);
      return (number) => (chosen.has(number) ? 'unseen' : 'training');
    }
    case 'published': {
      const unseen = publishedTestRole(images);
      return (number) => {
        const { role } = images.classes[number];
        return role === 'train' ? 'training' : role === unseen ? 'unseen' : 'neither';
      };
    }
  }
}

/**
 * Which side of the published split new tasks are of: test, or validation where there is no test.
 * @throws DatasetError `no-split` when the data set publishes no split of its classes
 */
function publishedTestRole({ name, classes, report }: LoadedImages): SplitRole {
  const roles = new Set(classes.map(({ role }) => role));
  const unseen = (['test', 'validation'] as const).find((role) => roles.has(role));
  if (roles.has(null) || !roles.has('train') || unseen === undefined) {
    const why = report.warnings.length > 0 ? ` (${report.warnings.join('; ')})` : '';
    throw new DatasetError(
      'no-split',
      name,
      `it publishes no split of its classes${why}; a published split has folders, tables or lists named train and test, with different classes. Take split: class or split: group`,
    );
  }
  return unseen;
}

/**
 * Which groups are kept for testing.
 * @param dataset name for messages
 * @param groups all groups, sorted
 * @param test names, or a count: that many from the end of the sorted groups
 * @throws DatasetError `unknown-alphabet` for a name the data set does not have, `too-few-alphabets` when none is left
 *   for training or none for testing
 */
export function chooseTestGroups(
  dataset: string,
  groups: readonly string[],
  test: number | readonly string[],
  { one, many, option }: GroupWords,
): ReadonlySet<string> {
  const names = typeof test === 'number' ? groups.slice(-test) : test.map((name) => name.normalize('NFC'));
  const unknown = names.find((name) => !groups.includes(name));
  if (unknown !== undefined) {
    throw new DatasetError('unknown-alphabet', dataset, `it has no ${one} "${unknown}" (${option}); it has ${groups.join(', ')}`);
  }
  const chosen = new Set(names);
  const count = typeof test === 'number' ? test : chosen.size;
  if (count < 1 || count >= groups.length) {
    const allowed = groups.length > 1 ? `allowed are 1 to ${groups.length - 1}` : `a split by ${one} needs at least 2`;
    throw new DatasetError('too-few-alphabets', dataset, `it has ${groups.length} ${many} and ${option} takes ${count}; ${allowed}`);
  }
  return chosen;
}

/** Numbers of the classes kept for testing. */
function chooseTestClasses({ name, classes }: LoadedImages, count: number, option: string): ReadonlySet<number> {
  if (count >= classes.length) {
    throw new DatasetError(
      'too-few-classes',
      name,
      `it has ${classes.length} classes and ${option} takes ${count}; allowed are 1 to ${classes.length - 1}`,
    );
  }
  return new Set(randomStream(SPLIT_SEED, 'data').sample(classes.length, count));
}
