import type { RandomStream } from '@airmeta/numerics';

import { RegressionEpisodes, type RegressionFamily, type RegressionTask } from '../regression/regression-episodes.js';
import type { Batch, EnvironmentRequest, TaskShape } from '../task-environment.js';

/**
 * Linear regression with a Gaussian prior over tasks: w ~ N(taskMean 1, taskVariance I) in R^p, and for each sample
 * x ~ N(0, diag(lambda)), y = w . x + N(0, noiseVariance). What training converges to is known: `LinearClosedForm`.
 * Mixed linear regression as in [bernacchia2021], which has its closed forms for wide and narrow models.
 */
export interface LinearTask extends RegressionTask {
  readonly family: 'linear';
  /** p. */
  readonly dimension: number;
  /** Prior mean of every entry of w. */
  readonly taskMean: number;
  /** Prior variance of every entry of w. */
  readonly taskVariance: number;
  /** Added to every entry of the prior mean for new tasks; 0: they are of the prior the agents' tasks are of. */
  readonly newTaskShift: number;
  /** Variance of the noise of y. */
  readonly noiseVariance: number;
  /** Input i = 1..p has variance lambda_i = i^-inputDecay; 0: all 1. */
  readonly inputDecay: number;
}

/** p numbers in, one out, mean squared error. */
export function linearShape(task: LinearTask): TaskShape {
  return { inputSize: task.dimension, outputSize: 1, loss: 'mean-squared-error' };
}

/** lambda [p]. */
export function inputVariances({ dimension, inputDecay }: LinearTask): Float64Array {
  return Float64Array.from({ length: dimension }, (_, index) => (index + 1) ** -inputDecay);
}

/** The environment of linear tasks; a rule is a weight vector w [p]. */
export function linearEnvironment(task: LinearTask, request: EnvironmentRequest): RegressionEpisodes<Float64Array> {
  return new RegressionEpisodes(linearFamily(task), task, request);
}

function linearFamily(task: LinearTask): RegressionFamily<Float64Array> {
  const inputDeviations = inputVariances(task).map(Math.sqrt);
  const taskDeviation = Math.sqrt(task.taskVariance);
  const noiseDeviation = Math.sqrt(task.noiseVariance);
  return {
    shape: linearShape(task),
    drawRule: (stream, from) => {
      const mean = task.taskMean + (from === 'unseen' ? task.newTaskShift : 0);
      return Float64Array.from({ length: task.dimension }, () => mean + taskDeviation * stream.normal());
    },
    drawPoints: (stream, weights, size) => drawPoints(stream, weights, size, inputDeviations, noiseDeviation),
  };
}

/** The targets are of the inputs as they are stored, in single precision. */
function drawPoints(
  stream: RandomStream,
  weights: Float64Array,
  size: number,
  inputDeviations: Float64Array,
  noiseDeviation: number,
): Batch {
  const p = weights.length;
  const x = new Float32Array(size * p);
  const y = new Float32Array(size);
  for (let row = 0; row < size; row++) {
    let target = 0;
    for (let index = 0; index < p; index++) {
      x[row * p + index] = inputDeviations[index] * stream.normal();
      target += weights[index] * x[row * p + index];
    }
    y[row] = target + noiseDeviation * stream.normal();
  }
  return { size, x, y };
}
