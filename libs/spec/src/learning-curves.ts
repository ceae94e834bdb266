/** Metrics against rounds, averaged over the replicates of a point. */
import type { PointRole } from './expand-sweep.js';

export const LEARNING_CURVE_METRICS = ['trainLoss', 'newTasksLoss', 'newTasksAccuracy'] as const;
export type LearningCurveMetric = (typeof LEARNING_CURVE_METRICS)[number];

/** Points whose curves are given at once; more would be no picture. */
export const MAX_CURVE_POINTS = 24;

/** Over the completed runs of a point; lists stand side by side, one entry per evaluated round. */
export interface LearningCurve {
  readonly metric: LearningCurveMetric;
  readonly rounds: readonly number[];
  readonly mean: readonly number[];
  /** Two-sided 95 % Student-t interval, round by round; null where n < 2. */
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  /** Runs that have a finite value at the round. */
  readonly n: readonly number[];
}

export interface PointCurves {
  readonly pointId: string;
  readonly pointIndex: number;
  readonly role: PointRole;
  readonly label: string;
  /** Metrics that no completed run has are absent. */
  readonly curves: readonly LearningCurve[];
}

export interface LearningCurves {
  readonly experimentId: string;
  readonly name: string;
  readonly points: readonly PointCurves[];
  /** Points that were not asked for, or were too many. */
  readonly omitted: number;
}
