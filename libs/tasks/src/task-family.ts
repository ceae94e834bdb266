import { gaussianMixtureEnvironment, gaussianMixtureShape, type GaussianMixtureTask } from './gaussian-mixture/gaussian-mixture.js';
import { glyphsEnvironment, glyphsShape, type GlyphsTask } from './glyphs/glyphs.js';
import type { DatasetSource } from './dataset/dataset-source.js';
import type { ImageDecoder } from './images/raster.js';
import { imageFolderEnvironment, imageFolderShape, type ImageFolderTask } from './image-folder/image-folder.js';
import { loadImageFolder } from './image-folder/load-image-folder.js';
import type { LoadedImages } from './images/image-classes.js';
import { linearEnvironment, linearShape, type LinearTask } from './linear/linear.js';
import { loadOmniglot } from './omniglot/load-omniglot.js';
import { omniglotEnvironment, omniglotShape, type OmniglotTask } from './omniglot/omniglot.js';
import { sinusoidEnvironment, sinusoidShape, type SinusoidTask } from './sinusoid.js';
import type { EnvironmentRequest, TaskEnvironment, TaskShape } from './task-environment.js';

/**
 * The options of a task, by family. To add a family: write `<family>.ts` with its options, its shape and its
 * environment (a classification family only builds a `ClassUniverse` and hands it to `classEpisodes`), then add it to
 * this union; the compiler names the switches below that miss it.
 */
export type Task = SinusoidTask | LinearTask | GaussianMixtureTask | GlyphsTask | DatasetTask;

/** The families that read images from a data set. */
export type DatasetTask = OmniglotTask | ImageFolderTask;

/** Whether a task reads a data set: its `dataset` is the name of it. */
export function readsDataset(task: Task): task is DatasetTask {
  return 'dataset' in task;
}

/**
 * Decodes the images of a task's data set.
 * @throws DatasetError naming the file that cannot be decoded, or saying that there is none
 */
export function loadImages(task: DatasetTask, source: DatasetSource, decoder: ImageDecoder): LoadedImages {
  switch (task.family) {
    case 'omniglot':
      return loadOmniglot(source, task, decoder);
    case 'image-folder':
      return loadImageFolder(source, task, decoder);
  }
}

/** The shapes a model must fit, known without creating any data. */
export function taskShape(task: Task): TaskShape {
  switch (task.family) {
    case 'sinusoid':
      return sinusoidShape();
    case 'linear':
      return linearShape(task);
    case 'gaussian-mixture':
      return gaussianMixtureShape(task);
    case 'glyphs':
      return glyphsShape(task);
    case 'omniglot':
      return omniglotShape(task);
    case 'image-folder':
      return imageFolderShape(task);
  }
}

/**
 * Draws everything one replicate needs to know about data.
 * @param task options of the family, ranges already validated
 * @param request seed, number of agents, sizes of the evaluation sets
 * @param images of {@link loadImages}, needed by the families that read a data set, ignored by the others
 * @throws DatasetError when the data cannot serve the task
 * @throws TypeError when images are needed and missing
 */
export function createTaskEnvironment(task: Task, request: EnvironmentRequest, images?: LoadedImages): TaskEnvironment {
  switch (task.family) {
    case 'sinusoid':
      return sinusoidEnvironment(task, request);
    case 'linear':
      return linearEnvironment(task, request);
    case 'gaussian-mixture':
      return gaussianMixtureEnvironment(task, request);
    case 'glyphs':
      return glyphsEnvironment(task, request);
    case 'omniglot':
      return omniglotEnvironment(task, request, loaded(task, images));
    case 'image-folder':
      return imageFolderEnvironment(task, request, loaded(task, images));
  }
}

function loaded({ family }: DatasetTask, images: LoadedImages | undefined): LoadedImages {
  if (!images) throw new TypeError(`task family ${family}: call loadImages and pass its images`);
  return images;
}
