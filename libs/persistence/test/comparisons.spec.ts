/** The comparisons with ideal twins, computed again in plain TypeScript from the series, on random data. */
import { estimateOf, type PairedBests } from '@airmeta/lab';
import { COMPARISON_BASES, NEW_TASK_SCORES, type ComparisonBasis, type Estimate, type NewTaskScore } from '@airmeta/spec';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { openPersistence, type Persistence } from '../src/index.js';
import { planOf } from './support/fixtures.js';

/** Many processes, or heavy ones, one after another. */
vi.setConfig({ testTimeout: 300_000 });

const SWEPT = 3;
const REPLICATES = 4;
const TWIN = SWEPT;
const ROUNDS = 100; // of a run of planOf
const METRICS = ['trainLoss', 'newTasksLoss', 'newTasksAccuracy'] as const;
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
    return fc.record({
      state: fc.oneof(
        { weight: 6, arbitrary: fc.constant('completed' as const) },
        { weight: 1, arbitrary: fc.constantFrom('diverged' as const, 'failed' as const) },
      ),
      rounds: fc.constant(Array.from({ length }, (_, index) => 10 * index)),
      trainLoss: values,
      newTasksLoss: values,
      newTasksAccuracy: accurate ? values : fc.constant(Array<null>(length).fill(null)),
    });
  });

