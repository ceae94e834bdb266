/** The median time of an event, which needs no horizon and no distribution. */
import { medianBounds, medianRank, middleOf } from './binomial.js';
import { bracketOf, requireTime, type EventTime } from './event-time.js';
import { requireLevel, type Bounds } from './interval.js';

export interface MedianTime extends Bounds {
  readonly n: number;
  /** Times at which the event was not seen. */
  readonly censored: number;
  /** The sample's median lies after `after` and by `by`; null when half of the times or more are censored. */
  readonly after: number;
  readonly by: number | null;
  /** Whether n is too small for any interval at the level: at 95 % for n < 6. */
  readonly tooFew: boolean;
}

/**
 * The median of times with its interval from order statistics: the r-th smallest beginning and the r-th largest end of the brackets
 * ({@link medianRank}). Its coverage is at least the level whatever the distribution; `high` is null where it is not bounded.
 * @returns null without times
 * @throws RangeError on a bad time or level
 */
export function medianTime(times: readonly EventTime[], level = 0.95): MedianTime | null {
  requireLevel(level);
  times.forEach(requireTime);
  const n = times.length;
  if (n === 0) return null;
  const brackets = times.map(bracketOf);
  const [lows, highs] = [brackets.map(({ low }) => low), brackets.map(({ high }) => high)];
  const by = middleOf(highs);
  return {
    n,
    censored: times.filter(({ by }) => by === null).length,
    after: middleOf(lows),
    by: Number.isFinite(by) ? by : null,
    tooFew: medianRank(n, level) === 0,
    ...medianBounds(lows, highs, level),
  };
}
