/** What a run reports, and how results are summarised: the shapes that cross every boundary. */
import type { PointRole } from './expand-sweep.js';
import type { JsonValue } from './json-value.js';

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
  'peakPowerWatt',
  'silentAgents',
  'memoryNorm',
  'channelUses',
  'energyJoule',
] as const;

export type MetricName = (typeof METRIC_NAMES)[number];

/**
 * One evaluated round. A metric that does not apply (accuracy of a regression, NMSE of an ideal uplink) is null.
 * Losses and accuracies are means over evaluation tasks after fine-tuning; `gapLoss` = newTasksLoss - trainLoss,
 * `gapAccuracy` = trainAccuracy - newTasksAccuracy; NMSE, peak power and silent share are over the rounds since the
 * record before; channel uses and energy are totals so far.
 */
export interface EvaluationRecord {
  readonly round: number;
  readonly metrics: Readonly<Record<MetricName, number | null>>;
}

/** How a run ended by itself. Divergence is a result, not an error. */
export type SimulationOutcome =
  { readonly kind: 'completed'; readonly rounds: number } | { readonly kind: 'diverged'; readonly round: number; readonly reason: string };

export const RUN_STATES = ['queued', 'running', 'completed', 'diverged', 'failed', 'cancelled'] as const;
export type RunState = (typeof RUN_STATES)[number];

export const EXPERIMENT_STATES = ['running', 'finished', 'cancelled'] as const;
export type ExperimentState = (typeof EXPERIMENT_STATES)[number];

/** Mean over replicates with a two-sided 95 % Student-t interval; the interval is null when n < 2. */
export interface Estimate {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
}

/** Rounds to the target train loss. Runs that never got there count with their last round and are `censored`. */
export interface RoundsToTarget {
  readonly estimate: Estimate | null;
  readonly censored: number;
}

/** What one point cost and bought. All estimates are over its replicates; null when no run has the figure yet. */
export interface TradeoffRow {
  readonly pointId: string;
  readonly pointIndex: number;
  readonly role: PointRole;
  /** Short human label made of the axes, `ideal uplink` for a twin. */
  readonly label: string;
  readonly axes: Readonly<Record<string, JsonValue>>;
  readonly runs: { readonly total: number; readonly completed: number; readonly diverged: number; readonly open: number };
  readonly roundsToTarget: RoundsToTarget;
  readonly trainLoss: Estimate | null;
  readonly newAgentsLoss: Estimate | null;
  readonly newAgentsAccuracy: Estimate | null;
  readonly newTasksLoss: Estimate | null;
  readonly newTasksAccuracy: Estimate | null;
  readonly gapLoss: Estimate | null;
  readonly gapAccuracy: Estimate | null;
  /** Paired difference to the ideal twin of the same replicate, at the last round (accuracy: point - twin). */
  readonly gainAccuracyLast: Estimate | null;
  /** The same at each run's best evaluated round. */
  readonly gainAccuracyBest: Estimate | null;
  readonly gainLossLast: Estimate | null;
  readonly gainLossBest: Estimate | null;
}

export interface Tradeoff {
  readonly experimentId: string;
  readonly name: string;
  /** Absolute target when the specification gives one; otherwise per replicate, from the ideal twin. */
  readonly targetTrainLoss: number | null;
  readonly rows: readonly TradeoffRow[];
}
