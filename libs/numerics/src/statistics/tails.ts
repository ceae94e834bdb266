/** Whether a few values lie far from the others, as runs do that collapsed. */
import { ascending } from './ascending.js';
import { middleOfSorted } from './binomial.js';
import { requireFinite } from './interval.js';

export interface Tails {
  readonly n: number;
  /** Values farther from the median than one normal sample in twenty has any. */
  readonly outliers: number;
  /** Of these, those under the median, and those over it. */
  readonly below: number;
  readonly above: number;
  /** Whether there are any: then a Student-t interval may cover less than it says, and the robust mean belongs beside it. */
  readonly heavyTailed: boolean;
}

/**
 * By how many median distances the farthest value of a normal sample of n is off the median in 5 % of samples, by simulation (100,000
 * samples each); of sizes in between, the next smaller one's is used.
 */
const FARTHEST: readonly (readonly [n: number, multiple: number])[] = [
  [3, 32.5],
  [4, 10.3],
  [5, 11.8],
  [6, 8.3],
  [7, 8.7],
  [8, 7.3],
  [9, 7.5],
  [10, 6.8],
  [11, 7],
  [12, 6.5],
  [15, 6.3],
  [20, 5.9],
  [30, 5.7],
];

/**
 * Counts values whose distance from the median exceeds a multiple of the median distance [iglewicz1993]; the multiple depends on n, so that
 * 5 % of normal samples of any size have an outlier. Few values tell little: docs/validity.md says how often a collapsed run is found. Where
 * more than half of the values are equal, the smallest step between values stands for the median distance. Fewer than three have none.
 * @throws RangeError on a value that is not finite
 */
export function tails(values: readonly number[]): Tails {
  requireFinite(values);
  const n = values.length;
  const multiple = FARTHEST.findLast(([from]) => from <= n)?.[1] ?? Infinity;
  const sorted = ascending(values);
  const median = middleOfSorted(sorted);
  let smallestStep = Infinity;
  for (let index = 1; index < n; index++) {
    const step = sorted[index] - sorted[index - 1];
    if (step > 0 && step < smallestStep) smallestStep = step;
  }
  const distance = Math.max(middleOfSorted(ascending(sorted.map((value) => Math.abs(value - median)))), smallestStep);
  let [below, above] = [0, 0];
  for (const value of sorted) {
    if (median - value > multiple * distance) below++;
    if (value - median > multiple * distance) above++;
  }
  return { n, outliers: below + above, below, above, heavyTailed: below + above > 0 };
}
