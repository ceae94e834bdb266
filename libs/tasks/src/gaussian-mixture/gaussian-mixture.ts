import { randomStream } from '@airmeta/numerics';

import { classEpisodes } from '../classes/class-episodes.js';
import type { ClassTask } from '../classes/class-task.js';
import type { SampleClass } from '../classes/sample-class.js';
import type { EnvironmentRequest, TaskEnvironment, TaskShape } from '../task-environment.js';

/** Few-shot classification of points around class means: x ~ N(mean of the class, I) in R^p. */
export interface GaussianMixtureTask extends Omit<ClassTask, 'alphabetsPerAgent'> {
  readonly family: 'gaussian-mixture';
  /** p. */
  readonly dimension: number;
  /** Root mean square distance between two class means, in standard deviations of a class in any one direction. */
  readonly separation: number;
  /** Classes of the training environment. */
  readonly classes: number;
  /** Classes never trained on. */
  readonly testClasses: number;
  /** Samples of every class. */
  readonly samples: number;
}

/** Unseen classes are numbered from here, so that they do not depend on how many training classes there are. */
const FIRST_UNSEEN_CLASS = 1_000_000;

/** The part `round` of addresses of the stream `data`, whose part `agent` is a class; round 0 is left to `splitClass`. */
const ROUND = { mean: 1, samples: 2 } as const;

/** p numbers in, `ways` classes. */
export function gaussianMixtureShape({ dimension, ways }: GaussianMixtureTask): TaskShape {
  return { inputSize: dimension, outputSize: ways, loss: 'cross-entropy' };
}

/**
 * The environment of Gaussian classes. Their means are uniform on the sphere of radius separation / sqrt(2), so the
 * mean squared distance of two is separation^2; the best rule tells two classes at distance D apart with probability
 * Phi(D / 2). Means and samples are drawn from the run's seed; training and unseen classes are drawn alike.
 * @throws DatasetError when the universe is too small for the task
 */
export function gaussianMixtureEnvironment(task: GaussianMixtureTask, request: EnvironmentRequest): TaskEnvironment {
  const draw = (first: number, count: number) =>
    Array.from({ length: count }, (_, index) => gaussianClass(task, request.seed, first + index));
  const universe = {
    name: 'gaussian-mixture',
    groups: 'groups',
    training: draw(0, task.classes),
    unseen: draw(FIRST_UNSEEN_CLASS, task.testClasses),
  };
  return classEpisodes(gaussianMixtureShape(task), { ...task, alphabetsPerAgent: null }, universe, request);
}

/** A class, whose samples are drawn when the first of them is asked for. */
function gaussianClass({ dimension, separation, samples }: GaussianMixtureTask, seed: number, number: number): SampleClass {
  let drawn: Float32Array | undefined;
  return {
    name: `class ${number}`,
    group: '',
    splitKey: number,
    count: samples,
    writeSample(index, out, offset) {
      drawn ??= drawSamples(seed, number, drawMean(seed, number, dimension, separation), samples);
      out.set(drawn.subarray(index * dimension, (index + 1) * dimension), offset);
    },
  };
}

/** [p], uniform on a sphere: a Gaussian vector brought to the radius. */
function drawMean(seed: number, number: number, dimension: number, separation: number): Float64Array {
  const stream = randomStream(seed, 'data', { round: ROUND.mean, agent: number });
  const direction = Float64Array.from({ length: dimension }, () => stream.normal());
  const scale = separation / Math.SQRT2 / Math.hypot(...direction);
  return direction.map((value) => scale * value);
}

/** [count][p]. */
function drawSamples(seed: number, number: number, mean: Float64Array, count: number): Float32Array {
  const stream = randomStream(seed, 'data', { round: ROUND.samples, agent: number });
  return Float32Array.from({ length: count * mean.length }, (_, index) => mean[index % mean.length] + stream.normal());
}
