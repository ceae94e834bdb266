/** The mean of numbers of which only brackets are known. */
import { tHalfWidth } from '../student-t.js';
import { largestUnseenShare } from './binomial.js';
import type { Bracket } from './event-time.js';
import { requireLevel, withinRange, type Bounds, type PossibleRange } from './interval.js';

export interface BracketedMean extends Bounds {
  readonly n: number;
  /** Mean with every number in the middle of its bracket. */
  readonly mean: number;
  /** Between these the sample's own mean lies, wherever the numbers are in their brackets. */
  readonly least: number;
  readonly most: number;
}

/**
 * The union of the Student-t intervals over all placements of the numbers within their brackets. One of the placements is the truth, so
 * that it covers at least as often as the t interval of the true numbers would. It has no width only when the numbers are known
 * exactly and are equal.
 * @param brackets finite, at least one
 */
export function bracketedMean(brackets: readonly Bracket[], level: number): BracketedMean {
  requireLevel(level);
  const n = brackets.length;
  const meanOf = (of: (bracket: Bracket) => number) => brackets.reduce((sum, bracket) => sum + of(bracket), 0) / n;
  const parts = { n, mean: meanOf(({ low, high }) => (low + high) / 2), least: meanOf(({ low }) => low), most: meanOf(({ high }) => high) };
  // Of deviation sqrt((S2 - S1^2 / n) / (n - 1)), the half-width is this times sqrt(S2 - S1^2 / n).
  const unit = tHalfWidth(1 / Math.sqrt(n - 1), n, level);
  if (unit === null) return { ...parts, low: null, high: null };
  return {
    ...parts,
    low: -highest(
      brackets.map(({ low, high }) => ({ low: -high, high: -low })),
      unit,
    ),
    high: highest(brackets, unit),
  };
}

/**
 * The same of numbers that cannot leave a range, its interval cut to the range. When all are known exactly and are the same number v, as when
 * no run arrives by the horizon, there is no spread to estimate from: the interval then reaches as far as a share of runs of which n have
 * shown none ({@link largestUnseenShare}) could move the mean from v, were they at an end of the range.
 * @param brackets within the range, at least one
 */
export function restrictedBracketedMean(brackets: readonly Bracket[], range: PossibleRange, level: number): BracketedMean {
  const mean = bracketedMean(brackets, level);
  const value = brackets[0].low;
  const same = brackets.every(({ low, high }) => low === value && high === value);
  if (!same || mean.low === null || mean.high === null) return withinRange(mean, range);
  const unseen = largestUnseenShare(mean.n, level);
  return { ...mean, low: value + unseen * (range.least - value), high: value + unseen * (range.most - value) };
}

/**
 * The largest S1 / n + unit sqrt(S2 - S1^2 / n) over all placements, of which S1 is the sum and S2 the sum of squares.
 *
 * It is convex in every number, so that it is largest with each at an end of its bracket. Moving one from its low end to its high end adds
 * w to S1 and 2 m w to S2 (w the width, m the middle): so S2 is largest, for a given S1, when those of the highest middles are moved first.
 * With the last one moved in part, S2 is never less than that of any placement with this S1, and the result is never too small.
 */
function highest(brackets: readonly Bracket[], unit: number): number {
  const n = brackets.length;
  // Around their own middle, so that squares do not cancel.
  const origin = brackets.reduce((sum, { low, high }) => sum + (low + high) / 2, 0) / n;
  const moved = brackets.map(({ low, high }) => ({ low: low - origin, width: high - low, middle: (low + high) / 2 - origin }));
  moved.sort((a, b) => b.middle - a.middle);
  let sum = moved.reduce((total, { low }) => total + low, 0);
  let squares = moved.reduce((total, { low }) => total + low ** 2, 0);
  const end = (s1: number, s2: number) => s1 / n + unit * Math.sqrt(Math.max(0, s2 - s1 ** 2 / n));
  let best = end(sum, squares);
  for (const { width, middle } of moved) {
    best = Math.max(
      best,
      largestOn((share) => end(sum + share * width, squares + 2 * share * middle * width)),
    );
    sum += width;
    squares += 2 * middle * width;
  }
  return origin + best;
}

/** The largest value of a concave function on [0, 1], by thirds; its ends are looked at themselves. */
function largestOn(value: (share: number) => number): number {
  let [below, above] = [0, 1];
  for (let step = 0; step < 40; step++) {
    const third = (above - below) / 3;
    if (value(below + third) < value(above - third)) below += third;
    else above -= third;
  }
  return Math.max(value(1), value((below + above) / 2));
}
