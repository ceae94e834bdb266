/** At which rounds a point and its twin are judged: chosen on other replicates, and on other tasks, than they are judged on. */
import type { NewTaskScore } from '@airmeta/spec';
import type { ClaimRun } from './claim-run.js';

/** A run and its twin of the same replicate; the twin diverged only where the run did too. */
export interface ClaimPair {
  readonly run: ClaimRun;
  readonly twin: ClaimRun;
}

export interface ChosenRounds {
  /** T*. */
  readonly twinRound: number;
  readonly runRound: number;
  /** (1 + budget) T*. */
  readonly lastRound: number;
}

/** Rounds of a run that have finite scores on both halves, ascending. */
export function scoredRounds({ rounds, choice, judge }: ClaimRun): readonly number[] {
  return rounds.filter((_, index) => Number.isFinite(choice[index]) && Number.isFinite(judge[index]));
}

/** The rounds that every run of the pairs has scores at, but for those that diverged; ascending, and none when all diverged. */
export function commonRounds(pairs: readonly ClaimPair[]): readonly number[] {
  const [first, ...others] = pairs.flatMap(({ run, twin }) => survivors([run, twin])).map(scoredRounds);
  if (first === undefined) return [];
  return others.reduce((common, rounds) => {
    let position = 0;
    return common.filter((round) => {
      while (position < rounds.length && rounds[position] < round) position++;
      return rounds[position] === round;
    });
  }, first);
}

const survivors = (runs: readonly ClaimRun[]) => runs.filter(({ diverged }) => !diverged);

/** Scores of a run on one half at some of its rounds, both ascending. */
export function scoresAt(run: ClaimRun, half: 'choice' | 'judge', rounds: readonly number[]): Float64Array {
  const [scores, own] = [new Float64Array(rounds.length), run[half]];
  let position = 0;
  for (let index = 0; index < rounds.length; index++) {
    while (run.rounds[position] < rounds[index]) position++;
    scores[index] = own[position] ?? NaN;
  }
  return scores;
}

/**
 * Rounds for each pair, in their order. Even and odd replicates choose for each other, on means over their choice halves. Which half a
 * replicate is in depends on its number only, not on what became of others.
 *
 *  - T* is the round of the twins' best mean score, the earliest of that score;
 *  - the point's round is that of its own best mean score among the evaluated rounds up to (1 + budget) T*. T* is the twins' best among these
 *    too, so that both choose among equally many. Diverged runs choose nothing; where all of the point's diverged, it is T*.
 *
 * No pair has rounds when one half has no twin that completed: there is nobody to choose for the other.
 *
 * @param rounds see {@link commonRounds}; at least one
 */
export function chooseRounds(
  pairs: readonly ClaimPair[],
  rounds: readonly number[],
  score: NewTaskScore,
  budget: number,
): readonly ChosenRounds[] {
  const chosenOn = [0, 1].map((parity): ChosenRounds | null => {
    const choosing = pairs.filter(({ run }) => run.replicate % 2 === parity);
    const runs = survivors(choosing.map(({ run }) => run));
    const twins = survivors(choosing.map(({ twin }) => twin));
    if (twins.length === 0) return null;
    const twinRound = bestRound(twins, rounds, score);
    // A whole round that rounding puts a little over the budget is within it.
    const lastRound = (1 + budget) * twinRound * (1 + Number.EPSILON);
    const within = rounds.filter((round) => round <= lastRound);
    return { twinRound, lastRound, runRound: runs.length === 0 ? twinRound : bestRound(runs, within, score) };
  });
  const [even, odd] = chosenOn;
  if (even === null || odd === null) return [];
  return pairs.map(({ run }) => (run.replicate % 2 === 0 ? odd : even));
}

function bestRound(runs: readonly ClaimRun[], rounds: readonly number[], score: NewTaskScore): number {
  const sign = { accuracy: 1, loss: -1 }[score];
  const sums = new Float64Array(rounds.length);
  for (const run of runs) {
    const scores = scoresAt(run, 'choice', rounds);
    for (let index = 0; index < sums.length; index++) sums[index] += sign * scores[index];
  }
  return rounds[sums.indexOf(sums.reduce((best, sum) => Math.max(best, sum)))];
}
