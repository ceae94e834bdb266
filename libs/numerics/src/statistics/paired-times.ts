/** How much longer runs take than their twins, pair by pair. */
import { medianBounds, medianRank, middleOf } from './binomial.js';
import { bracketedMean, restrictedBracketedMean } from './bracketed-mean.js';
import { bracketOf, requireHorizon, requireTime, restrictedBracketOf, type Bracket, type EventTime } from './event-time.js';
import { requireLevel, type Bounds } from './interval.js';

/** A run and its twin, of the same replicate. */
export interface TimePair {
  readonly run: EventTime;
  readonly twin: EventTime;
}

/** run / twin. */
export interface TimeRatio extends Bounds {
  /** Pairs it is of. */
  readonly n: number;
  /** The sample's own figure of what `of` names (of `none`, its median) lies between these; null where it is not bounded. */
  readonly least: number;
  readonly most: number | null;
  /**
   * - `median`: order statistics of the ratios, whatever their distribution; unbounded where runs never arrive;
   * - `geometricMean`: Student t of their logarithms over all placements, for fewer pairs than order statistics need;
   * - `none`: too few pairs for an interval at the level.
   */
  readonly of: 'median' | 'geometricMean' | 'none';
}

/** Mean of min(run, horizon) - min(twin, horizon), in rounds. */
export interface TimeDifference extends Bounds {
  readonly n: number;
  /** With every time in the middle of its bracket. */
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

export interface PairedTimes {
  /** All pairs, those without a ratio included. */
  readonly n: number;
  /** Pairs whose twin was there at time 0: they have no ratio. */
  readonly twinAtStart: number;
  /** Pairs of which only the run, only the twin, or neither was seen to arrive by the horizon. */
  readonly runOnly: number;
  readonly twinOnly: number;
  readonly neither: number;
  /** Null without a pair that has one. */
  readonly ratio: TimeRatio | null;
  /** Null without pairs. */
  readonly difference: TimeDifference | null;
}

/**
 * Compares times in pairs: their ratio, and the difference of restricted times. A run that never arrives has an unbounded ratio, which order
 * statistics take as it is; a pair of which neither arrives may have any ratio, and counts as such on both sides.
 *
 * With fewer pairs than order statistics need (n < 6 at 95 %) the ratio is the geometric mean, for which logarithms of ratios must be
 * normal; and there is none when one of them is unbounded. The choice between the two depends on n alone.
 * @throws RangeError on a bad time, horizon or level
 */
export function pairedTimes(pairs: readonly TimePair[], horizon: number, level = 0.95): PairedTimes {
  requireLevel(level);
  requireHorizon(horizon);
  for (const { run, twin } of pairs) {
    requireTime(run);
    requireTime(twin);
  }
  const arrived = ({ by }: EventTime) => by !== null && by <= horizon;
  const count = (run: boolean, twin: boolean) => pairs.filter((pair) => arrived(pair.run) === run && arrived(pair.twin) === twin).length;
  const withRatio = pairs.filter(({ twin }) => twin.by !== 0);
  return {
    n: pairs.length,
    twinAtStart: pairs.length - withRatio.length,
    runOnly: count(true, false),
    twinOnly: count(false, true),
    neither: count(false, false),
    ratio: withRatio.length === 0 ? null : ratioOf(withRatio.map(ratioBracket), level),
    difference: pairs.length === 0 ? null : differenceOf(pairs, horizon, level),
  };
}

/** Where run / twin lies: from 0 when the twin never arrives, up to infinity when the run does not or the twin may have been there at once. */
function ratioBracket({ run, twin }: TimePair): Bracket {
  const [of, to] = [bracketOf(run), bracketOf(twin)];
  return { low: of.low / to.high, high: of.high === 0 ? 0 : of.high / to.low };
}

function ratioOf(ratios: readonly Bracket[], level: number): TimeRatio {
  const n = ratios.length;
  const [lows, highs] = [ratios.map(({ low }) => low), ratios.map(({ high }) => high)];
  const most = middleOf(highs);
  const sample = { n, least: middleOf(lows), most: Number.isFinite(most) ? most : null };
  if (medianRank(n, level) > 0) return { ...sample, ...medianBounds(lows, highs, level), of: 'median' };
  const bounded = ratios.every(({ low, high }) => low > 0 && Number.isFinite(high));
  if (n < 2 || !bounded) return { ...sample, low: null, high: null, of: 'none' };
  const logarithms = bracketedMean(
    ratios.map((ratio) => ({ low: Math.log(ratio.low), high: Math.log(ratio.high) })),
    level,
  );
  const { low, high } = logarithms;
  return {
    ...{ n, least: Math.exp(logarithms.least), most: Math.exp(logarithms.most), of: 'geometricMean' },
    ...{ low: low === null ? null : Math.exp(low), high: high === null ? null : Math.exp(high) },
  };
}

function differenceOf(pairs: readonly TimePair[], horizon: number, level: number): TimeDifference {
  const brackets = pairs.map(({ run, twin }) => {
    const [of, to] = [restrictedBracketOf(run, horizon), restrictedBracketOf(twin, horizon)];
    return { low: of.low - to.high, high: of.high - to.low };
  });
  return restrictedBracketedMean(brackets, { least: -horizon, most: horizon }, level);
}
