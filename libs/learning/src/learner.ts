/** The port of everything that computes meta-gradients. Engines differ in speed and rounding, never in meaning. */

import type { Architecture } from './architecture.js';

/** Samples of one task; see the task environment's batch, which it equals in shape. */
export interface LearnerBatch {
  readonly size: number;
  /** [size][inputSize] row-major. */
  readonly x: Float32Array;
  /** Class indices [size] for cross-entropy, targets [size][outputSize] for mean squared error. */
  readonly y: Int32Array | Float32Array;
}

/** D (support), D' (query) and, where the gradient needs it, D'' (hessian). */
export interface LearnerEpisode {
  readonly support: LearnerBatch;
  readonly query: LearnerBatch;
  readonly hessian?: LearnerBatch;
}

/**
 * With theta_0 = theta, J inner steps theta_{j+1} = theta_j - alpha grad f(theta_j; D) to phi = theta_J, and u = grad f(phi; D'):
 *
 *   first-order   g = u                                                              [finn2017]
 *   maml          u <- u - alpha H(theta_j; D) u for j = J - 1 .. 0: the gradient of theta -> f(phi; D')   [finn2017]
 *   exact         g = u - alpha H(theta; D'') u                                      [fallah2020]
 *   hessian-free  g = u - alpha/(2 delta) [grad f(theta + delta u; D'') - grad f(theta - delta u; D'')]   [fallah2020]
 *   none          g = grad f(theta; D and D'), no inner step: federated averaging         [mcmahan2017]
 *
 * The batch of \`none\` is D and D' taken together, every sample with the same weight: it learns from all the samples that the
 * others do. \`exact\` and \`hessian-free\` are defined for J = 1 only: their D'' is independent of the one inner step, and a longer
 * path would need a batch of its own for every step.
 */
export type GradientKind = 'maml' | 'exact' | 'first-order' | 'hessian-free' | 'none';

export interface MetaGradientRule {
  readonly kind: GradientKind;
  /** alpha; unused by \`none\`. */
  readonly innerStep: number;
  /** J, from 1; 1 when left out. */
  readonly innerSteps?: number;
  /** Half-width of the central difference of `hessian-free`. */
  readonly delta: number;
}

/** Query scores after from .. steps fine-tuning steps: row-major [episode][steps + 1 - from]. */
export interface FineTuneScores {
  readonly loss: Float64Array;
  /** Fraction of argmax(logits) = label, ties to the lowest index; null for regression. */
  readonly accuracy: Float64Array | null;
}

export interface Learner {
  /** Name and version of the arithmetic, such as `tfjs-wasm 4.22.0`. */
  readonly engine: string;
  /** d. */
  readonly parameterCount: number;
  /**
   * One meta-gradient per episode.
   * @param parameters [d], the same for all episodes, or [episodes][d] row-major
   * @param episodes same batch sizes in all of them
   * @param into receives the result if it has its size
   * @returns [episodes][d] row-major
   * @throws RangeError when shapes do not fit, or the rule is not defined for its inner steps
   */
  metaGradients(parameters: Float32Array, episodes: readonly LearnerEpisode[], rule: MetaGradientRule, into?: Float32Array): Float32Array;
  /**
   * Full-batch steps of size alpha on each episode's support set, each from the same parameters [d], scored on its query set.
   * @param episodes a list passed again must not have changed: engines may keep what they read
   * @param from the first step that is scored, at most `steps`; 0, before any step, when left out
   */
  fineTune(parameters: Float32Array, episodes: readonly LearnerEpisode[], innerStep: number, steps: number, from?: number): FineTuneScores;
  /** grad f(theta; D) of each episode's support set: [episodes][d]. */
  supportGradients(parameters: Float32Array, episodes: readonly LearnerEpisode[]): Float32Array;
  /** Gives back what it computes in, where that is of use to the next one; it is not to be used afterwards. What it gave stays. */
  close?(): void;
}

/** Makes learners for architectures on one engine. */
export interface LearnerEngine {
  readonly name: string;
  createLearner(architecture: Architecture): Learner;
}
