/**
 * Decides on the claim that a point solves new tasks better than its twin within a budget of extra rounds. docs/validity.md has its error
 * rates, as simulated.
 */
import { SHARE, type PossibleRange } from '@airmeta/numerics';
import type { ClaimVerdict, Estimate, Interval, NewTaskScore } from '@airmeta/spec';
import { chooseRounds, commonRounds, scoredRounds, scoresAt, type ChosenRounds, type ClaimPair } from './choose-rounds.js';
import type { ClaimDecision, ClaimFinding, ClaimPoint, ClaimQuestion, ClaimRun } from './claim-run.js';
import { claimSentence } from './claim-sentence.js';
import { estimateOf, LEVEL } from './estimate.js';
import { inOneGo } from './in-steps.js';

/**
 * Findings at every point, and the verdict on all of them.
 *
 * **Chosen and judged apart.** Rounds are chosen on one half of the replicates and of the new tasks, and judged on the other of both [cox1975]
 * ({@link chooseRounds}). Other tasks alone would not do: when the parameters wobble from round to round, all tasks see the same wobble, and
 * the noisier of two equal curves looks better at the round it was chosen at.
 *
 * **A gain shows twice.** The noisier curve is also chosen worse: off its peak more often. So the interval of a gain reaches down to the lower
 * end of the interval at the point's own round, where run and twin are compared at one and the same round, and up to the upper end of that
 * at T* [berger1982]. When the mean curves are the same, these two differences have mean zero, whatever the scatter of either.
 *
 * **Divergence counts.** A diverged run has its score before learning, or that of its twin if that is worse, whatever became of the twin:
 * where both diverged, the twin has its score before learning as well. A point with as many diverged runs as others is never supported: its
 * median gain is not positive. A pair in which only the twin diverged has nothing to be compared with and is left out; such a point is not
 * called worse.
 *
 * **Many points.** The best of m points is picked after all have been seen, so that each is judged by an interval at level 1 - 0.05 / m
 * (Bonferroni), whatever depends on whatever. m counts every point, also those without results and those that tuning has not
 * decided: it is fixed before anything is seen.
 *
 * @param points those that are compared, with another point than themselves
 * @param runs those of the points and of what they are compared with, in any order
 * @throws RangeError on runs of the same point and replicate, series of different lengths, or a budget under 0
 */
export function decideGainClaim(points: readonly ClaimPoint[], runs: readonly ClaimRun[], question: ClaimQuestion): ClaimDecision {
  return inOneGo(decideInSteps(points, runs, question));
}

/** The same in steps of one point, so that ten thousand of them keep no thread. */
export function* decideInSteps(
  points: readonly ClaimPoint[],
  runs: readonly ClaimRun[],
  question: ClaimQuestion,
): Generator<void, ClaimDecision> {
  if (!(question.budget >= 0)) throw new RangeError(`a budget of extra rounds must be at least 0, got ${question.budget}`);
  const { undecided = [] } = question;
  const compared = points.length + undecided.length;
  const simultaneousLevel = 1 - (1 - LEVEL) / Math.max(1, compared);
  const byPoint = runsByPoint(runs);
  const findings: ClaimFinding[] = [];
  for (const point of points) {
    findings.push(findingAt(point, byPoint, question, simultaneousLevel));
    yield;
  }
  const verdict = verdictOn(findings, undecided.length);
  return { compared, simultaneousLevel, verdict, sentence: claimSentence(verdict, findings, question), findings };
}

type RunsByPoint = ReadonlyMap<string, ReadonlyMap<number, ClaimRun>>;

function runsByPoint(runs: readonly ClaimRun[]): RunsByPoint {
  const byPoint = new Map<string, Map<number, ClaimRun>>();
  for (const run of runs) {
    const { pointId, replicate, rounds, choice, judge } = run;
    if (choice.length !== rounds.length || judge.length !== rounds.length) {
      throw new RangeError(`scores of point ${pointId}, replicate ${replicate} are not one per round`);
    }
    const ofPoint = byPoint.get(pointId) ?? new Map<number, ClaimRun>();
    if (ofPoint.has(replicate)) throw new RangeError(`there are two runs of point ${pointId}, replicate ${replicate}`);
    byPoint.set(pointId, ofPoint.set(replicate, run));
  }
  return byPoint;
}

