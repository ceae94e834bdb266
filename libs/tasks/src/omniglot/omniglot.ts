import { classEpisodes } from '../classes/class-episodes.js';
import type { ClassTask } from '../classes/class-task.js';
import { imageSampleClasses, imageTaskShape, type ImageSize, type LoadedImages } from '../images/image-classes.js';
import type { EnvironmentRequest, TaskEnvironment, TaskShape } from '../task-environment.js';
import { chooseTestAlphabets } from './choose-test-alphabets.js';

/** Few-shot classification of the handwritten characters of Omniglot [lake2015]. */
export interface OmniglotTask extends ClassTask {
  readonly family: 'omniglot';
  /** The data set's name, by which the caller finds the images. */
  readonly dataset: string;
  readonly imageSize: ImageSize;
  /** Whether the 0, 90, 180 and 270 degree rotations of a character are classes of their own, seen and unseen alike. */
  readonly rotations: boolean;
  /** Alphabets never trained on: names, or a count taken from the end of the sorted alphabets. */
  readonly testAlphabets: number | readonly string[];
}

/** One-channel images, `ways` classes. */
export function omniglotShape(task: OmniglotTask): TaskShape {
  return imageTaskShape(task.imageSize, task.ways);
}

/**
 * The Omniglot environment: training classes are the characters of all alphabets but the test alphabets.
 * @param images decoded by `loadOmniglot` at the task's image size; not changed, so it may be shared between runs
 * @throws DatasetError when the data set cannot serve the task
 * @throws RangeError when the images were decoded at another size
 */
export function omniglotEnvironment(task: OmniglotTask, request: EnvironmentRequest, images: LoadedImages): TaskEnvironment {
  if (images.imageSize !== task.imageSize) {
    throw new RangeError(`images are ${images.imageSize} pixels a side, the task asks for ${task.imageSize}`);
  }
  const alphabets = [...new Set(images.classes.map(({ alphabet }) => alphabet))].sort();
  const testAlphabets = chooseTestAlphabets(images.name, alphabets, task.testAlphabets);
  const classes = imageSampleClasses(images, task.rotations);
  const universe = {
    name: images.name,
    training: classes.filter(({ group }) => !testAlphabets.has(group)),
    unseen: classes.filter(({ group }) => testAlphabets.has(group)),
  };
  return classEpisodes(omniglotShape(task), task, universe, request);
}
