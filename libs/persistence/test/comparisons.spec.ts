/** The comparisons with ideal twins, computed again in plain TypeScript from the series, on random data. */
import { estimateOf, type ClaimRun } from '@airmeta/lab';
import { medianTime, pairedTimes, restrictedMean, type EventTime } from '@airmeta/numerics';
import { COMPARISON_BASES, NEW_TASK_SCORES, type ComparisonBasis, type Estimate, type NewTaskScore } from '@airmeta/spec';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { openPersistence, type Persistence } from '../src/index.js';
import { planOf, tradeoffOf } from './support/fixtures.js';

/** Many processes, or heavy ones, one after another. */
vi.setConfig({ testTimeout: 300_000 });

const SWEPT = 3;
const REPLICATES = 4;
const TWIN = SWEPT;
const ROUNDS = 100; // of a run of planOf
const CURVES = ['trainLoss', 'newTasksLoss', 'newTasksAccuracy'] as const;
const LOSSES = ['trainLoss', 'newTasksLoss', 'newTasksChoiceLoss', 'newTasksJudgeLoss'] as const;
const ACCURACIES = ['newTasksAccuracy', 'newTasksChoiceAccuracy', 'newTasksJudgeAccuracy'] as const;
const METRICS = [...LOSSES, ...ACCURACIES] as const;
type Metric = (typeof METRICS)[number];

interface Trace extends Readonly<Record<Metric, readonly (number | null)[]>> {
  readonly state: 'completed' | 'diverged' | 'failed';
  readonly rounds: readonly number[];
}

/** Few different numbers, so that there are ties; now and then one that is missing or not finite. */
const number = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 0, max: 16 }).map((eighths) => eighths / 8) },
  { weight: 1, arbitrary: fc.constantFrom(null, NaN, Infinity, -Infinity) },
);

const anyTrace = (accurate: boolean): fc.Arbitrary<Trace> =>
  fc.integer({ min: 1, max: 6 }).chain((length) => {
    const values = fc.array(number, { minLength: length, maxLength: length });
    const accuracies = accurate ? values : fc.constant(Array<null>(length).fill(null));
    return fc.record({
      state: fc.oneof(
        { weight: 6, arbitrary: fc.constant('completed' as const) },
        { weight: 1, arbitrary: fc.constantFrom('diverged' as const, 'failed' as const) },
      ),
      rounds: fc.constant(Array.from({ length }, (_, index) => 10 * index)),
      ...(Object.fromEntries(LOSSES.map((metric) => [metric, values])) as Record<(typeof LOSSES)[number], typeof values>),
      ...(Object.fromEntries(ACCURACIES.map((metric) => [metric, accuracies])) as Record<(typeof ACCURACIES)[number], typeof values>),
    });
  });

const anyExperiment = fc.boolean().chain((accurate) =>
  fc.record({
    traces: fc.array(fc.array(anyTrace(accurate), { minLength: REPLICATES, maxLength: REPLICATES }), {
      minLength: SWEPT + 1,
      maxLength: SWEPT + 1,
    }),
    target: fc.option(fc.integer({ min: 1, max: 12 }).map((eighths) => eighths / 8)),
  }),
);

const isFinite = (value: number | null | undefined): value is number => Number.isFinite(value);

/** Position of the first best finite value; undefined when there is none. */
function firstBest(values: readonly (number | null)[], better: (a: number, b: number) => boolean): number | undefined {
  let best: number | undefined;
  values.forEach((value, index) => {
    if (isFinite(value) && (best === undefined || better(value, values[best] ?? NaN))) best = index;
  });
  return best;
}

const less = (a: number, b: number) => a < b;
const more = (a: number, b: number) => a > b;
/** The whole set of new tasks, the half that chooses, and the half that judges. */
const SERIES: Readonly<Record<NewTaskScore, readonly [whole: Metric, choice: Metric, judge: Metric]>> = {
  accuracy: ['newTasksAccuracy', 'newTasksChoiceAccuracy', 'newTasksJudgeAccuracy'],
  loss: ['newTasksLoss', 'newTasksChoiceLoss', 'newTasksJudgeLoss'],
};