/** A pair as judged: scores at the rounds chosen for it. */
interface Judged {
  readonly rounds: ChosenRounds;
  readonly cut: boolean;
  readonly best: number;
  readonly twinBest: number;
  /** Run - twin, both at the point's round, and both at T*. */
  readonly atRunRound: number;
  readonly atTwinRound: number;
}

function findingAt(point: ClaimPoint, byPoint: RunsByPoint, question: ClaimQuestion, simultaneousLevel: number): ClaimFinding {
  const { score } = question;
  const { pointId, pointIndex, label, againstPointId, replicates } = point;
  const [own, others] = [byPoint.get(pointId), byPoint.get(againstPointId)];
  const paired = [...(own?.values() ?? [])]
    .toSorted((a, b) => a.replicate - b.replicate)
    .flatMap((run): ClaimPair[] => {
      const twin = others?.get(run.replicate);
      return twin === undefined ? [] : [{ run, twin }];
    });
  const comparable = paired.filter(({ run, twin }) => run.diverged || !twin.diverged);
  const diverged = comparable.filter(({ run }) => run.diverged);
  const scored = comparable.filter(isScored);
  const rounds = scored.length === 0 ? [] : commonRounds(scored);
  const judged = judge(scored, rounds, question);
  const supportable = diverged.every(isScored) && (diverged.length === 0 || 2 * diverged.length < comparable.length);
  const counts = {
    planned: replicates,
    pairs: judged.length,
    diverged: diverged.length,
    bothDiverged: diverged.filter(({ twin }) => twin.diverged).length,
    twinDiverged: paired.length - comparable.length,
    missing: Math.max(0, replicates - paired.length),
    unscored: comparable.length - judged.length,
    cut: judged.filter(({ cut }) => cut).length,
  };

  const [scores, differences] = RANGES[score];
  const estimated = (of: (pair: Judged) => number, range: PossibleRange, level = LEVEL) => estimateOf(judged.map(of), level, range);
  const gainAt = (level: number) => {
    const gain = estimated(({ best, twinBest }) => best - twinBest, differences, level);
    const [atRun, atTwin] = [estimated(atRunRound, differences, level), estimated(atTwinRound, differences, level)];
    return gain === null ? null : reachingOver(gain, atRun, atTwin, score);
  };
  const simultaneous = intervalOf(gainAt(simultaneousLevel));
  return {
    ...{ pointId, pointIndex, label, counts },
    twinRounds: spanOf(judged.map(({ rounds }) => rounds.twinRound)),
    runRounds: spanOf(judged.map(({ rounds }) => rounds.runRound)),
    twinBest: estimated(({ twinBest }) => twinBest, scores),
    best: estimated(({ best }) => best, scores),
    gain: gainAt(LEVEL),
    relativeGain: meanRatio(judged),
    simultaneous,
    atRunRound: estimated(atRunRound, differences),
    atTwinRound: estimated(atTwinRound, differences),
    verdict: verdictAt(improvementOf(simultaneous, score), { supportable, comparable: counts.twinDiverged === 0 }),
  };
}

const atRunRound = (pair: Judged) => pair.atRunRound;
const atTwinRound = (pair: Judged) => pair.atTwinRound;

/** What scores and their differences can be. */
const RANGES: Readonly<Record<NewTaskScore, readonly [PossibleRange, PossibleRange]>> = {
  accuracy: [SHARE, { least: -1, most: 1 }],
  loss: [
    { least: 0, most: Infinity },
    { least: -Infinity, most: Infinity },
  ],
};

/**
 * The mean of gain / twinBest over pairs whose twinBest is positive; n says how many. It has no interval: that of the gain reaches over two more
 * differences, and nothing is known of how often one of ratios would hold.
 */
function meanRatio(judged: readonly Judged[]): Estimate | null {
  const ratios = judged.flatMap(({ best, twinBest }) => (twinBest > 0 ? [(best - twinBest) / twinBest] : []));
  const estimate = estimateOf(ratios);
  return estimate && { ...estimate, low: null, high: null, robust: null };
}

