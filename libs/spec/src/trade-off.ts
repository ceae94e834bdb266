/** How the results of an experiment are summarised and compared with twins. docs/trade-offs.md says it in words. */
import type { PointRole } from './expand-sweep.js';
import type { JsonValue } from './json-value.js';

/**
 * What a point is compared with, replicate by replicate:
 *
 *  - `ideal`: its ideal twin: same seeds, ideal uplink;
 *  - `matched`: its gain-matched twin: an ideal uplink whose updates are multiplied by the point's update gains, so that both have the same
 *    c; what remains is noise, fading, decoding and sparsification (whose losses and misalignment change the length of a step too);
 *  - `tuned`: both the point and its ideal twin with their own best value of the axis that the specification tunes, chosen on the first
 *    replicates and judged on the others.
 */
export const COMPARED_WITH = ['ideal', 'matched', 'tuned'] as const;
export type ComparedWith = (typeof COMPARED_WITH)[number];

/** A location that a few strange values hardly move, with an interval that is of 95 % over all samples; null bounds where n is too small. */
export interface RobustEstimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * Mean over replicates with a two-sided 95 % Student-t interval, which is null when n < 2 and is cut where the quantity ends (an accuracy
 * at 0 and 1, a loss at 0). Where a few values lie far from the others (`heavyTails`), the interval covers less than it says: look at
 * `robust`.
 */
export interface Estimate {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
  /** Values far from the others. */
  readonly outliers: number;
  readonly heavyTails: boolean;
  /** Where tails are heavy. Its interval covers less than 95 % of such samples (docs/validity.md). */
  readonly robust: RobustEstimate | null;
}

/**
 * A number that the data pin down to a bracket: evaluations tell only between which two of them something happened. The data's own figure is
 * from `atLeast` to `atMost`; `low` to `high` is a 95 % interval that allows for that and for the choice of seeds. null: no bound.
 */
