import { classEpisodes } from '../classes/class-episodes.js';
import type { ClassTask } from '../classes/class-task.js';
import { imageTaskShape, requireImageShape, type LoadedImages } from '../images/image-classes.js';
import { splitImages, type ImageSplit } from '../images/split-images.js';
import type { EnvironmentRequest, TaskEnvironment, TaskShape } from '../task-environment.js';
import type { Ink } from './load-omniglot.js';

/** Few-shot classification of the handwritten characters of Omniglot [lake2015]. */
export interface OmniglotTask extends ClassTask {
  readonly family: 'omniglot';
  /** The data set's name, by which the caller finds the images. */
  readonly dataset: string;
  /** Side of an image in pixels. */
  readonly imageSize: number;
  /** How strokes look on their page; an environment's images have ink 1 on background 0 either way. */
  readonly ink: Ink;
  /** Whether the 0, 90, 180 and 270 degree rotations of a character are classes of their own, seen and unseen alike. */
  readonly rotations: boolean;
  /** Whether new tasks are of alphabets or of characters never trained on. */
  readonly split: 'alphabet' | 'character';
  /** Alphabets never trained on: names, or a count taken from the end of the sorted alphabets. For `split: alphabet`. */
  readonly testAlphabets: number | readonly string[];
  /** Characters never trained on, in no rotation, drawn at random over all alphabets. For `split: character`. */
  readonly testCharacters: number;
}

/** One-channel images, `ways` classes. */
export function omniglotShape(task: OmniglotTask): TaskShape {
  return imageTaskShape(task.imageSize, 1, task.ways);
}

/**
 * The Omniglot environment: training classes are all characters but those of the test alphabets, or but the test characters.
 * @param images decoded by `loadOmniglot` at the task's image size; not changed, so it may be shared between runs
 * @throws DatasetError when the data set cannot serve the task
 * @throws RangeError when the images were decoded at another size
 */
export function omniglotEnvironment(task: OmniglotTask, request: EnvironmentRequest, images: LoadedImages): TaskEnvironment {
  requireImageShape(images, task.imageSize, 1);
  return classEpisodes(omniglotShape(task), task, splitImages(images, task.rotations, splitOf(task)), request);
}

function splitOf({ split, testAlphabets, testCharacters }: OmniglotTask): ImageSplit {
  const words = { one: 'alphabet', many: 'alphabets' };
  return split === 'alphabet'
    ? { by: 'groups', test: testAlphabets, words: { ...words, option: 'testAlphabets' } }
    : { by: 'classes', test: testCharacters, words: { ...words, option: 'testCharacters' } };
}
