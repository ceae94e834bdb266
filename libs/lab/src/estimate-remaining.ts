/** How long an experiment still takes. */
import { tHalfWidth } from '@airmeta/numerics';
import { LEVEL } from './estimate.js';
import type { RemainingWork } from './ports.js';

/** An interval of time [ms]. */
export interface RemainingTime {
  readonly low: number;
  readonly high: number;
}

/** With fewer runs done, the interval says nothing. */
const LEAST_DONE = 3;

/**
 * A two-sided 95 % prediction interval of the time until the open runs have ended, from the time per round of those that are done:
 *
 *     (L m ± t_{0.975, n-1} s L sqrt(1/n + 1/K)) / W, not below 0
 *
 * n runs are done, with mean m and sample standard deviation s of their time per round; K runs are open, with L rounds left
 * in total; W run now. s^2 L^2 / n is how far off the mean m may be over L rounds, s^2 L^2 / K how much the open runs vary themselves: each
 * has a time per round of its own, which holds for all of its L / K rounds.
 *
 * It assumes that times per round are independent, normal and alike for runs that are done and open ones (points that cost
 * differently widen s, as long as both kinds are among the runs that are done), that the open runs have about as many rounds left each, and
 * that as many run until the end as run now. Starting and waiting are not counted, and the last runs may leave workers idle, so an experiment of
 * few long runs takes longer than this.
 *
 * @returns null before three runs are done, and while none is running
 */
export function estimateRemaining(work: RemainingWork): RemainingTime | null {
  const { done, roundMs, deviationMs, openRuns, openRounds, running } = work;
  if (done < LEAST_DONE || running < 1 || roundMs === null || deviationMs === null) return null;
  const ofMean = tHalfWidth(deviationMs, done, LEVEL);
  if (ofMean === null) return null;
  const half = ofMean * openRounds * Math.sqrt(1 + done / openRuns);
  const expected = roundMs * openRounds;
  return { low: Math.max(0, expected - half) / running, high: (expected + half) / running };
}
