import { glyphsEnvironment, glyphsShape, type GlyphsTask } from './glyphs/glyphs.js';
import type { LoadedImages } from './images/image-classes.js';
import { omniglotEnvironment, omniglotShape, type OmniglotTask } from './omniglot/omniglot.js';
import { sinusoidEnvironment, sinusoidShape, type SinusoidTask } from './sinusoid.js';
import type { EnvironmentRequest, TaskEnvironment, TaskShape } from './task-environment.js';

/**
 * The options of a task, by family. To add a family: write `<family>.ts` with its options, its shape and its
 * environment (a classification family only builds a `ClassUniverse` and hands it to `classEpisodes`), then add it to
 * this union; the compiler names the two switches below that miss it.
 */
export type Task = SinusoidTask | GlyphsTask | OmniglotTask;

/** The shapes a model must fit, known without creating any data. */
export function taskShape(task: Task): TaskShape {
  switch (task.family) {
    case 'sinusoid':
      return sinusoidShape();
    case 'glyphs':
      return glyphsShape(task);
    case 'omniglot':
      return omniglotShape(task);
  }
}

/**
 * Draws everything one replicate needs to know about data.
 * @param task options of the family, ranges already validated
 * @param request seed, number of agents, sizes of the evaluation sets
 * @param images needed by the families that read images (`omniglot`), ignored by the others
 * @throws DatasetError when the data cannot serve the task
 * @throws TypeError when images are needed and missing
 */
export function createTaskEnvironment(task: Task, request: EnvironmentRequest, images?: LoadedImages): TaskEnvironment {
  switch (task.family) {
    case 'sinusoid':
      return sinusoidEnvironment(task, request);
    case 'glyphs':
      return glyphsEnvironment(task, request);
    case 'omniglot':
      if (!images) throw new TypeError('task family omniglot: call loadOmniglot and pass its images');
      return omniglotEnvironment(task, request, images);
  }
}
