/** Meta-gradients by automatic differentiation, all episodes of a call in one batch. */
import * as tf from '@tensorflow/tfjs';
import type { Architecture } from '../architecture.js';
import type { FineTuneScores, Learner, LearnerBatch, LearnerEngine, LearnerEpisode, MetaGradientRule } from '../learner.js';
import { innerStepsOf } from '../inner-steps.js';
import { scoreOutputs } from '../score.js';
import { prepareTfjs } from './backend.js';
import { detectTfjsBackend, type TfjsBackend } from './detect-backend.js';
import { forward, summedLoss } from './forward.js';

/** The gradient of a scalar function of stacked parameters; it can be differentiated again. */
function gradientOf(f: (theta: tf.Tensor2D) => tf.Scalar): (theta: tf.Tensor2D) => tf.Tensor2D {
  return tf.grad((theta) => f(theta as tf.Tensor2D)) as (theta: tf.Tensor2D) => tf.Tensor2D;
}

/** Episodes per batch of an evaluation, bounding its memory. */
const EVALUATION_CHUNK = 64;

interface BatchTensors {
  readonly x: tf.Tensor3D;
  readonly y: tf.Tensor3D;
}

class TfjsLearner implements Learner {
  readonly parameterCount: number;

  constructor(
    private readonly architecture: Architecture,
    readonly engine: string,
  ) {
    this.parameterCount = architecture.parameterCount;
  }

  metaGradients(parameters: Float32Array, episodes: readonly LearnerEpisode[], rule: MetaGradientRule): Float32Array {
    const steps = innerStepsOf(rule);
    return this.computed(() => {
      const theta = this.stackParameters(parameters, episodes.length);
      const support = this.stack(episodes.map((episode) => episode.support));
      if (rule.kind === 'none') {
        const query = this.stack(episodes.map((episode) => episode.query));
        return this.gradient({ x: tf.concat([support.x, query.x], 1), y: tf.concat([support.y, query.y], 1) })(theta);
      }
      const query = this.stack(episodes.map((episode) => episode.query));
      const adapted = (at: tf.Tensor2D) => {
        for (let step = 0; step < steps; step++) at = tf.sub<tf.Tensor2D>(at, tf.mul(this.gradient(support)(at), rule.innerStep));
        return at;
      };
      if (rule.kind === 'maml') return gradientOf((at) => this.loss(query)(adapted(at)))(theta);

      const u = this.gradient(query)(adapted(theta));
      if (rule.kind === 'first-order') return u;

      const hessian = this.stack(episodes.map((episode) => requireHessianBatch(episode, rule.kind)));
      const gradient = this.gradient(hessian);
      if (rule.kind === 'exact') {
        const directional = gradientOf((at) => tf.sum<tf.Scalar>(tf.mul(gradient(at), u)))(theta);
        return tf.sub(u, tf.mul(directional, rule.innerStep));
      }
      const step = tf.mul(u, rule.delta);
      const difference = tf.sub(gradient(tf.add(theta, step)), gradient(tf.sub(theta, step)));
      return tf.sub(u, tf.mul(difference, rule.innerStep / (2 * rule.delta)));
    });
  }

  supportGradients(parameters: Float32Array, episodes: readonly LearnerEpisode[]): Float32Array {
    return this.computed(() => {
      const support = this.stack(episodes.map((episode) => episode.support));
      return this.gradient(support)(this.stackParameters(parameters, episodes.length));
    });
  }

  fineTune(parameters: Float32Array, episodes: readonly LearnerEpisode[], innerStep: number, steps: number, from = 0): FineTuneScores {
    const scored = steps + 1 - from;
    const loss = new Float64Array(episodes.length * scored);
    const accuracy = this.architecture.loss === 'cross-entropy' ? new Float64Array(loss.length) : null;
    for (let start = 0; start < episodes.length; start += EVALUATION_CHUNK) {
      const chunk = episodes.slice(start, start + EVALUATION_CHUNK);
      const support = chunk.map((episode) => episode.support);
      const query = chunk.map((episode) => episode.query);
      const stages: Float32Array[] = [];
      tf.tidy(() => {
        const supportTensors = this.stack(support);
        const queryTensors = this.stack(query);
        let phi = this.stackParameters(parameters, chunk.length);
        for (let step = 0; step <= steps; step++) {
          if (step > 0) phi = tf.sub(phi, tf.mul(this.gradient(supportTensors)(phi), innerStep));
          if (step >= from) stages.push(forward(this.architecture, phi, queryTensors.x).dataSync<'float32'>());
        }
      });
      stages.forEach((stage, index) => {
        let offset = 0;
        query.forEach((batch, position) => {
          const score = scoreOutputs(this.architecture, stage, offset, batch);
          const at = (start + position) * scored + index;
          loss[at] = score.loss;
          if (accuracy && score.accuracy !== null) accuracy[at] = score.accuracy;
          offset += batch.size * this.architecture.outputSize;
        });
      });
    }
    return { loss, accuracy };
  }

  private loss({ x, y }: BatchTensors): (theta: tf.Tensor2D) => tf.Scalar {
    return (theta) => summedLoss(this.architecture, theta, x, y);
  }

  private gradient(batch: BatchTensors): (theta: tf.Tensor2D) => tf.Tensor2D {
    return gradientOf(this.loss(batch));
  }

  private computed(compute: () => tf.Tensor): Float32Array {
    // Results leave by assignment: tidy() searches what it returns for tensors, number by number.
    let result = new Float32Array(0);
    tf.tidy(() => {
      result = Float32Array.from(compute().dataSync<'float32'>());
    });
    return result;
  }

  /** [d] repeated, or [episodes][d] as it is. */
  private stackParameters(parameters: Float32Array, episodes: number): tf.Tensor2D {
    const d = this.parameterCount;
    if (parameters.length === d) return tf.tile(tf.tensor2d(parameters, [1, d]), [episodes, 1]);
    if (parameters.length === episodes * d) return tf.tensor2d(parameters, [episodes, d]);
    throw new RangeError(`parameters: expected [${d}] or [${episodes}][${d}], got ${parameters.length} numbers`);
  }

  private stack(batches: readonly LearnerBatch[]): BatchTensors {
    const { inputSize, outputSize, loss } = this.architecture;
    const size = batches[0].size;
    const x = new Float32Array(batches.length * size * inputSize);
    const y = new Float32Array(batches.length * size * outputSize);
    batches.forEach((batch, position) => {
      if (batch.size !== size) throw new RangeError(`episodes: batch sizes ${size} and ${batch.size} differ`);
      x.set(batch.x, position * size * inputSize);
      if (loss === 'mean-squared-error') y.set(batch.y, position * size * outputSize);
      else batch.y.forEach((label, sample) => (y[(position * size + sample) * outputSize + label] = 1));
    });
    return {
      x: tf.tensor3d(x, [batches.length, size, inputSize]),
      y: tf.tensor3d(y, [batches.length, size, outputSize]),
    };
  }
}

function requireHessianBatch(episode: LearnerEpisode, kind: string): LearnerBatch {
  if (!episode.hessian) throw new RangeError(`the ${kind} meta-gradient needs a third batch D''`);
  return episode.hessian;
}

/** The TensorFlow.js engine, on the fastest backend there is by default. */
export async function createTfjsEngine(backend?: TfjsBackend): Promise<LearnerEngine> {
  const chosen = backend ?? (await detectTfjsBackend());
  await prepareTfjs(chosen);
  const name = `tfjs-${chosen} ${tf.version_core}`;
  return { name, createLearner: (architecture) => new TfjsLearner(architecture, name) };
}