export interface BracketedEstimate {
  readonly atLeast: number;
  readonly atMost: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * Rounds to the target train loss, of completed and diverged runs that have a target. The target was reached after one evaluated round and
 * by the next; what has not reached it by the planned last round (`horizon`), or has diverged, is no number of rounds and none is made up.
 * n = reached + censored + diverged. Runs that have ended without a target are counted beside them: n + withoutTarget have ended.
 */
export interface RoundsToTarget {
  readonly n: number;
  readonly reached: number;
  /** Completed without reaching it. */
  readonly censored: number;
  /** Divergence never reaches the target, wherever the run has been before. */
  readonly diverged: number;
  /** Ended without a target: the ideal twin of the replicate, which sets it, has not completed or has not decreased; or there is none. */
  readonly withoutTarget: number;
  /** Planned last round; null when n = 0. */
  readonly horizon: number | null;
  /** Mean of the rounds to target that were spent by the horizon: E min(T, horizon), which has a value however many never arrive. */
  readonly restrictedMean: BracketedEstimate | null;
  /** Rounds by which half of the runs have arrived; `atMost` is null when fewer have. */
  readonly median: BracketedEstimate | null;
}

/**
 * The median of pairs, by order statistics; for fewer pairs than these need, the geometric mean of ratios; or, where an interval cannot be
 * had, the median of the sample without one.
 */
export const SHARE_OF = ['median', 'geometricMean', 'none'] as const;
export type ShareOf = (typeof SHARE_OF)[number];

/**
 * Rounds to target beside those of the twin, pair by pair, over pairs in which both runs have a result and a target. Counts as in
 * `RoundsToTarget`; pairs = reached + censored + diverged.
 */
export interface ExtraRounds {
  readonly pairs: number;
  /** Both arrived. */
  readonly reached: number;
  /** Neither run diverged, and at least one of the two did not arrive by the horizon. */
  readonly censored: number;
  /** One of the two diverged. */
  readonly diverged: number;
  /** Pairs of which both runs have ended and one has no target; in none of the counts above. */
  readonly withoutTarget: number;
  /** Pairs whose twin was at the target at round 0: nothing can be related to that. */
  readonly twinAtStart: number;
  /** (Rounds of the run / rounds of its twin) - 1. null without a pair that has it. */
  readonly share: BracketedEstimate | null;
  /** What `share` is; null with it. */
  readonly shareOf: ShareOf | null;
  /** Mean of rounds of the run - rounds of its twin, both up to the horizon [rounds]. */
  readonly difference: BracketedEstimate | null;
}

/**
 * The evaluated round at which a run is judged on new tasks:
 *
 *  - `last`: its last;
 *  - `best`: that of its best value of the very score on one half of the new tasks (the highest accuracy; the lowest loss), judged on the
 *    other half;
 *  - `target`: the first whose train loss is at or under the target, so that runs are compared at equal training loss;
 *  - `earlyStop`: the first of its lowest train loss, which is chosen without a look at new tasks.
 */
export const COMPARISON_BASES = ['last', 'best', 'target', 'earlyStop'] as const;
export type ComparisonBasis = (typeof COMPARISON_BASES)[number];

/** How well new tasks are solved; accuracy is null in regression. */
export const NEW_TASK_SCORES = ['accuracy', 'loss'] as const;
export type NewTaskScore = (typeof NEW_TASK_SCORES)[number];

export type NewTaskEstimates = Readonly<Record<NewTaskScore, Estimate | null>>;

/** Replicates of a point beside those of its twin; only the first enter gains, and the others speak against them. */
export interface PairCounts {
  /** Both completed. */
  readonly completed: number;
  /** Both have ended, and the point's run diverged. */
  readonly diverged: number;
  /** Both have ended, and only the twin's diverged. */
  readonly twinDiverged: number;
  /** One of the two has no result: not yet, or because it failed, was cancelled or deleted. */
  readonly unpaired: number;
}

/** Runs of a point; total = completed + diverged + open + missing. */
export interface PointRuns {
  readonly total: number;
  readonly completed: number;
  readonly diverged: number;
  /** Queued or running. */
  readonly open: number;
  /** Failed, cancelled or deleted. */
  readonly missing: number;
}

/** What differs between what is compared, or is missing from it, besides what was varied. */
export const CAVEAT_KINDS = [
  'updateGain',
  'energy',
  'channelUses',
  'neverSent',
  'diverged',
  'censored',
  'unpaired',
  'heavyTails',
  'noHalves',
  'horizon',
  'notTuned',
  'tunedAtEnd',
] as const;
export type CaveatKind = (typeof CAVEAT_KINDS)[number];

export interface Caveat {
  readonly kind: CaveatKind;
  /** A sentence. */
  readonly message: string;
}

/** The value that tuning chose, for the point and for its twin. */
export interface TunedChoice {
  readonly value: JsonValue;
  readonly twinValue: JsonValue;
  /** Whether the value is the least or the greatest of the numbers that were tried: a better one may lie beyond. */
  readonly atEnd: boolean;
  readonly twinAtEnd: boolean;
}

/** What a point spent and how its update arrived. Means over completed runs; null where the uplink has no such thing. */
export interface PhysicalEstimates {
  /** c = <update, mean change> / ||mean change||^2: by what the update was multiplied on its way, on average over rounds. */
  readonly updateGain: Estimate | null;
  /** ||update - c mean change||^2 / ||mean change||^2, on average over rounds. */
  readonly misalignment: Estimate | null;
  readonly aggregationNmse: Estimate | null;
  /** Share of active agents that kept silent. */
  readonly silentAgents: Estimate | null;
  /** Highest power of any agent in any round [watt]. */
  readonly peakPowerWatt: Estimate | null;
  /** Over the whole run [joule]. */
  readonly energyJoule: Estimate | null;
  /** Over the whole run. */
  readonly channelUses: Estimate | null;
}
export const PHYSICAL_FIGURES = [
  'updateGain',
  'misalignment',
  'aggregationNmse',
  'silentAgents',
  'peakPowerWatt',
  'energyJoule',
  'channelUses',
] as const satisfies readonly (keyof PhysicalEstimates)[];

/** What one point cost and bought. All estimates are over its replicates; null when no run has the figure yet. */
export interface TradeoffRow {
  /** Against `tuned`, the point whose value was chosen. */
  readonly pointId: string;
  readonly pointIndex: number;
  readonly role: PointRole;
  /** Short human label made of the axes, `ideal uplink` for a twin. */
  readonly label: string;
  readonly axes: Readonly<Record<string, JsonValue>>;
  /** The point it is compared with: itself when it is its own twin, null when there is none. */
  readonly twinPointId: string | null;
  readonly twinPointIndex: number | null;
  /** Only against `tuned`. */
  readonly tuned: TunedChoice | null;
  readonly runs: PointRuns;
  /** null without a twin other than itself. */
  readonly pairs: PairCounts | null;
  readonly roundsToTarget: RoundsToTarget;
  /** null without a twin other than itself. */
  readonly extraRounds: ExtraRounds | null;
  /** At the last round, like the four below. */
  readonly trainLoss: Estimate | null;
  readonly newAgentsLoss: Estimate | null;
  readonly newAgentsAccuracy: Estimate | null;
  readonly gapLoss: Estimate | null;
  readonly gapAccuracy: Estimate | null;
  /** Area under the train loss over rounds, trapezoid by trapezoid. */
  readonly trainLossArea: Estimate | null;
  /** New-task scores of the completed runs; at `target`, of those that reached it. */
  readonly newTasks: Readonly<Record<ComparisonBasis, NewTaskEstimates>>;
  /** Paired differences to the twin of the same replicate, run - twin, each of the two at a round of its own. */
  readonly gains: Readonly<Record<ComparisonBasis, NewTaskEstimates>>;
  readonly physical: PhysicalEstimates;
  /** Mean update gain of the twin; 1 for an ideal one. */
  readonly twinUpdateGain: Estimate | null;
  /** What must be said together with this row's gains and extra rounds. */
  readonly caveats: readonly Caveat[];
}

/** How values were chosen: on which replicates, by which figure. */
export interface Tuning {
  readonly axis: string;
  /** Replicates 0 to chosenOn - 1 choose, the others judge. */
  readonly chosenOn: number;
  readonly judgedOn: number;
  /** As in the specification: new-tasks or rounds-to-target. */
  readonly by: string;
}

/** What is said of all points of an experiment at once. */
export interface TradeoffOutline {
  readonly experimentId: string;
  readonly name: string;
  readonly against: ComparedWith;
  /** Absolute target when the specification gives one; otherwise per replicate, from the ideal twin. */
  readonly targetTrainLoss: number | null;
  /** Only against `tuned`. */
  readonly tuning: Tuning | null;
  /** Rows that there are, of which a page may have fewer. */
  readonly rowCount: number;
  /** What must be said when rows are compared with each other. */
  readonly caveats: readonly Caveat[];
}

/** With rows: all of them, or a page. */
export interface Tradeoff extends TradeoffOutline {
  readonly rows: readonly TradeoffRow[];
}

/** Rows of a page when no number is asked for, and the most of one. */
export const DEFAULT_TRADEOFF_ROWS = 100;
export const MAX_TRADEOFF_ROWS = 1_000;