const anyExperiment = fc.boolean().chain((accurate) =>
  fc.record({
    traces: fc.array(fc.array(anyTrace(accurate), { minLength: REPLICATES, maxLength: REPLICATES }), {
      minLength: SWEPT + 1,
      maxLength: SWEPT + 1,
    }),
    target: fc.option(fc.integer({ min: 1, max: 12 }).map((eighths) => eighths / 8)),
    budget: fc.constantFrom(0, 0.18, 0.5, 3),
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
const seriesOf = (trace: Trace, score: NewTaskScore) => (score === 'accuracy' ? trace.newTasksAccuracy : trace.newTasksLoss);

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
  const values = seriesOf(trace, score);
  const at = {
    last: values.length - 1,
    best: firstBest(values, score === 'accuracy' ? more : less),
    target: hitOf(trace, target),
    earlyStop: firstBest(trace.trainLoss, less),
  }[basis];
  const value = values[at ?? -1];
  return trace.state === 'completed' && isFinite(value) ? value : undefined;
}

const close = (estimate: Estimate | null): unknown =>
  estimate && {
    mean: expect.closeTo(estimate.mean, 9) as unknown,
    low: estimate.low === null ? null : (expect.closeTo(estimate.low, 9) as unknown),
    high: estimate.high === null ? null : (expect.closeTo(estimate.high, 9) as unknown),
    n: estimate.n,
  };

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
  it('in SQL are those of a plain computation from the series', async () => {
    await fc.assert(
      fc.asyncProperty(anyExperiment, async ({ traces, target: given, budget }) => {
        const { id, points } = await store(traces, given);
        const { rows = [] } = (await persistence.experiments.tradeoff(id)) ?? {};
        const targets = traces[TWIN].map((twin) => targetOf(twin, given));

        traces.forEach((replicates, point) => {
          const ended = replicates.map((trace) => trace.state !== 'failed');
          const wayOf = (trace: Trace, replicate: number) => {
            const hit = hitOf(trace, targets[replicate]);
            return { rounds: hit < 0 ? (trace.rounds.at(-1) ?? NaN) : trace.rounds[hit], censored: hit < 0 };
          };
          const ways = replicates.flatMap((trace, replicate) =>
            ended[replicate] && targets[replicate] !== null ? [{ ...wayOf(trace, replicate), replicate }] : [],
          );
          expect(rows[point].roundsToTarget).toEqual({
            estimate: close(estimateOf(ways.map(({ rounds }) => rounds))),
            censored: ways.filter(({ censored }) => censored).length,
          });

          const extra = ways.flatMap(({ rounds, censored, replicate }) => {
            const twin = wayOf(traces[TWIN][replicate], replicate);
            if (point === TWIN || traces[TWIN][replicate].state !== 'completed' || twin.rounds === 0) return [];
            return [{ share: (rounds - twin.rounds) / twin.rounds, censored: censored || twin.censored }];
          });
          expect(rows[point].extraRounds).toEqual({
            estimate: close(estimateOf(extra.map(({ share }) => share))),
            censored: extra.filter(({ censored }) => censored).length,
          });

          for (const basis of COMPARISON_BASES) {
            for (const score of NEW_TASK_SCORES) {
              const own = replicates.map((trace, replicate) => scoreOf(trace, basis, score, targets[replicate]));
              const twins = traces[TWIN].map((trace, replicate) => scoreOf(trace, basis, score, targets[replicate]));
              const differences = own.map((value, replicate) => {
                const twin = twins[replicate];
                return value === undefined || twin === undefined || point === TWIN ? undefined : value - twin;
              });
              expect(rows[point].newTasks[basis][score]).toEqual(close(estimateOf(defined(own))));
              expect(rows[point].gains[basis][score]).toEqual(close(estimateOf(defined(differences))));
            }
          }
        });

        const pairs = traces.slice(0, SWEPT).flatMap((replicates, point) =>
          replicates.flatMap((trace, replicate): PairedBests[] => {
            const twin = traces[TWIN][replicate];
            if (trace.state !== 'completed' || twin.state !== 'completed') return [];
            const scoreFor = (run: Trace) => NEW_TASK_SCORES.find((score) => seriesOf(run, score).some(isFinite));
            const score = scoreFor(trace);
            if (score === undefined || scoreFor(twin) !== score) return [];
            const better = score === 'accuracy' ? more : less;
            const at = firstBest(seriesOf(twin, score), better) ?? -1;
            const limit = (1 + budget) * twin.rounds[at];
            const allowed = seriesOf(trace, score).filter((_, index) => trace.rounds[index] <= limit);
            const best = firstBest(allowed, better);
            return [
              {
                ...{ pointId: points[point], replicate, score, twinBest: seriesOf(twin, score)[at] ?? NaN },
                ...{ best: best === undefined ? null : allowed[best], cut: ROUNDS < limit },
              },
            ];
          }),
        );
        expect(await persistence.experiments.pairedBests(id, budget)).toEqual(pairs);

        const { points: curves = [] } = (await persistence.experiments.learningCurves(id, { limit: SWEPT + 1 })) ?? {};
        traces.forEach((replicates, point) => {
          for (const metric of METRICS) {
            const completed = replicates.filter(({ state }) => state === 'completed');
            const expected = [0, 10, 20, 30, 40, 50].flatMap((round, index) => {
              const estimate = estimateOf(completed.map((trace) => trace[metric][index]).filter(isFinite));
              return estimate ? [{ round, ...estimate }] : [];
            });
            const curve = curves[point].curves.find((one) => one.metric === metric);
            const got = curve?.rounds.map((round, index) => ({
              ...{ round, mean: curve.mean[index], low: curve.low[index], high: curve.high[index], n: curve.n[index] },
            }));
            expect(got ?? []).toEqual(expected.map(({ round, ...estimate }) => ({ round, ...(close(estimate) as object) })));
          }
        });
      }),
      { numRuns: 40, seed: 1 },
    );
  });
});

describe('learning curves', () => {
  const constant = (length: number): Trace => ({
    ...{ state: 'completed', rounds: Array.from({ length }, (_, index) => index) },
    ...{ trainLoss: Array<number>(length).fill(1), newTasksLoss: Array<number>(length).fill(2) },
    newTasksAccuracy: Array<null>(length).fill(null),
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
    expect(await persistence.experiments.pairedBests('x', 0.18)).toEqual([]);
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
