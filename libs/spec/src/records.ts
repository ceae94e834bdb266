/** What a run reports: the shapes that cross every boundary. */
/** Metrics of one evaluated round, in the order they are shown. */
export const METRIC_NAMES = [
  'trainLoss',
  'trainAccuracy',
  'newAgentsLoss',
  'newAgentsAccuracy',
  'newTasksLoss',
  'newTasksAccuracy',
  'gapLoss',
  'gapAccuracy',
  'aggregationNmse',
  'decodingNmse',
  'receivedSnrDb',
  'peakPowerWatt',
  'silentAgents',
  'memoryNorm',
  'channelUses',
  'energyJoule',
  'newTasksChoiceLoss',
  'newTasksChoiceAccuracy',
  'newTasksJudgeLoss',
  'newTasksJudgeAccuracy',
] as const;

export type MetricName = (typeof METRIC_NAMES)[number];

/**
 * One evaluated round. A metric that does not apply (accuracy of a regression, NMSE of an ideal uplink) is null.
 * Losses and accuracies are means over evaluation tasks after fine-tuning; new tasks at even positions (0, 2, ...) are the half that
 * chooses rounds (`Choice`), those at odd positions the half that judges them (`Judge`); both halves are null when there are fewer than
 * two new tasks, and of runs of earlier versions; `gapLoss` = newTasksLoss - trainLoss,
 * `gapAccuracy` = trainAccuracy - newTasksAccuracy; NMSE, received SNR, peak power and silent share are over the rounds since the
 * record before; channel uses and energy are totals so far.
 */
export interface EvaluationRecord {
  readonly round: number;
  readonly metrics: Readonly<Record<MetricName, number | null>>;
}

/** Where evaluation tasks come from: training agents' own, unseen agents of the training environment, tasks outside of it. */
export const TASK_SETS = ['train', 'newAgents', 'newTasks'] as const;
export type TaskSet = (typeof TASK_SETS)[number];

/** Quantiles over the tasks of a set, by the names that curves give them. */
export const CURVE_QUANTILES = { q05: 0.05, q25: 0.25, q50: 0.5, q75: 0.75, q95: 0.95 } as const;

/** What a fine-tuning curve tells of every step, in the order it is shown. */
export const CURVE_STATISTICS = ['mean', 'deviation', 'q05', 'q25', 'q50', 'q75', 'q95'] as const;
export type CurveStatistic = (typeof CURVE_STATISTICS)[number];

/** Evaluated rounds whose curves are kept: the last, and the best for new tasks (by accuracy, in regression by loss). */
export const CURVE_ROUNDS = ['last', 'best'] as const;
export const CURVE_METRICS = ['loss', 'accuracy'] as const;

/**
 * The distribution of a score over the tasks of a set after 0, 1, ..., S fine-tuning steps: each statistic has S + 1 numbers. null
 * where a number is not finite, and for the deviation (n - 1 in the denominator) of a single task.
 */
export interface TaskCurve extends Readonly<Record<CurveStatistic, readonly (number | null)[]>> {
  readonly set: TaskSet;
  readonly metric: (typeof CURVE_METRICS)[number];
  /** Tasks in the set. */
  readonly tasks: number;
}

/** The curve of an evaluated round. */
export interface FineTuningCurve extends TaskCurve {
  readonly at: (typeof CURVE_ROUNDS)[number];
  readonly round: number;
}

/** A part of theta that is one tensor, row-major. */
export interface ParameterTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What a run leaves behind besides its records. */
export interface TrainedModel {
  /** Round of the last record. */
  readonly round: number;
  /** theta [d] at that round, every number finite. */
  readonly parameters: Float32Array;
  /** The tensors it is made of, in its order. */
  readonly tensors: readonly ParameterTensor[];
  readonly fineTuning: readonly FineTuningCurve[];
}

/** How a run ended by itself. Divergence is a result, not an error. */
export type SimulationOutcome =
  { readonly kind: 'completed'; readonly rounds: number } | { readonly kind: 'diverged'; readonly round: number; readonly reason: string };

export const RUN_STATES = ['queued', 'running', 'completed', 'diverged', 'failed', 'cancelled'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** stopped: ended before all of its runs, by a stop or because its compute time was used up. */
export const EXPERIMENT_STATES = ['running', 'finished', 'stopped', 'cancelled'] as const;
export type ExperimentState = (typeof EXPERIMENT_STATES)[number];
