/** How often the verdict on a claim is wrong when there is no gain, and how often it is right when there is one, by simulation. */
import { decideGainClaim, type ClaimPoint, type ClaimRun } from '@airmeta/lab';
import { randomStream, type RandomStream } from '@airmeta/numerics';
import type { ClaimVerdict, NewTaskScore } from '@airmeta/spec';

/** Mean accuracy against rounds. */
export interface Curve {
  readonly name: string;
  readonly at: (round: number) => number;
}

const EVERY = 10;
const EVALUATIONS = 21;

/** The scatter of the quieter run from round to round, in accuracy: one point. */
export const SCATTER = 0.01;

export const FLAT: Curve = { name: 'flat', at: () => 0.5 };
/** Rises by 3 points, is best at round 80 and falls again, by 3 points up to round 200. */
export const OVER_TRAINED: Curve = {
  name: 'rise and fall',
  at: (round) => 0.5 + 0.03 * (1 - Math.exp(-round / 30)) - 0.0025 * Math.max(0, (round - 80) / EVERY),
};
/** The same curve, of a point that is slower by a share. */
export const slower = (curve: Curve, share: number): Curve => ({
  name: `${curve.name}, slower`,
  at: (round) => curve.at(round / (1 + share)),
});
/** The same curve with a gain from the first evaluated round on. */
export const raised = (curve: Curve, gain: number): Curve => ({
  name: `${curve.name}, raised`,
  at: (round) => curve.at(round) + (round === 0 ? 0 : gain),
});

export interface ClaimScenario {
  readonly twin: Curve;
  readonly point: Curve;
  /** Scatter of twin and point from round to round, in units of {@link SCATTER}. */
  readonly scatter: readonly [twin: number, point: number];
  /** Whether the two halves of the tasks see the same scatter, as when parameters wobble, or scatter of their own. */
  readonly wobble: boolean;
  /** Pairs of a point. */
  readonly n: number;
  /** Points. */
  readonly m: number;
  readonly score: NewTaskScore;
  /** Scatter from round to round that the runs of a replicate share, in units of {@link SCATTER}; none by default. */
  readonly roughness?: number;
  /** Share of runs that diverge half way, of twin and point alike; none by default. */
  readonly diverging?: number;
}

export interface ClaimRates {
  readonly experiments: number;
  readonly supported: number;
  readonly worse: number;
}

const BUDGET = 0.18;
const TWIN = 'twin';
const ROUNDS = Array.from({ length: EVALUATIONS }, (_, index) => EVERY * index);

/** What runs of one replicate have in common, point and twin: how hard its tasks are, how its curve bends, and how rough it is. */
const shared = (roughness: number, stream: RandomStream) => {
  const [level, bend] = [0.05 * stream.normal(), 0.005 * stream.normal()];
  const rough = roughness === 0 ? null : stream.normals(EVALUATIONS, roughness * SCATTER);
  return (round: number) => level + bend * Math.sin(round / 50) + (rough?.[round / EVERY] ?? 0);
};

function drawRun(
  curve: Curve,
  pointId: string,
  replicate: number,
  scatter: number,
  offset: (round: number) => number,
  scenario: ClaimScenario,
  stream: RandomStream,
): ClaimRun {
  // Of losses less is better: the same numbers the other way round.
  const scored = (accuracy: number) => (scenario.score === 'accuracy' ? accuracy : 1 - accuracy);
  const means = ROUNDS.map((round) => curve.at(round) + offset(round));
  const [own, others] = [stream.normals(EVALUATIONS), stream.normals(EVALUATIONS)];
  const half = (normals: Float32Array) => means.map((mean, index) => scored(mean + scatter * SCATTER * normals[index]));
  const [choice, judge] = [half(own), half(scenario.wobble ? own : others)];
  const { diverging = 0 } = scenario;
  if (diverging === 0 || stream.uniform() >= diverging) return { pointId, replicate, diverged: false, rounds: ROUNDS, choice, judge };
  const had = <Value>(values: readonly Value[]) => values.slice(0, EVALUATIONS >> 1);
  return { pointId, replicate, diverged: true, rounds: had(ROUNDS), choice: had(choice), judge: had(judge) };
}

function drawVerdict(scenario: ClaimScenario, stream: RandomStream): ClaimVerdict {
  const { n, m, scatter, score, roughness = 0 } = scenario;
  const points = Array.from({ length: m }, (_, pointIndex): ClaimPoint => ({
    ...{ pointId: `point ${pointIndex}`, pointIndex, label: `${pointIndex}`, againstPointId: TWIN, replicates: n },
  }));
  const runs = Array.from({ length: n }, (_, replicate) => {
    const offset = shared(roughness, stream);
    const draw = (curve: Curve, pointId: string, width: number) => drawRun(curve, pointId, replicate, width, offset, scenario, stream);
    return [draw(scenario.twin, TWIN, scatter[0]), ...points.map(({ pointId }) => draw(scenario.point, pointId, scatter[1]))];
  });
  return decideGainClaim(points, runs.flat(), { score, budget: BUDGET }).verdict;
}

