/** Times of an event that is looked for now and then. */

/**
 * The event happened after `after` and at or before `by`; with `by` null it had not happened up to `after`, where the looking ended
 * (censored). `after` = `by` = 0 is an event that was there at the start. Numbers are rounds, or anything else that time is measured in.
 *
 * A run that diverged has `after` at its planned end and `by` null: it never gets there.
 */
export interface EventTime {
  readonly after: number;
  readonly by: number | null;
}

/** Where a number lies, ends included; `high` may be infinite. */
export interface Bracket {
  readonly low: number;
  readonly high: number;
}

/** @throws RangeError when a time is negative, not a number, or ends before it begins */
export function requireTime({ after, by }: EventTime): void {
  const exactStart = after === 0 && by === 0;
  if (!(after >= 0 && Number.isFinite(after) && (by === null || exactStart || (by > after && Number.isFinite(by))))) {
    throw new RangeError(`a time must have 0 <= after < by, or by = null, or after = by = 0; got after ${after}, by ${by}`);
  }
}

/** Where the time of the event lies; up to infinity when it was not seen. */
export function bracketOf({ after, by }: EventTime): Bracket {
  return { low: after, high: by ?? Infinity };
}

/** Where min(time, horizon) lies: at the horizon exactly for an event that was not seen up to it. */
export function restrictedBracketOf(time: EventTime, horizon: number): Bracket {
  const { low, high } = bracketOf(time);
  return { low: Math.min(low, horizon), high: Math.min(high, horizon) };
}

/** @throws RangeError unless the horizon is positive and finite */
export function requireHorizon(horizon: number): void {
  if (!(horizon > 0 && Number.isFinite(horizon))) throw new RangeError(`a horizon must be positive and finite, got ${horizon}`);
}
