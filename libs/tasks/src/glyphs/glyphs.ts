import { classEpisodes } from '../classes/class-episodes.js';
import type { ClassTask } from '../classes/class-task.js';
import { imageSampleClasses, imageTaskShape } from '../images/image-classes.js';
import type { EnvironmentRequest, TaskEnvironment, TaskShape } from '../task-environment.js';
import { drawGlyphs } from './draw-glyphs.js';

/** Few-shot classification of procedurally drawn characters; needs no data set. */
export interface GlyphsTask extends ClassTask {
  readonly family: 'glyphs';
  readonly imageSize: number;
  /** Alphabets of the training environment. */
  readonly alphabets: number;
  /** Alphabets never trained on. */
  readonly testAlphabets: number;
  readonly charactersPerAlphabet: number;
  /** Samples per class. */
  readonly drawers: number;
}

/** Unseen alphabets are numbered from here, so that they do not depend on how many training alphabets there are. */
const FIRST_UNSEEN_ALPHABET = 1_000_000;

/** One-channel images, `ways` classes. */
export function glyphsShape(task: GlyphsTask): TaskShape {
  return imageTaskShape(task.imageSize, 1, task.ways);
}

/**
 * The glyph environment. The universe is drawn from the run's seed, so replicates differ; training and unseen alphabets
 * are drawn alike but independently, and the same drawers draw both.
 * @throws DatasetError when the universe is too small for the task
 */
export function glyphsEnvironment(task: GlyphsTask, request: EnvironmentRequest): TaskEnvironment {
  const draw = (first: number, count: number) => {
    const numbers = Array.from({ length: count }, (_, index) => first + index);
    return imageSampleClasses(drawGlyphs(request.seed, numbers, task), false);
  };
  const universe = {
    name: 'glyphs',
    groups: 'alphabets',
    training: draw(0, task.alphabets),
    unseen: draw(FIRST_UNSEEN_ALPHABET, task.testAlphabets),
  };
  return classEpisodes(glyphsShape(task), task, universe, request);
}