/** 90 % of the way from the twin's first to its lowest train loss, unless the specification has a target. */
function targetOf(twin: Trace, given: number | null): number | null {
  if (given !== null) return given;
  const first = twin.trainLoss[0];
  const finite = twin.trainLoss.filter((loss): loss is number => isFinite(loss));
  const lowest = Math.min(...finite);
  return twin.state === 'completed' && isFinite(first) && finite.length > 0 && lowest < first ? first - 0.9 * (first - lowest) : null;
}

function hitOf({ trainLoss }: Trace, target: number | null): number {
  return target === null ? -1 : trainLoss.findIndex((loss) => isFinite(loss) && loss <= target);
}

function scoreOf(trace: Trace, basis: ComparisonBasis, score: NewTaskScore, target: number | null): number | undefined {
  const [whole, choice, judge] = SERIES[score];
  const at = {
    last: trace.rounds.length - 1,
    best: firstBest(trace[choice], score === 'accuracy' ? more : less),
    target: hitOf(trace, target),
    earlyStop: firstBest(trace.trainLoss, less),
  }[basis];
  const value = trace[basis === 'best' ? judge : whole][at ?? -1];
  return trace.state === 'completed' && isFinite(value) ? value : undefined;
}

/** Between which two evaluated rounds the target was reached; undefined without a target. */
function timeTo(trace: Trace, target: number | null): EventTime | undefined {
  if (target === null) return undefined;
  const hit = trace.state === 'completed' ? hitOf(trace, target) : -1;
  if (hit < 0) return { after: ROUNDS, by: null };
  return hit === 0 ? { after: 0, by: 0 } : { after: trace.rounds[hit - 1], by: trace.rounds[hit] };
}

/** What a score, and a difference of scores, can be. */
const RANGES: Readonly<Record<NewTaskScore, readonly [least: number, most: number]>> = { accuracy: [0, 1], loss: [0, Infinity] };
const rangeOf = (score: NewTaskScore) => ({ least: RANGES[score][0], most: RANGES[score][1] });
const differencesOf = (score: NewTaskScore) => ({ least: RANGES[score][0] - RANGES[score][1], most: RANGES[score][1] - RANGES[score][0] });

const close = (estimate: Estimate | null): unknown => closeTo(estimate);

/** The same shape with numbers that may differ in their last digits. */
function closeTo(value: unknown): unknown {
  if (typeof value === 'number') return expect.closeTo(value, 9);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closeTo(inner)]));
}

const defined = (values: readonly (number | undefined)[]): number[] => values.filter((value) => value !== undefined);

let database: TestDatabase;
let persistence: Persistence;

beforeAll(async () => {
  database = await createTestDatabase();
  persistence = await openPersistence({ connectionString: database.url });
});

beforeEach(() => database.query('TRUNCATE experiments CASCADE'));

afterAll(async () => {
  await persistence.close();
  await database.drop();
});

const literal = (values: readonly (number | null)[]) => `{${values.map((value) => (value === null ? 'NULL' : String(value))).join(',')}}`;

/** Stores the traces as [point][replicate]; the ids of the points. */
async function store(traces: readonly (readonly Trace[])[], target: number | null): Promise<{ id: string; points: string[] }> {
  const snrs = Array.from({ length: SWEPT }, (_, index) => `${index} dB`);
  const { id } = (
    await persistence.experiments.create(
      planOf({ snrs, replicates: REPLICATES, idealTwins: true, ...(target === null ? {} : { targetTrainLoss: target }) }),
    )
  ).summary;
  const points = (await persistence.experiments.points(id)).map((point) => point.id);
  const rows = traces.flatMap((replicates, point) =>
    replicates.flatMap((trace, replicate) =>
      METRICS.map((metric) => [points[point], replicate, metric, literal(trace.rounds), literal(trace[metric]), trace.state] as const),
    ),
  );
  const columns = rows[0].map((_, column) => rows.map((row) => row[column]));
  await database.query(
    `WITH given AS (SELECT * FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[]) AS given (point, replicate, metric, rounds, numbers))
     INSERT INTO series (run_id, metric, rounds, values)
     SELECT runs.id, metric, given.rounds::int[], numbers::float8[]
     FROM given JOIN runs ON runs.point_id = point AND runs.replicate = given.replicate`,
    columns.slice(0, 5),
  );
  await database.query(
    `UPDATE runs SET state = given.state::run_state, finished_at = now()
     FROM unnest($1::uuid[], $2::int[], $3::text[]) AS given (point, replicate, state)
     WHERE runs.point_id = point AND runs.replicate = given.replicate`,
    [columns[0], columns[1], columns[5]],
  );
  return { id, points };
}