/** Shares of experiments with either verdict. @param series tells the random numbers of scenarios apart */
export function measureClaim(scenario: ClaimScenario, experiments: number, series: number): ClaimRates {
  const stream = randomStream(13, 'probe', { round: series, agent: scenario.n, step: scenario.m });
  const counts: Record<ClaimVerdict, number> = { supported: 0, worse: 0, notShown: 0 };
  for (let experiment = 0; experiment < experiments; experiment++) counts[drawVerdict(scenario, stream)]++;
  return { experiments, supported: counts.supported / experiments, worse: counts.worse / experiments };
}

/** twin : point. */
export const SCATTERS: readonly (readonly [number, number])[] = [
  [1, 1],
  [1, 1.25],
  [1, 1.5],
  [1, 2],
  [1.25, 1],
  [1.5, 1],
  [2, 1],
];
export const SIZES = [5, 10, 20] as const;
export const COMPARED = [1, 10] as const;

export interface NullCase extends ClaimScenario {
  readonly series: number;
}

/** No gain: the mean curves of point and twin are the same, whatever their scatter. Accuracy and loss take turns. */
export const NULLS: readonly NullCase[] = SCATTERS.flatMap((scatter) =>
  SIZES.flatMap((n) =>
    COMPARED.flatMap((m) => [FLAT, OVER_TRAINED].flatMap((curve) => [false, true].map((wobble) => ({ scatter, n, m, curve, wobble })))),
  ),
).map(({ curve, ...parts }, series) => ({
  ...{ ...parts, series, twin: curve, point: curve },
  score: series % 3 === 0 ? 'loss' : 'accuracy',
}));

const ROUGH = 3;

/** No gain, and replicates that vary from round to round by three times the scatter, alike for point and twin. */
export const ROUGH_NULLS: readonly NullCase[] = ([[1, 1], [1, 2], [2, 1]] as const) // prettier-ignore
  .flatMap((scatter) => SIZES.flatMap((n) => COMPARED.map((m) => ({ scatter, n, m }))))
  .map((parts, index) => ({
    ...{ ...parts, series: 5_000 + index, twin: OVER_TRAINED, point: OVER_TRAINED },
    ...{ roughness: ROUGH, wobble: true, score: 'accuracy' },
  }));

/** No gain, and runs of point and twin that diverge alike. */
export const DIVERGING: readonly NullCase[] = [0.1, 0.3]
  .flatMap((diverging) => SIZES.flatMap((n) => COMPARED.map((m) => ({ diverging, n, m }))))
  .map((parts, index) => ({
    ...{ ...parts, series: 4_000 + index, twin: OVER_TRAINED, point: OVER_TRAINED },
    ...{ scatter: [1, 1], wobble: true, score: 'accuracy' },
  }));

/** A gain of some times the scatter, which is true. */
export interface PowerCase extends ClaimScenario {
  readonly series: number;
  /** In units of {@link SCATTER}. */
  readonly gain: number;
}

export const POWERS: readonly PowerCase[] = [1, 2]
  .flatMap((gain) =>
    SIZES.flatMap(
      (n) =>
      COMPARED.flatMap((m) => ([[1, 1], [1, 2], [2, 1]] as const).map((scatter) => ({ gain, n, m, scatter }))), // prettier-ignore
    ),
  )
  .map((parts, index) => ({
    ...{ ...parts, series: 2_000 + index, twin: OVER_TRAINED, point: raised(OVER_TRAINED, parts.gain * SCATTER) },
    ...{ wobble: true, score: 'accuracy' },
  }));

/** Rises and falls so fast that one evaluated round off its peak is 1.2 times the scatter below it. */
const PEAKED: Curve = { name: 'sharp peak', at: (round) => 0.5 - 0.012 * ((round - 80) / EVERY) ** 2 };
/** Its rise, and then its best value for good. */
const KEPT: Curve = { name: 'kept peak', at: (round) => PEAKED.at(Math.min(round, 80)) };

/** Curves that are not the same, but equally good at their best: what the rule is not made for. */
export const LIMITS: readonly NullCase[] = [
  { twin: OVER_TRAINED, point: slower(OVER_TRAINED, 0.1) },
  { twin: PEAKED, point: slower(PEAKED, 0.1) },
  { twin: PEAKED, point: KEPT },
  { twin: PEAKED, point: slower(PEAKED, 0.1), roughness: ROUGH },
  { twin: PEAKED, point: KEPT, roughness: ROUGH },
]
  .flatMap((curves) => SIZES.map((n) => ({ ...curves, n })))
  .map((parts, index) => ({ ...parts, series: 3_000 + index, scatter: [1, 1], wobble: true, m: 1, score: 'accuracy' }));
