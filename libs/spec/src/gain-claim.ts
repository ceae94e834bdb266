/** Whether a worse channel buys new-task accuracy within a budget of extra rounds. docs/trade-offs.md says it in words. */
import type { Caveat, ComparedWith, Estimate, ExtraRounds, NewTaskScore } from './trade-off.js';

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

/** How many replicates a row is of, and what became of the others. */
export interface ClaimCounts {
  readonly planned: number;
  /** Pairs that are judged; diverged runs of the point are among them. */
  readonly pairs: number;
  /** Pairs in which the point's run diverged, whatever became of its twin; they count with its score before learning. */
  readonly diverged: number;
  /** Of these, pairs in which the twin diverged too: a gain of 0. */
  readonly bothDiverged: number;
  /** Pairs that are left out because only the twin diverged: there is nothing to compare with. */
  readonly twinDiverged: number;
  /** Replicates of which the run or its twin has no result: failed, cancelled, deleted or still open. */
  readonly missing: number;
  /** Pairs that are left out because a score is not there, or nobody chose rounds for them in the other half of the replicates. */
  readonly unscored: number;
  /** Judged pairs whose run ended before (1 + budget) T*, so that it did not have the whole budget. */
  readonly cut: number;
}

/**
 * One point against its twin. Rounds are chosen on one half of the replicates and of the new tasks; all scores are of the other half of both.
 */
export interface GainClaimRow {
  readonly pointId: string;
  readonly pointIndex: number;
  readonly label: string;
  readonly twinPointId: string;
  /** Accuracy, of which more is better; in regression loss, of which less is. */
  readonly score: NewTaskScore;
  readonly verdict: ClaimVerdict;
  readonly counts: ClaimCounts;
  /** T* and the point's own round, each as chosen on the two halves of the replicates; null without pairs. */
  readonly twinRounds: Interval | null;
  readonly runRounds: Interval | null;
  /** The twin's score at its round T*, the earliest of the best score of the half that chooses. */
  readonly twinBest: Estimate | null;
  /** The point's score at the round that it chose up to (1 + budget) T*. */
  readonly best: Estimate | null;
  /**
   * best - twinBest, paired. Its 95 % interval reaches down to what the difference at the point's round allows, and up to what that at T*
   * allows.
   */
  readonly gain: Estimate | null;
  /** The interval of the same gain at the level at which all points' intervals hold at once with 95 %; null when n < 2. */
  readonly simultaneous: Interval | null;
  /** Run - twin, both at the point's round, with its own 95 % interval; a gain must show here too. */
  readonly atRunRound: Estimate | null;
  /** Run - twin, both at T*, with its own 95 % interval; a loss must show here too. */
  readonly atTwinRound: Estimate | null;
  /** Mean of gain / twinBest over the pairs whose twinBest is positive, n of them; it has no interval. */
  readonly relativeGain: Estimate | null;
  readonly extraRounds: ExtraRounds | null;
  /** The paired difference at equal training loss. */
  readonly gainAtTarget: Estimate | null;
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
  /** Points of the question: those with a twin other than themselves, and those whose values tuning has not chosen. */
  readonly compared: number;
  /** Level of a simultaneous interval, 1 - 0.05 / compared (Bonferroni). */
  readonly simultaneousLevel: number;
  readonly verdict: ClaimVerdict;
  /** The verdict in words, with what diverged, what was not paired, and what else differs. */
  readonly sentence: string;
  /** Rows that there are, of which a page may have fewer. */
  readonly rowCount: number;
  readonly rows: readonly GainClaimRow[];
}
