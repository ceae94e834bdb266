import { classEpisodes } from '../classes/class-episodes.js';
import type { ClassTask } from '../classes/class-task.js';
import { imageTaskShape, requireImageSize, type ImageSize, type LoadedImages } from '../images/image-classes.js';
import { splitImages, type ImageSplit } from '../images/split-images.js';
import type { EnvironmentRequest, TaskEnvironment, TaskShape } from '../task-environment.js';

/** Few-shot classification of images of one's own, one folder per class. */
export interface ImageFolderTask extends ClassTask {
  readonly family: 'image-folder';
  /** The data set's name, by which the caller finds the images. */
  readonly dataset: string;
  readonly imageSize: ImageSize;
  /** Whether black is 1 and white 0, for dark figures on a light ground. */
  readonly invert: boolean;
  /** Whether new tasks are of classes or of whole groups never trained on. */
  readonly split: 'class' | 'group';
  /** Classes never trained on, drawn at random over all groups. For `split: class`. */
  readonly testClasses: number;
  /** Groups never trained on: names, or a count taken from the end of the sorted groups. For `split: group`. */
  readonly testGroups: number | readonly string[];
}

/** One-channel images, `ways` classes. */
export function imageFolderShape(task: ImageFolderTask): TaskShape {
  return imageTaskShape(task.imageSize, task.ways);
}

/**
 * The environment of an image folder.
 * @param images decoded by `loadImageFolder` at the task's image size; not changed, so it may be shared between runs
 * @throws DatasetError when the data set cannot serve the task
 * @throws RangeError when the images were decoded at another size
 */
export function imageFolderEnvironment(task: ImageFolderTask, request: EnvironmentRequest, images: LoadedImages): TaskEnvironment {
  requireImageSize(images, task.imageSize);
  return classEpisodes(imageFolderShape(task), task, splitImages(images, false, splitOf(task)), request);
}

function splitOf({ split, testClasses, testGroups }: ImageFolderTask): ImageSplit {
  const words = { one: 'group', many: 'groups' };
  return split === 'group'
    ? { by: 'groups', test: testGroups, words: { ...words, option: 'testGroups' } }
    : { by: 'classes', test: testClasses, words: { ...words, option: 'testClasses' } };
}
