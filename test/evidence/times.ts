/** Laws of the time at which a run gets to the target, and how it is looked at. */
import type { EventTime, RandomStream } from '@airmeta/numerics';

/** Runs are looked at every `EVERY` rounds up to `HORIZON`. */
export const EVERY = 30;
export const HORIZON = 600;

export interface TimeLaw {
  readonly name: string;
  /** The true time; infinite for a run that never gets there. */
  readonly draw: (stream: RandomStream) => number;
  /** E[min(T, HORIZON)] and the median of T. */
  readonly restrictedMean: number;
  readonly median: number;
}

const exponential = (stream: RandomStream) => -Math.log(1 - stream.uniform());

export const TIME_LAWS: readonly TimeLaw[] = [
  { name: 'normal, 310 ± 10', draw: (stream) => 310 + 10 * stream.normal(), restrictedMean: 310, median: 310 },
  { name: 'normal, 310 ± 60', draw: (stream) => 310 + 60 * stream.normal(), restrictedMean: 310, median: 310 },
  {
    name: 'skewed, 200 + Exp(60)',
    draw: (stream) => 200 + 60 * exponential(stream),
    restrictedMean: 200 + 60 * (1 - Math.exp(-400 / 60)),
    median: 200 + 60 * Math.LN2,
  },
  {
    name: 'bimodal, 250 or 370 ± 15',
    draw: (stream) => (stream.uniform() < 0.5 ? 250 : 370) + 15 * stream.normal(),
    restrictedMean: 310,
    // Half of the runs are at 250 and half at 370: any number between is a median, and this is the middle one.
    median: 310,
  },
  {
    name: '10 % never, else 310 ± 10',
    draw: (stream) => (stream.uniform() < 0.1 ? Infinity : 310 + 10 * stream.normal()),
    restrictedMean: 0.9 * 310 + 0.1 * HORIZON,
    // P(T <= m) = .5 is P(Z <= (m - 310) / 10) = 5/9.
    median: 310 + 10 * 0.13971,
  },
  {
    name: 'half censored, 600 ± 60',
    draw: (stream) => HORIZON + 60 * stream.normal(),
    // E[min(0, Z)] = -1 / sqrt(2 pi)
    restrictedMean: HORIZON - 60 / Math.sqrt(2 * Math.PI),
    median: HORIZON,
  },
];

/** What is seen of a true time. */
export function seen(time: number): EventTime {
  if (time > HORIZON) return { after: HORIZON, by: null };
  const by = EVERY * Math.ceil(Math.max(0, time) / EVERY);
  return by === 0 ? { after: 0, by: 0 } : { after: by - EVERY, by };
}

/** Twins take N(310, 10^2) rounds, and runs `ratio` times as long times a lognormal factor; a share of runs never arrives. */
export interface RatioLaw {
  readonly name: string;
  readonly ratio: number;
  readonly logScatter: number;
  readonly neverShare: number;
}

export const RATIO_LAWS: readonly RatioLaw[] = [
  { name: 'equal times', ratio: 1, logScatter: 0.05, neverShare: 0 },
  { name: '40 % more', ratio: 1.4, logScatter: 0.1, neverShare: 0 },
  { name: '40 % more, 10 % never', ratio: 1.4, logScatter: 0.1, neverShare: 0.1 },
  { name: '85 % more, half never', ratio: 1.85, logScatter: 0.2, neverShare: 0 },
];
