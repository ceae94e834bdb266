/** How the results of an experiment are summarised and compared with ideal twins. docs/trade-offs.md says it in words. */
import type { PointRole } from './expand-sweep.js';
import type { JsonValue } from './json-value.js';

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

/**
 * (rounds to target of the run - that of its twin) / that of its twin, over replicates. A pair is `censored` when one of the two never
 * reached the target and counts with its last round. A twin that is at the target at round 0 makes no pair.
 */
export interface ExtraRounds {
  readonly estimate: Estimate | null;
  readonly censored: number;
}

/**
 * The evaluated round at which a run is judged on new tasks:
 *
 *  - `last`: its last;
 *  - `best`: that of its best value of the very score (the highest accuracy; the lowest loss);
 *  - `target`: the first whose train loss is at or under the target, so that runs are compared at equal training loss;
 *  - `earlyStop`: the first of its lowest train loss, which is chosen without a look at new tasks.
 */
export const COMPARISON_BASES = ['last', 'best', 'target', 'earlyStop'] as const;
export type ComparisonBasis = (typeof COMPARISON_BASES)[number];

/** How well new tasks are solved; accuracy is null in regression. */
export const NEW_TASK_SCORES = ['accuracy', 'loss'] as const;
export type NewTaskScore = (typeof NEW_TASK_SCORES)[number];

export type NewTaskEstimates = Readonly<Record<NewTaskScore, Estimate | null>>;

/** What one point cost and bought. All estimates are over its replicates; null when no run has the figure yet. */
export interface TradeoffRow {
  readonly pointId: string;
  readonly pointIndex: number;
  readonly role: PointRole;
  /** Short human label made of the axes, `ideal uplink` for a twin. */
  readonly label: string;
  readonly axes: Readonly<Record<string, JsonValue>>;
  /** The point it is compared with: itself when its uplink is ideal, null when twins are off. */
  readonly twinPointId: string | null;
  readonly runs: { readonly total: number; readonly completed: number; readonly diverged: number; readonly open: number };
  readonly roundsToTarget: RoundsToTarget;
  readonly extraRounds: ExtraRounds;
  /** At the last round, like the four below. */
  readonly trainLoss: Estimate | null;
  readonly newAgentsLoss: Estimate | null;
  readonly newAgentsAccuracy: Estimate | null;
  readonly gapLoss: Estimate | null;
  readonly gapAccuracy: Estimate | null;
  /** New-task scores of the completed runs; at `target`, of those that reached it. */
  readonly newTasks: Readonly<Record<ComparisonBasis, NewTaskEstimates>>;
  /** Paired differences to the ideal twin of the same replicate, run - twin, each of the two at a round of its own. */
  readonly gains: Readonly<Record<ComparisonBasis, NewTaskEstimates>>;
}

export interface Tradeoff {
  readonly experimentId: string;
  readonly name: string;
  /** Absolute target when the specification gives one; otherwise per replicate, from the ideal twin. */
  readonly targetTrainLoss: number | null;
  readonly rows: readonly TradeoffRow[];
}