describe('comparisons with the ideal twin', () => {
  it('from stored figures are those of a plain computation from the series', async () => {
    await fc.assert(
      fc.asyncProperty(anyExperiment, async ({ traces, target: given }) => {
        const { id, points } = await store(traces, given);
        const { rows = [] } = (await tradeoffOf(persistence.experiments, id)) ?? {};
        const targets = traces[TWIN].map((twin) => targetOf(twin, given));

        traces.forEach((replicates, point) => {
          const ended = (trace: Trace) => trace.state !== 'failed';
          const ways = replicates.flatMap((trace, replicate) => {
            const time = ended(trace) ? timeTo(trace, targets[replicate]) : undefined;
            return time ? [{ time, diverged: trace.state === 'diverged' }] : [];
          });
          const times = ways.map(({ time }) => time);
          const mean = restrictedMean(times, ROUNDS);
          const median = medianTime(times);
          expect(rows[point].roundsToTarget).toEqual(
            closeTo({
              n: ways.length,
              reached: times.filter(({ by }) => by !== null).length,
              censored: ways.filter(({ time, diverged }) => time.by === null && !diverged).length,
              diverged: ways.filter(({ diverged }) => diverged).length,
              withoutTarget: replicates.filter(ended).length - ways.length,
              horizon: mean && ROUNDS,
              restrictedMean: mean && { atLeast: mean.least, atMost: mean.most, low: mean.low, high: mean.high },
              median: median && { atLeast: median.after, atMost: median.by, low: median.low, high: median.high },
            }),
          );

          const pairs = replicates.map((trace, replicate) => ({ trace, twin: traces[TWIN][replicate], target: targets[replicate] }));
          const both = pairs.filter(({ trace, twin }) => ended(trace) && ended(twin));
          const timed = both.flatMap(({ trace, twin, target }) => {
            const [run, other] = [timeTo(trace, target), timeTo(twin, target)];
            return run && other ? [{ run, twin: other }] : [];
          });
          const { ratio = null, difference = null, twinAtStart = 0 } = timed.length > 0 ? pairedTimes(timed, ROUNDS) : {};
          const less1 = (value: number | null) => (value === null ? null : value - 1);
          if (point === TWIN) expect([rows[point].extraRounds, rows[point].pairs]).toEqual([null, null]);
          else {
            expect(rows[point].extraRounds).toMatchObject(
              closeTo({
                pairs: timed.length,
                withoutTarget: both.length - timed.length,
                reached: timed.filter(({ run, twin }) => run.by !== null && twin.by !== null).length,
                ...{ twinAtStart, shareOf: ratio && ratio.of },
                share: ratio && { atLeast: ratio.least - 1, atMost: less1(ratio.most), low: less1(ratio.low), high: less1(ratio.high) },
                difference: difference && {
                  ...{ atLeast: difference.least, atMost: difference.most, low: difference.low, high: difference.high },
                },
              }) as object,
            );
            const diverged = both.filter(({ trace }) => trace.state === 'diverged').length;
            const twinDiverged = both.filter(({ trace, twin }) => trace.state === 'completed' && twin.state === 'diverged').length;
            expect(rows[point].pairs).toEqual({
              ...{ completed: both.length - diverged - twinDiverged, diverged, twinDiverged, unpaired: REPLICATES - both.length },
            });
          }

          for (const basis of COMPARISON_BASES) {
            for (const score of NEW_TASK_SCORES) {
              const own = replicates.map((trace, replicate) => scoreOf(trace, basis, score, targets[replicate]));
              const twins = traces[TWIN].map((trace, replicate) => scoreOf(trace, basis, score, targets[replicate]));
              const differences = own.map((value, replicate) => {
                const twin = twins[replicate];
                return value === undefined || twin === undefined || point === TWIN ? undefined : value - twin;
              });
              expect(rows[point].newTasks[basis][score]).toEqual(close(estimateOf(defined(own), 0.95, rangeOf(score))));
              expect(rows[point].gains[basis][score]).toEqual(close(estimateOf(defined(differences), 0.95, differencesOf(score))));
            }
          }
        });

        const byReplicate = (a: ClaimRun, b: ClaimRun) => a.pointId.localeCompare(b.pointId) || a.replicate - b.replicate;
        for (const score of NEW_TASK_SCORES) {
          const [, choice, judge] = SERIES[score];
          const finite = (values: readonly (number | null)[]) => values.map((value) => (isFinite(value) ? value : null));
          const expected = traces.flatMap((replicates, point) =>
            replicates.flatMap((trace, replicate): ClaimRun[] => {
              if (trace.state === 'failed') return [];
              const { rounds, state } = trace;
              const run = { pointId: points[point], replicate, diverged: state === 'diverged', rounds };
              return [{ ...run, choice: finite(trace[choice]), judge: finite(trace[judge]) }];
            }),
          );
          const got = await persistence.experiments.claimRuns(id, score);
          expect(got.toSorted(byReplicate)).toEqual(expected.toSorted(byReplicate));
        }

        const { points: curves = [] } = (await persistence.experiments.learningCurves(id, { limit: SWEPT + 1 })) ?? {};
        traces.forEach((replicates, point) => {
          for (const metric of CURVES) {
            const completed = replicates.filter(({ state }) => state === 'completed');
            const expected = [0, 10, 20, 30, 40, 50].flatMap((round, index) => {
              const range = rangeOf(metric === 'newTasksAccuracy' ? 'accuracy' : 'loss');
              const estimate = estimateOf(completed.map((trace) => trace[metric][index]).filter(isFinite), 0.95, range);
              return estimate ? [{ round, ...estimate }] : [];
            });
            const curve = curves[point].curves.find((one) => one.metric === metric);
            const got = curve?.rounds.map((round, index) => ({
              ...{ round, mean: curve.mean[index], low: curve.low[index], high: curve.high[index], n: curve.n[index] },
            }));
            expect(got ?? []).toEqual(expected.map(({ round, mean, low, high, n }) => closeTo({ round, mean, low, high, n })));
          }
        });
      }),
      { numRuns: 40, seed: 1 },
    );
  });
});

