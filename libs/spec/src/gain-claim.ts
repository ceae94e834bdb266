/** Whether a worse channel buys new-task accuracy within a budget of extra rounds. docs/trade-offs.md says it in words. */
import type { Caveat, ComparedWith, Estimate, ExtraRounds, NewTaskScore, PairCounts } from './trade-off.js';

/** 18 % more rounds, as in the claim that is in circulation. */
export const DEFAULT_ROUND_BUDGET = 0.18;
export const MAX_ROUND_BUDGET = 100;

/**
 *  - `supported`: some point's simultaneous interval lies on the better side of zero, and divergence does not speak against it;
 *  - `worse`: every point's lies on the worse side, or it diverges where its twin does not;
 *  - `notShown`: anything else, too few replicates and no results included.
 */
export const CLAIM_VERDICTS = ['supported', 'notShown', 'worse'] as const;
export type ClaimVerdict = (typeof CLAIM_VERDICTS)[number];

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** One point against its twin. Rounds are chosen on one half of the new tasks, all scores are of the other half. */
export interface GainClaimRow {
  readonly pointId: string;
  readonly pointIndex: number;
  readonly label: string;
  readonly twinPointId: string;
  /** Accuracy, of which more is better; in regression loss, of which less is. */
  readonly score: NewTaskScore;
  readonly verdict: ClaimVerdict;
  readonly pairs: PairCounts;
  /** The twin's score at its round T*, the earliest of the best score of the half that chooses. */
  readonly twinBest: Estimate | null;
  /** The point's score at the round that it chose up to (1 + budget) T*. */
  readonly best: Estimate | null;
  /** best - twinBest, paired, with its own 95 % interval. */
  readonly gain: Estimate | null;
  /** The interval of the same gain at the level at which all points' intervals hold at once with 95 %; null when n < 2. */
  readonly simultaneous: Interval | null;
  /** gain / twinBest, pair by pair. */
  readonly relativeGain: Estimate | null;
  readonly extraRounds: ExtraRounds | null;
  /** The paired difference at equal training loss. */
  readonly gainAtTarget: Estimate | null;
  /** Pairs whose run was shorter than (1 + budget) T*, so that it did not have the whole budget. */
  readonly cut: number;
  /** Mean update gains of the point and its twin: a difference is that of a smaller step as well. */
  readonly updateGain: Estimate | null;
  readonly twinUpdateGain: Estimate | null;
  readonly caveats: readonly Caveat[];
}

export interface GainClaim {
  readonly experimentId: string;
  readonly name: string;
  readonly against: ComparedWith;
  /** Extra rounds as a share of T*. */
  readonly budget: number;
  /** Points compared: those with a twin other than themselves. */
  readonly compared: number;
  /** Level of a simultaneous interval, 1 - 0.05 / compared (Bonferroni). */
  readonly simultaneousLevel: number;
  readonly verdict: ClaimVerdict;
  /** The verdict in words, with what diverged, what was not paired, and what else differs. */
  readonly sentence: string;
  readonly rows: readonly GainClaimRow[];
}
