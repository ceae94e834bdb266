/**
 * The port every task family implements.
 *
 * A *task environment* is everything one replicate draws about data: which tasks each training agent has, the batches
 * of every round, and the evaluation tasks (drawn once per replicate, the same at every point of a sweep). All draws
 * are pure functions of (seed, round, agent, localStep) through named random streams.
 */

/** Samples of one task. `x` is row-major [size][inputSize]; labels are class indices, targets row-major [size][outputSize]. */
export interface Batch {
  readonly size: number;
  readonly x: Float32Array;
  /** Class indices [size] for classification, regression targets [size * outputSize] otherwise. */
  readonly y: Int32Array | Float32Array;
}

/** One task as a learner meets it. */
export interface Episode {
  /** D: what the inner step adapts to. */
  readonly support: Batch;
  /** D': what the adapted parameters are judged on, never overlapping `support`. */
  readonly query: Batch;
  /** D'': a third independent batch, of the support's size, for the Hessian of the `exact` and `hessian-free` gradients. */
  readonly hessian?: Batch;
}

/** Shapes a model must fit. */
export interface TaskShape {
  /** Numbers per sample; for images channels * height * width. */
  readonly inputSize: number;
  /** [channels, height, width] for images, absent otherwise. */
  readonly image?: readonly [channels: number, height: number, width: number];
  /** Number of classes (ways), or of regression outputs. */
  readonly outputSize: number;
  readonly loss: 'cross-entropy' | 'mean-squared-error';
}

/** The evaluation tasks of one replicate. */
export interface EvaluationTasks {
  /** The training agents' own tasks: support from training data, queries from data never used in training. */
  readonly train: readonly Episode[];
  /** Unseen agents with tasks from the training environment. */
  readonly newAgents: readonly Episode[];
  /** Tasks outside the training environment (unseen classes). */
  readonly newTasks: readonly Episode[];
}

export interface TaskEnvironment {
  readonly shape: TaskShape;
  /**
   * The batches agent `agent` trains on in local step `localStep` of round `round`; a pure function of its arguments.
   * Support, query and (when `withHessianBatch`) Hessian batch are disjoint.
   * @param spare an episode no longer needed, whose arrays may be used again
   */
  trainingEpisode(agent: number, round: number, localStep: number, withHessianBatch: boolean, spare?: Episode): Episode;
  /** Drawn on first use and kept. */
  evaluationTasks(): EvaluationTasks;
}

/** What a replicate asks of a family. */
export interface EnvironmentRequest {
  /** The run's seed, an integer in [0, 2^53). */
  readonly seed: number;
  /** Number of training agents n. */
  readonly agents: number;
  /** How many of them are evaluated, at most; all when left out. */
  readonly trainAgents?: number;
  /** Evaluation tasks per set. */
  readonly newAgents: number;
  readonly newTasks: number;
}