describe('learning curves', () => {
  const constant = (length: number): Trace => ({
    ...(Object.fromEntries(METRICS.map((metric) => [metric, Array<null>(length).fill(null)])) as Record<Metric, null[]>),
    ...{ state: 'completed', rounds: Array.from({ length }, (_, index) => index) },
    ...{ trainLoss: Array<number>(length).fill(1), newTasksLoss: Array<number>(length).fill(2) },
  });
  const all = (trace: Trace) => Array.from({ length: SWEPT + 1 }, () => Array.from({ length: REPLICATES }, () => trace));

  it('are of the first points with the twin they are compared with, or of those asked for', async () => {
    const { id } = await store(all(constant(2)), null);
    const select = async (selection: { points?: number[]; limit: number }) => {
      const found = await persistence.experiments.learningCurves(id, selection);
      return { points: found?.points.map(({ pointIndex }) => pointIndex), omitted: found?.omitted };
    };
    expect(await select({ limit: 2 })).toEqual({ points: [0, TWIN], omitted: 2 });
    expect(await select({ limit: 3 })).toEqual({ points: [0, 1, TWIN], omitted: 1 });
    expect(await select({ limit: 9 })).toEqual({ points: [0, 1, 2, TWIN], omitted: 0 });
    expect(await select({ points: [2, 1, 77], limit: 9 })).toEqual({ points: [1, 2], omitted: 2 });
    expect(await select({ points: [77], limit: 9 })).toEqual({ points: [], omitted: 4 });
    expect(await persistence.experiments.learningCurves('00000000-0000-4000-8000-000000000000', { limit: 9 })).toBeUndefined();
    expect(await persistence.experiments.learningCurves('x', { limit: 9 })).toBeUndefined();
    expect(await persistence.experiments.claimRuns('x', 'loss')).toEqual([]);
  });

  it('of long runs have every n-th evaluated round and the last', async () => {
    const { id } = await store(all(constant(ROUNDS * 10 + 1)), null);
    await database.query(`UPDATE runs SET rounds = ${ROUNDS * 10}`);
    const found = await persistence.experiments.learningCurves(id, { limit: 1 });
    const { rounds = [] } = found?.points[0].curves[0] ?? {};
    // 1001 evaluated rounds in strides of ceil(1001 / 250) = 5.
    expect(rounds).toEqual(Array.from({ length: 201 }, (_, index) => 5 * index));
    expect(rounds.at(-1)).toBe(1000);
  });
});
