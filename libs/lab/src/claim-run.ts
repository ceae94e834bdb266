/** What a verdict on a claim is made from: plain data, whatever they were stored in. */
import type { ClaimVerdict, Estimate, Interval, NewTaskScore } from '@airmeta/spec';

/**
 * One run that has ended with a result, with its new-task scores at every evaluated round. The new tasks are in two fixed, disjoint halves: rounds
 * are chosen on one and judged on the other. All runs of a question have the same score.
 */
export interface ClaimRun {
  readonly pointId: string;
  readonly replicate: number;
  /** Divergence counts against a point, whatever its scores were before. */
  readonly diverged: boolean;
  /** Evaluated rounds, ascending; of a run that diverged, those it had. */
  readonly rounds: readonly number[];
  /** The score on the choice half at each of the rounds; null where it was not finite, or where there is no half. */
  readonly choice: readonly (number | null)[];
  /** The same on the judge half. */
  readonly judge: readonly (number | null)[];
}

/** A point that is compared, and with what. */
export interface ClaimPoint {
  readonly pointId: string;
  readonly pointIndex: number;
  readonly label: string;
  /** The point whose runs of the same replicates it is compared with: its ideal twin, or a control; another than itself. */
  readonly againstPointId: string;
  /** Replicates the point has been planned with. */
  readonly replicates: number;
}

export interface ClaimQuestion {
  readonly score: NewTaskScore;
  /** Extra rounds as a share of T*, the twin's chosen round. */
  readonly budget: number;
  /** What points are compared with, as the sentence names it; 'the ideal twin' by default. */
  readonly against?: string;
  /** Labels of points that are part of the question but not compared, since tuning has not chosen their values; none by default. */
  readonly undecided?: readonly string[];
  /** Runs that have not ended: the sentence says that it may change. */
  readonly open?: number;
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
  /**
   * Pairs that are left out because there are no scores on both halves of the new tasks, or nobody to choose rounds for them in the other half
   * of the replicates. A diverged run without a score before learning is among them, and a point with such a run is never supported.
   */
  readonly unscored: number;
  /** Judged pairs whose run ended before (1 + budget) T*, so that it did not have the whole budget. */
  readonly cut: number;
}

/** One point against its twin. */
export interface ClaimFinding {
  readonly pointId: string;
  readonly pointIndex: number;
  readonly label: string;
  readonly counts: ClaimCounts;
  /** T* and the point's own round, each as chosen on the two halves of the replicates; null without pairs. */
  readonly twinRounds: Interval | null;
  readonly runRounds: Interval | null;
  /** Judged scores at those rounds. */
  readonly twinBest: Estimate | null;
  readonly best: Estimate | null;
  /**
   * best - twinBest, pair by pair. Its 95 % interval reaches down to what the difference at the point's round allows, and up to what that at
   * T* allows; see `decideGainClaim`.
   */
  readonly gain: Estimate | null;
  /** Mean of gain / twinBest over pairs whose twinBest is positive; it has no interval. */
  readonly relativeGain: Estimate | null;
  /** The interval of the gain at the level at which all points' hold at once with 95 %; null when n < 2. */
  readonly simultaneous: Interval | null;
  /** Run - twin at one and the same round, the point's and the twin's, with their own 95 % intervals. */
  readonly atRunRound: Estimate | null;
  readonly atTwinRound: Estimate | null;
  readonly verdict: ClaimVerdict;
}

export interface ClaimDecision {
  /** Points of the question, m: those compared and those undecided. */
  readonly compared: number;
  /** Level of a simultaneous interval, 1 - 0.05 / m (Bonferroni). */
  readonly simultaneousLevel: number;
  readonly verdict: ClaimVerdict;
  /** The verdict in words, with every count of what was left out or diverged. */
  readonly sentence: string;
  readonly findings: readonly ClaimFinding[];
}
