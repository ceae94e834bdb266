/** Laws that values of runs are drawn from, with what is to be estimated of them. */
import { randomStream, type RandomStream } from '@airmeta/numerics';

export interface Law {
  readonly name: string;
  readonly draw: (stream: RandomStream) => number;
  /** E[X], exact. */
  readonly mean: number;
  /** Whether one draw is of a run that collapsed. */
  readonly collapsed?: (value: number) => boolean;
}

/** Accuracies round .6: scatter of .02, except where the law says otherwise. */
const CENTRE = 0.6;
const SCATTER = 0.02;
const around = (unit: number) => CENTRE + SCATTER * unit;

/** A run in ten is at chance, which is 20 deviations below. */
const COLLAPSED_SHARE = 0.1;
const CHANCE = CENTRE - 20 * SCATTER;

/** Accuracy over 75 queries moves in steps of 2/3 of the scatter. */
const STEP = 1 / 75;

export const LAWS: readonly Law[] = [
  { name: 'normal', draw: (stream) => around(stream.normal()), mean: CENTRE },
  { name: 'skewed', draw: (stream) => around(-Math.log(1 - stream.uniform())), mean: around(1) },
  { name: 'bimodal', draw: (stream) => around((stream.uniform() < 0.5 ? -2 : 2) + 0.5 * stream.normal()), mean: CENTRE },
  {
    name: '10 % collapsed',
    draw: (stream) => (stream.uniform() < COLLAPSED_SHARE ? CHANCE : CENTRE) + SCATTER * stream.normal(),
    mean: COLLAPSED_SHARE * CHANCE + (1 - COLLAPSED_SHARE) * CENTRE,
    collapsed: (value) => value < (CHANCE + CENTRE) / 2,
  },
  { name: 'discretised', draw: (stream) => STEP * Math.round(around(stream.normal()) / STEP), mean: CENTRE },
];

const LARGE = 200_000;

/** Mean of the middle half of a law, from a large sample: its error is under 1 % of the scatter. */
export function interquartileMeanOf({ draw }: Law): number {
  const stream = randomStream(1, 'probe');
  const sample = Float64Array.from({ length: LARGE }, () => draw(stream)).sort();
  return sample.subarray(LARGE / 4, (3 * LARGE) / 4).reduce((sum, value) => sum + value, 0) / (LARGE / 2);
}
