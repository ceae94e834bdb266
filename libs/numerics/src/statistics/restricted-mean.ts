/** The mean of min(time, horizon): what can be estimated of times that some runs never reach. */
import { shareInterval } from './binomial.js';
import { restrictedBracketedMean } from './bracketed-mean.js';
import { requireHorizon, requireTime, restrictedBracketOf, type EventTime } from './event-time.js';
import { requireLevel, type Bounds } from './interval.js';

export interface RestrictedMean extends Bounds {
  readonly n: number;
  /** Times at which the event was not seen up to the horizon. */
  readonly censored: number;
  /** Exact interval of the share that is censored: with none of ten, 31 % are not excluded, and would move the mean. */
  readonly censoredShare: { readonly low: number; readonly high: number };
  readonly horizon: number;
  /** With every time in the middle of its bracket. */
  readonly mean: number;
  /** Between these the sample's own restricted mean lies, wherever the times are in their brackets. */
  readonly least: number;
  readonly most: number;
}

/**
 * Restricted mean time E[min(T, horizon)] [royston2013], an estimand of its own: it is no bound of E[T], and says nothing of what comes after
 * the horizon. The interval is the union of Student-t intervals over all places of the times within their brackets, cut to [0, horizon].
 *
 * When every time is known exactly and all are the same (all at the start, or none by the horizon), there is no spread to estimate from: the
 * interval then reaches as far as the share of runs of which none was seen may move the mean, {@link largestUnseenShare}.
 * @returns null without times; no bounds for n = 1
 * @throws RangeError on a bad time, horizon or level
 */
export function restrictedMean(times: readonly EventTime[], horizon: number, level = 0.95): RestrictedMean | null {
  requireLevel(level);
  requireHorizon(horizon);
  times.forEach(requireTime);
  if (times.length === 0) return null;
  const censored = times.filter(({ by }) => by === null || by > horizon).length;
  const brackets = times.map((time) => restrictedBracketOf(time, horizon));
  return {
    ...restrictedBracketedMean(brackets, { least: 0, most: horizon }, level),
    censored,
    censoredShare: shareInterval(censored, censored, times.length, level),
    horizon,
  };
}
