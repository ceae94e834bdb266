/** What counts say: tails of the binomial law, exact intervals of shares, and ranks that hold a median. */
import { ascending } from './ascending.js';
import { requireLevel, type Bounds } from './interval.js';

/** P(X <= count) of X ~ Bin(n, share), summed in logarithms. */
function lowerTail(count: number, n: number, share: number): number {
  if (count < 0) return 0;
  if (count >= n || share <= 0) return 1;
  if (share >= 1) return 0;
  const odds = Math.log(share) - Math.log1p(-share);
  let logTerm = n * Math.log1p(-share);
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= count; k++) {
    logTerm += Math.log((n - k + 1) / k) + odds;
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}

/** The share at which a falling function of it crosses a value, by halving. */
function shareWhere(fallsTo: number, tail: (share: number) => number): number {
  let [below, above] = [0, 1];
  for (let step = 0; step < 60; step++) {
    const middle = (below + above) / 2;
    if (tail(middle) > fallsTo) below = middle;
    else above = middle;
  }
  return (below + above) / 2;
}

/**
 * Two-sided exact interval of a share [clopper1934], of which at least `least` and at most `most` of n cases are known to be in; the
 * two differ when some cases are undecided, and the interval then holds however those turn out.
 * @throws RangeError unless 0 <= least <= most <= n and n >= 1
 */
export function shareInterval(least: number, most: number, n: number, level = 0.95): { readonly low: number; readonly high: number } {
  requireLevel(level);
  if (!(n >= 1 && least >= 0 && least <= most && most <= n)) {
    throw new RangeError(`a share needs 0 <= least <= most <= n and n >= 1, got ${least}, ${most} and ${n}`);
  }
  const tail = (1 - level) / 2;
  return {
    low: least === 0 ? 0 : shareWhere(1 - tail, (share) => lowerTail(least - 1, n, share)),
    high: most === n ? 1 : shareWhere(tail, (share) => lowerTail(most, n, share)),
  };
}

/**
 * The largest share that may be in a class of which none of n independent cases was: 1 - (1 - level)^(1/n). With n = 3 and none
 * seen, 63 % are not excluded at 95 %.
 */
export function largestUnseenShare(n: number, level = 0.95): number {
  requireLevel(level);
  return 1 - (1 - level) ** (1 / n);
}

/**
 * The rank r for which the r-th smallest and the r-th largest of n independent values hold the median between them with at least
 * the level: the largest r with 2 P(Bin(n, 1/2) < r) <= 1 - level. Whatever the distribution.
 * @returns 0 when even the smallest and the largest value do not: at 95 % for n < 6
 */
export function medianRank(n: number, level = 0.95): number {
  requireLevel(level);
  // So that a level that is met exactly is not missed by rounding.
  const most = (1 - level) * (1 + 1e-9);
  let rank = 0;
  while (2 * rank < n && 2 * lowerTail(rank, n, 0.5) <= most) rank++;
  return rank;
}

/** The values between which {@link medianRank} puts the median; ends at infinity are unbounded. */
export function medianBounds(lowEnds: readonly number[], highEnds: readonly number[], level: number): Bounds {
  const rank = medianRank(lowEnds.length, level);
  if (rank === 0) return { low: null, high: null };
  const bound = (end: number) => (Number.isFinite(end) ? end : null);
  return {
    low: bound(ascending(lowEnds)[rank - 1]),
    high: bound(ascending(highEnds)[highEnds.length - rank]),
  };
}

/** The middle value, or the mean of the two in the middle. */
export function middleOf(values: readonly number[]): number {
  return middleOfSorted(ascending(values));
}

/** The same of values in ascending order. */
export function middleOfSorted(sorted: Float64Array): number {
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
