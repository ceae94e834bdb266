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
 * The union of the Student-t intervals over all placements of the numbers within their brackets. One of the placements is the truth [ferson2007], so
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
  let best = sum / n + unit * rootOf(squares - sum ** 2 / n);
  for (const { width, middle } of moved) {
    best = Math.max(best, highestMoving({ n, unit, sum, squares, width, middle }));
    sum += width;
    squares += 2 * middle * width;
  }
  return origin + best;
}

const rootOf = (square: number) => Math.sqrt(Math.max(0, square));

interface Move {
  readonly n: number;
  readonly unit: number;
  /** Before the move. */
  readonly sum: number;
  readonly squares: number;
  /** Of the bracket that is moved through. */
  readonly width: number;
  readonly middle: number;
}

/**
 * The largest (S1 + t w) / n + unit sqrt(q(t)) over t in [0, 1], of which q(t) = S2 + 2 t m w - (S1 + t w)^2 / n = A + B t + C t^2. It is
 * concave; its slope is zero where unit (B + 2 C t) = -(2 w / n) sqrt(q), and as (B + 2 C t)^2 = 4 C q + B^2 - 4 A C, where
 * q = unit^2 (B^2 - 4 A C) / (4 w^2 / n^2 - 4 C unit^2).
 */
function highestMoving({ n, unit, sum, squares, width, middle }: Move): number {
  const [a, b, c] = [squares - sum ** 2 / n, 2 * width * (middle - sum / n), -(width ** 2) / n];
  const at = (share: number) => (sum + share * width) / n + unit * rootOf(a + share * (b + share * c));
  if (width === 0) return at(1);
  const slope = (2 * width) / n;
  const root = unit * rootOf((b ** 2 - 4 * a * c) / (slope ** 2 - 4 * c * unit ** 2));
  const share = (b + (slope * root) / unit) / (-2 * c);
  return Math.max(at(1), at(Math.min(1, Math.max(0, share))));
}
