/** Intervals, and what they may not leave. */

/** An interval whose ends may be unbounded: null is "no bound", never zero. */
export interface Bounds {
  readonly low: number | null;
  readonly high: number | null;
}

/** What a quantity can be at all: [0, 1] of an accuracy, [0, horizon] of a restricted time. An infinite end is no end. */
export interface PossibleRange {
  readonly least: number;
  readonly most: number;
}

/** Of accuracies and other shares. */
export const SHARE: PossibleRange = { least: 0, most: 1 };

/**
 * Cuts an interval to what is possible. The true value is possible, so that no interval covers it less often for this.
 * Unbounded ends stay unbounded.
 */
export function withinRange<Interval extends Bounds>(interval: Interval, range: PossibleRange): Interval {
  const cut = (end: number | null) => (end === null ? null : Math.min(range.most, Math.max(range.least, end)));
  return { ...interval, low: cut(interval.low), high: cut(interval.high) };
}

/** @throws RangeError unless 0 < level < 1 */
export function requireLevel(level: number): void {
  if (!(level > 0 && level < 1)) throw new RangeError(`the level of an interval must lie between 0 and 1, got ${level}`);
}

/** @throws RangeError naming the first value that is not finite */
export function requireFinite(values: readonly number[]): void {
  const index = values.findIndex((value) => !Number.isFinite(value));
  if (index !== -1) throw new RangeError(`values must be finite, got ${values[index]} at position ${index}`);
}
