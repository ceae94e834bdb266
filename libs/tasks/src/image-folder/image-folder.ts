import { classEpisodes } from '../classes/class-episodes.js';
import type { ClassTask } from '../classes/class-task.js';
import { imageTaskShape, requireImageShape, type LoadedImages } from '../images/image-classes.js';
import type { ImageChannels } from '../images/raster.js';
import { splitImages, type ImageSplit } from '../images/split-images.js';
import type { EnvironmentRequest, TaskEnvironment, TaskShape } from '../task-environment.js';

/** Few-shot classification of images of one's own. */
export interface ImageFolderTask extends ClassTask {
  readonly family: 'image-folder';
  /** The data set's name, by which the caller finds the images. */
  readonly dataset: string;
  /** Side of an image in pixels. */
  readonly imageSize: number;
  /** 1: luminance; 3: red, green and blue. */
  readonly channels: ImageChannels;
  /** Whether black is 1 and white 0, for dark figures on a light ground. */
  readonly invert: boolean;
  /** Classes with fewer images are left out; null: none is. */
  readonly leastImages: number | null;
  /** Groups with fewer classes are left out; null: none is. */
  readonly leastClasses: number | null;
  /** Whether new tasks are of classes, of whole groups, or of the published test classes, never trained on. */
  readonly split: 'class' | 'group' | 'published';
  /** Classes never trained on, drawn at random over all groups. For `split: class`. */
  readonly testClasses: number;
  /** Groups never trained on: names, or a count taken from the end of the sorted groups. For `split: group`. */
  readonly testGroups: number | readonly string[];
}

/** Images of one or three channels, `ways` classes. */
export function imageFolderShape(task: ImageFolderTask): TaskShape {
  return imageTaskShape(task.imageSize, task.channels, task.ways);
}

/**
 * The environment of an image folder.
 * @param images decoded by `loadImageFolder` at the task's image size; not changed, so it may be shared between runs
 * @throws DatasetError when the data set cannot serve the task
 * @throws RangeError when the images were decoded at another size
 */
export function imageFolderEnvironment(task: ImageFolderTask, request: EnvironmentRequest, images: LoadedImages): TaskEnvironment {
  requireImageShape(images, task.imageSize, task.channels);
  return classEpisodes(imageFolderShape(task), task, splitImages(images, false, splitOf(task)), request);
}

function splitOf({ split, testClasses, testGroups }: ImageFolderTask): ImageSplit {
  const words = { one: 'group', many: 'groups' };
  switch (split) {
    case 'group':
      return { by: 'groups', test: testGroups, words: { ...words, option: 'testGroups' } };
    case 'class':
      return { by: 'classes', test: testClasses, words: { ...words, option: 'testClasses' } };
    case 'published':
      return { by: 'published', words };
  }
}
