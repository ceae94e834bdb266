/** How often the interval of an estimator holds what it estimates, by simulation. */
import {
  meanInterval,
  medianTime,
  pairedTimes,
  randomStream,
  restrictedMean,
  robustMean,
  tails,
  type Bounds,
  type EventTime,
  type RandomStream,
} from '@airmeta/numerics';
import { interquartileMeanOf, LAWS, type Law } from './laws.js';
import { HORIZON, RATIO_LAWS, seen, TIME_LAWS, type RatioLaw } from './times.js';

export interface Coverage {
  readonly estimator: string;
  readonly law: string;
  readonly n: number;
  readonly experiments: number;
  /** Share of experiments whose interval holds the true value; an interval that is not bounded on either side does. */
  readonly covered: number;
  /** Share that had a bound at all. */
  readonly bounded: number;
  /** Share of intervals without any width. */
  readonly pointlike: number;
  /** Median of the widths of intervals that are bounded on both sides; null when there are none. */
  readonly width: number | null;
}

interface Trial {
  readonly estimator: string;
  readonly law: string;
  readonly truth: number;
  readonly interval: (n: number, stream: RandomStream) => Bounds;
}

const NOTHING: Bounds = { low: null, high: null };
const sampleOf = <Value>(n: number, draw: () => Value) => Array.from({ length: n }, draw);

const VALUE_TRIALS = LAWS.flatMap((law): Trial[] => [
  {
    ...{ estimator: 'meanInterval', law: law.name, truth: law.mean },
    interval: (n, stream) => meanInterval(sampleOf(n, () => law.draw(stream))) ?? NOTHING,
  },
  {
    ...{ estimator: 'robustMean', law: law.name, truth: interquartileMeanOf(law) },
    interval: (n, stream) => robustMean(sampleOf(n, () => law.draw(stream))) ?? NOTHING,
  },
]);

const TIME_TRIALS = TIME_LAWS.flatMap(({ name, draw, ...truths }): Trial[] => {
  const times = (n: number, stream: RandomStream) => sampleOf(n, () => seen(draw(stream)));
  return [
    {
      ...{ estimator: 'restrictedMean', law: name, truth: truths.restrictedMean },
      interval: (n, stream) => restrictedMean(times(n, stream), HORIZON) ?? NOTHING,
    },
    {
      ...{ estimator: 'medianTime', law: name, truth: truths.median },
      interval: (n, stream) => medianTime(times(n, stream)) ?? NOTHING,
    },
  ];
});

/** Pairs with the true differences of restricted times. */
function drawPairs({ ratio, logScatter, neverShare }: RatioLaw, n: number, stream: RandomStream) {
  return sampleOf(n, () => {
    const twin = 310 + 10 * stream.normal();
    const arrives = stream.uniform() >= neverShare;
    const run = arrives ? twin * ratio * Math.exp(logScatter * stream.normal()) : Infinity;
    return { run, twin };
  });
}

const asSeen = (pairs: readonly { readonly run: number; readonly twin: number }[]): { run: EventTime; twin: EventTime }[] =>
  pairs.map(({ run, twin }) => ({ run: seen(run), twin: seen(twin) }));

const LARGE = 200_000;

const RATIO_TRIALS = RATIO_LAWS.flatMap((law): Trial[] => {
  // Under those that never arrive, a run's ratio of rank 1/2 among all has rank (1/2) / (1 - share) among the others.
  const ratios = drawPairs(law, LARGE, randomStream(1, 'probe')).map(({ run, twin }) => run / twin);
  const medianRatio = ratios.sort((a, b) => a - b)[LARGE / 2];
  const differences = drawPairs(law, LARGE, randomStream(1, 'probe')).map(
    ({ run, twin }) => Math.min(run, HORIZON) - Math.min(twin, HORIZON),
  );
  const difference = differences.reduce((sum, value) => sum + value, 0) / LARGE;
  const paired = (n: number, stream: RandomStream) => pairedTimes(asSeen(drawPairs(law, n, stream)), HORIZON);
  return [
    {
      ...{ estimator: 'pairedTimes.ratio', law: law.name, truth: medianRatio },
      interval: (n, stream) => paired(n, stream).ratio ?? NOTHING,
    },
    {
      ...{ estimator: 'pairedTimes.difference', law: law.name, truth: difference },
      interval: (n, stream) => paired(n, stream).difference ?? NOTHING,
    },
  ];
});

const TRIALS = [...VALUE_TRIALS, ...TIME_TRIALS, ...RATIO_TRIALS];

/** Every estimator on every law that it is for. */
export function measureCoverage(sizes: readonly number[], experiments: number): readonly Coverage[] {
  return TRIALS.flatMap((trial, index) => sizes.map((n) => coverageOf(trial, n, experiments, index)));
}

function coverageOf({ estimator, law, truth, interval }: Trial, n: number, experiments: number, index: number): Coverage {
  const stream = randomStream(11, 'probe', { round: index, agent: n });
  let [covered, bounded, pointlike] = [0, 0, 0];
  const widths: number[] = [];
  for (let experiment = 0; experiment < experiments; experiment++) {
    const { low, high } = interval(n, stream);
    if ((low ?? -Infinity) <= truth && truth <= (high ?? Infinity)) covered++;
    if (low !== null || high !== null) bounded++;
    if (low === null || high === null) continue;
    widths.push(high - low);
    if (high === low) pointlike++;
  }
  widths.sort((a, b) => a - b);
  const share = (count: number) => count / experiments;
  return {
    ...{ estimator, law, n, experiments },
    ...{ covered: share(covered), bounded: share(bounded), pointlike: share(pointlike) },
    width: widths.length === 0 ? null : widths[widths.length >> 1],
  };
}

export interface TailDetection {
  readonly law: string;
  readonly n: number;
  /** Share of samples without a collapsed run that are called heavy-tailed. */
  readonly falseAlarms: number;
  /** Share of samples with one or more collapsed runs that are called heavy-tailed; null for laws that have none. */
  readonly found: number | null;
}

/** How often `tails` speaks up, rightly and wrongly. */
export function measureTails(sizes: readonly number[], experiments: number): readonly TailDetection[] {
  return LAWS.flatMap((law, index) => sizes.map((n) => detectionOf(law, n, experiments, index)));
}

function detectionOf(law: Law, n: number, experiments: number, index: number): TailDetection {
  const stream = randomStream(12, 'probe', { round: index, agent: n });
  const counts = { clean: 0, alarms: 0, collapsed: 0, found: 0 };
  for (let experiment = 0; experiment < experiments; experiment++) {
    const values = sampleOf(n, () => law.draw(stream));
    const { heavyTailed } = tails(values);
    if (values.some((value) => law.collapsed?.(value))) {
      counts.collapsed++;
      if (heavyTailed) counts.found++;
    } else {
      counts.clean++;
      if (heavyTailed) counts.alarms++;
    }
  }
  return {
    ...{ law: law.name, n, falseAlarms: counts.alarms / counts.clean },
    found: counts.collapsed === 0 ? null : counts.found / counts.collapsed,
  };
}