/** Whether there is what the pair is judged by: some round with both halves, and of diverged runs a score before learning. */
function isScored(pair: ClaimPair): boolean {
  const { run, twin } = pair;
  const hasStart = (each: ClaimRun) => each.rounds.length > 0 && scoredRounds(each)[0] === each.rounds[0];
  const hasStarts = [run, twin].every((each) => !each.diverged || hasStart(each));
  return hasStarts && (twin.diverged || commonRounds([pair]).length > 0);
}

/** The pairs at the rounds chosen for them; none when there is no round that all have, or none to choose it in half of the replicates. */
function judge(pairs: readonly ClaimPair[], rounds: readonly number[], { score, budget }: ClaimQuestion): readonly Judged[] {
  if (rounds.length === 0) return [];
  const worse = { accuracy: Math.min, loss: Math.max }[score];
  return chooseRounds(pairs, rounds, score, budget).map((chosen, position) => {
    const { run, twin } = pairs[position];
    const { twinRound, runRound, lastRound } = chosen;
    const at = twinRound < runRound ? [twinRound, runRound] : [runRound, twinRound];
    const judgeOf = (each: ClaimRun) => {
      const scores = each.diverged ? null : scoresAt(each, 'judge', at);
      const beforeLearning = each.judge[0] ?? NaN;
      return (round: number) => (scores === null ? beforeLearning : scores[at.indexOf(round)]);
    };
    const [ownAt, twinAt] = [judgeOf(run), judgeOf(twin)];
    const runAt = (round: number) => (run.diverged ? worse(ownAt(round), twinAt(round)) : ownAt(round));
    const twinBest = twinAt(twinRound);
    return {
      rounds: chosen,
      cut: !run.diverged && (run.rounds.at(-1) ?? 0) < Math.floor(lastRound),
      best: runAt(run.diverged ? twinRound : runRound),
      twinBest,
      atRunRound: runAt(runRound) - twinAt(runRound),
      atTwinRound: runAt(twinRound) - twinBest,
    };
  });
}

/** The interval of the gain, out to the ends on which a gain and a loss must show as well: for accuracy low at the point's round, high at T*. */
function reachingOver(gain: Estimate, atRun: Estimate | null, atTwin: Estimate | null, score: NewTaskScore): Estimate {
  const [lowAt, highAt] = { accuracy: [atRun, atTwin], loss: [atTwin, atRun] }[score];
  const end = (pick: (...ends: number[]) => number, a: number | null, b: number | null | undefined) =>
    a === null || b == null ? null : pick(a, b);
  return { ...gain, low: end(Math.min, gain.low, lowAt?.low), high: end(Math.max, gain.high, highAt?.high) };
}

function intervalOf(estimate: Estimate | null): Interval | null {
  return estimate?.low == null || estimate.high === null ? null : { low: estimate.low, high: estimate.high };
}

function spanOf(rounds: readonly number[]): Interval | null {
  return rounds.length === 0 ? null : { low: Math.min(...rounds), high: Math.max(...rounds) };
}

/** The interval with better on the right: of loss, less is better. */
function improvementOf(interval: Interval | null, score: NewTaskScore): Interval | null {
  if (interval === null) return null;
  return { accuracy: interval, loss: { low: -interval.high, high: -interval.low } }[score];
}

function verdictAt(
  improvement: Interval | null,
  { supportable, comparable }: { readonly supportable: boolean; readonly comparable: boolean },
): ClaimVerdict {
  if (improvement !== null && improvement.low > 0 && supportable) return 'supported';
  return improvement !== null && improvement.high < 0 && comparable ? 'worse' : 'notShown';
}

function verdictOn(findings: readonly ClaimFinding[], undecided: number): ClaimVerdict {
  if (findings.some(({ verdict }) => verdict === 'supported')) return 'supported';
  return undecided === 0 && findings.length > 0 && findings.every(({ verdict }) => verdict === 'worse') ? 'worse' : 'notShown';
}
