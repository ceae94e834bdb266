/** Rounds to target of runs, and beside those of their twins. */
import { medianTime, pairedTimes, restrictedMean, type TimeRatio } from '@airmeta/numerics';
import type { BracketedEstimate, ExtraRounds, RoundsToTarget } from '@airmeta/spec';
import { timeOf } from './tradeoff-figures.js';
import type { TradeoffRun } from './tradeoff-input.js';

const bracketed = ({ least, most, low, high }: { least: number; most: number | null; low: number | null; high: number | null }) =>
  ({ atLeast: least, atMost: most, low, high }) satisfies BracketedEstimate;

/** @param horizon planned last round of the runs */
export function roundsToTarget(runs: readonly TradeoffRun[], horizon: number): RoundsToTarget {
  const timed = runs.flatMap((run) => {
    const time = timeOf(run.figures);
    return time === null ? [] : [{ time, diverged: run.diverged }];
  });
  const diverged = timed.filter((run) => run.diverged).length;
  const reached = timed.filter(({ time }) => time.by !== null).length;
  const n = timed.length;
  const counts = { n, reached, censored: n - reached - diverged, diverged, withoutTarget: runs.length - n };
  if (n === 0 || horizon === 0) return { ...counts, horizon: null, restrictedMean: null, median: null };
  const times = timed.map(({ time }) => time);
  const mean = restrictedMean(times, horizon);
  const median = medianTime(times);
  return {
    ...counts,
    horizon,
    restrictedMean: mean && bracketed(mean),
    median: median && { atLeast: median.after, atMost: median.by, low: median.low, high: median.high },
  };
}

export interface RunPair {
  readonly run: TradeoffRun;
  readonly twin: TradeoffRun;
}

/** Relative to the twin, which a ratio of 1 is 0 of. */
function shareOf({ least, most, low, high }: TimeRatio): BracketedEstimate {
  const less = (ratio: number | null) => (ratio === null ? null : ratio - 1);
  return { atLeast: least - 1, atMost: less(most), low: less(low), high: less(high) };
}

export function extraRounds(pairs: readonly RunPair[], horizon: number): ExtraRounds {
  const timed = pairs.flatMap(({ run, twin }) => {
    const times = { run: timeOf(run.figures), twin: timeOf(twin.figures) };
    return times.run === null || times.twin === null ? [] : [{ run: times.run, twin: times.twin, diverged: run.diverged || twin.diverged }];
  });
  const diverged = timed.filter((pair) => pair.diverged).length;
  const reached = timed.filter(({ run, twin }) => run.by !== null && twin.by !== null).length;
  const count = timed.length;
  const counts = { pairs: count, reached, censored: count - reached - diverged, diverged, withoutTarget: pairs.length - count };
  if (count === 0 || horizon === 0) return { ...counts, twinAtStart: 0, share: null, shareOf: null, difference: null };
  const { twinAtStart, ratio, difference } = pairedTimes(timed, horizon);
  return {
    ...counts,
    twinAtStart,
    share: ratio && shareOf(ratio),
    shareOf: ratio && ratio.of,
    difference: difference && bracketed(difference),
  };
}
