/** At which rounds a point and its twin are judged: chosen on other replicates, and on other tasks, than they are judged on. */
import type { NewTaskScore } from '@airmeta/spec';
import type { ClaimRun } from './claim-run.js';

/** A run with its scores where they can be looked up: at rounds that have finite ones on both halves. */
export interface ScoredRun {
  readonly run: ClaimRun;
  readonly choice: ReadonlyMap<number, number>;
  readonly judge: ReadonlyMap<number, number>;
}

/** A run and its twin of the same replicate; the twin did not diverge. */
export interface ClaimPair {
  readonly run: ScoredRun;
  readonly twin: ScoredRun;
}

export interface ChosenRounds {
  /** T*. */
  readonly twinRound: number;
  readonly runRound: number;
  /** (1 + budget) T*. */
  readonly lastRound: number;
}

/** @throws RangeError unless there is one score per round and half */
export function scoredRun(run: ClaimRun): ScoredRun {
  const { pointId, replicate, rounds } = run;
  if (run.choice.length !== rounds.length || run.judge.length !== rounds.length) {
    throw new RangeError(`scores of point ${pointId}, replicate ${replicate} are not one per round`);
  }
  const [choice, judge] = [new Map<number, number>(), new Map<number, number>()];
  rounds.forEach((round, index) => {
    const [chosenBy, judgedBy] = [run.choice[index], run.judge[index]];
    if (chosenBy === null || judgedBy === null || !Number.isFinite(chosenBy) || !Number.isFinite(judgedBy)) return;
    choice.set(round, chosenBy);
    judge.set(round, judgedBy);
  });
  return { run, choice, judge };
}

/** The rounds at which every run that did not diverge has scores on both halves, ascending. */
export function commonRounds(pairs: readonly ClaimPair[]): readonly number[] {
  const runs = pairs.flatMap(({ run, twin }) => (run.run.diverged ? [twin] : [run, twin]));
  return runs.length === 0 ? [] : runs[0].run.rounds.filter((round) => runs.every(({ judge }) => judge.has(round)));
}

/**
 * Rounds for each pair, in their order. Pairs at even and at odd positions choose for each other, on means over their choice halves:
 *
 *  - T* is the round of the twins' best mean score, the earliest of that score;
 *  - the point's round is that of its own best mean score among the evaluated rounds up to (1 + budget) T*. T* is the twins' best among these
 *    too, so that both choose among equally many. Diverged runs choose nothing; where all of them diverged, it is T*.
 *
 * @param pairs at least two, in the order of replicates
 * @param rounds see {@link commonRounds}; at least one
 */
export function chooseRounds(
  pairs: readonly ClaimPair[],
  rounds: readonly number[],
  score: NewTaskScore,
  budget: number,
): readonly ChosenRounds[] {
  const chosenOn = [0, 1].map((parity): ChosenRounds => {
    const others = pairs.filter((_, position) => position % 2 === parity);
    const best = (runs: readonly ScoredRun[], candidates: readonly number[]) => bestRound(runs, candidates, score);
    const twinRound = best(
      others.map(({ twin }) => twin),
      rounds,
    );
    // A whole round that rounding puts a little over the budget is within it.
    const lastRound = (1 + budget) * twinRound * (1 + Number.EPSILON);
    const survivors = others.flatMap(({ run }) => (run.run.diverged ? [] : [run]));
    const candidates = rounds.filter((round) => round <= lastRound);
    return { twinRound, lastRound, runRound: survivors.length === 0 ? twinRound : best(survivors, candidates) };
  });
  return pairs.map((_, position) => chosenOn[1 - (position % 2)]);
}

function bestRound(runs: readonly ScoredRun[], candidates: readonly number[], score: NewTaskScore): number {
  const sign = { accuracy: 1, loss: -1 }[score];
  let [best, bestSum] = [candidates[0], -Infinity];
  for (const round of candidates) {
    const sum = runs.reduce((total, { choice }) => total + sign * (choice.get(round) ?? NaN), 0);
    if (sum > bestSum) [best, bestSum] = [round, sum];
  }
  return best;
}
