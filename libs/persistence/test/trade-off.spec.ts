import type { Claim, RunEnd } from '@airmeta/lab';
import { COMPARISON_BASES, type MetricName, type TradeoffRow } from '@airmeta/spec';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { openPersistence, type Persistence } from '../src/index.js';
import { admitAndClaim, LEASE_MS, planOf, progressOf, recordOf, type PlanOptions } from './support/fixtures.js';

/** Student-t quantiles at 97.5 %, from a table: one and two degrees of freedom. */
const T1 = 12.706204736;
const T2 = 4.30265272991;

const COMPLETED: RunEnd = { kind: 'completed', rounds: 100 };
const DIVERGED: RunEnd = { kind: 'diverged', round: 25, reason: 'not finite' };
const FAILED: RunEnd = { kind: 'failed', failure: { code: 'x', message: 'x' } };

type Course = Partial<Record<MetricName, readonly (number | null)[]>>;

const NOTHING_SCORED = { accuracy: null, loss: null };
const NOWHERE = Object.fromEntries(COMPARISON_BASES.map((basis) => [basis, NOTHING_SCORED]));

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

/** Creates an experiment with all runs running; the claims by [point][replicate]. */
async function start(options: PlanOptions & { replicates: number }): Promise<{ id: string; claims: Claim[][] }> {
  const { id, pointCount } = (await persistence.experiments.create(planOf(options))).summary;
  const claims = await admitAndClaim(persistence.runs, 1000);
  return {
    id,
    claims: Array.from({ length: pointCount }, (_, point) => claims.slice(point * options.replicates, (point + 1) * options.replicates)),
  };
}

/** Reports the metrics at rounds 0, 10, 20, ... and ends the run. */
async function end(claim: Claim, how: RunEnd, course: Course): Promise<void> {
  const length = Math.max(0, ...Object.values(course).map((values) => values.length));
  const records = Array.from({ length }, (_, index) =>
    recordOf(index * 10, Object.fromEntries(Object.entries(course).map(([metric, values]) => [metric, values[index] ?? null]))),
  );
  await persistence.runs.report(claim, progressOf(0, ...records.slice(0, 2)), LEASE_MS);
  await persistence.runs.finish(claim, how, progressOf(100, ...records));
}

async function rowsOf(id: string): Promise<readonly TradeoffRow[]> {
  return (await persistence.experiments.tradeoff(id))?.rows ?? [];
}

/** A figure known by hand: its mean, the half-width of its interval, n. */
function estimate(mean: number, halfWidth: number | null, n: number) {
  const near = (value: number): unknown => expect.closeTo(value, 7) as unknown;
  return {
    mean: near(mean),
    low: halfWidth === null ? null : near(mean - halfWidth),
    high: halfWidth === null ? null : near(mean + halfWidth),
    n,
  };
}

describe('tradeoff', () => {
  it('compares no run with every other right after a large experiment, when the planner knows nothing about it', async () => {
    await database.query('ALTER TABLE runs SET (autovacuum_enabled = off)');
    const { id } = (
      await persistence.experiments.create(
        planOf({ snrs: Array.from({ length: 300 }, (_, index) => `${index / 10} dB`), replicates: 30, idealTwins: true }),
      )
    ).summary;
    await database.query(
      `INSERT INTO series
       SELECT runs.id, metric, ARRAY[0, 50, 100], ARRAY[1, 0.5, 0.1] FROM runs, unnest($1::text[]) AS metric`,
      [['trainLoss', 'newTasksLoss', 'newTasksAccuracy', 'newAgentsLoss']],
    );
    await database.query(`UPDATE runs SET state = 'completed', finished_at = now()`);
    // Comparing every run with every other took 10 s for a third of the runs; nine times that ends the test.
    expect((await rowsOf(id))[0]).toMatchObject({ runs: { completed: 30 }, roundsToTarget: { estimate: { mean: 100, n: 30 } } });
  });

  it('agrees with a computation by hand', async () => {
    const { id, claims } = await start({ name: 'by hand', snrs: ['0 dB', '10 dB', '20 dB'], replicates: 3, idealTwins: true });
    const [low, middle, high, twin] = claims;

    // The twins' losses fall by 0.9, 2 and 0.8: the targets are 0.19, 0.2 and 0.28.
    await end(twin[0], COMPLETED, {
      trainLoss: [1, 0.5, 0.2, 0.1],
      newTasksAccuracy: [0.2, 0.5, 0.6, 0.55],
      newTasksLoss: [2, 1, 0.8, 0.9],
    });
    await end(twin[1], COMPLETED, { trainLoss: [2, 0.1, 0.05, 0], newTasksAccuracy: [0.2, 0.4, 0.7, 0.8], newTasksLoss: [2, 1, 0.6, 0.5] });
    await end(twin[2], COMPLETED, { trainLoss: [1, 0.5, 0.3, 0.2], newTasksAccuracy: [0.2, 0.2, 0.2, 0.2], newTasksLoss: [2, 2, 2, 2] });
    // Reaches 0.19 at round 30; never 0.2, so censored at 30; diverges before 0.28, so censored at its last record.
    await end(low[0], COMPLETED, {
      trainLoss: [1, 0.6, 0.3, 0.15],
      newTasksAccuracy: [0.2, 0.5, 0.7, 0.6],
      newTasksLoss: [2, 1, 0.7, 0.8],
      gapLoss: [1, 1, 1, 0.65],
    });
    await end(low[1], COMPLETED, {
      trainLoss: [2, 1, 0.5, 0.4],
      newTasksAccuracy: [0.3, 0.5, 0.6, 0.75],
      newTasksLoss: [2, 1, 0.9, 0.6],
      gapLoss: [0, 0, 0, 0.2],
    });
    await end(low[2], DIVERGED, { trainLoss: [1, 0.9, Infinity], newTasksAccuracy: [0.9, 0.9, 0.9], newTasksLoss: [0, 0, 0] });
    // No accuracy at all, and a last loss that is no number; the other replicates have failed and not ended.
    await end(middle[0], COMPLETED, { trainLoss: [1, 0.1], newTasksLoss: [3, NaN] });
    await end(middle[1], FAILED, { trainLoss: [1, 0] });
    // Passes the target before it diverges.
    await end(high[0], DIVERGED, { trainLoss: [1, 0.18, NaN], newTasksAccuracy: [1, 1, 1] });
    await end(high[1], { kind: 'cancelled' }, {});

    const tradeoff = await persistence.experiments.tradeoff(id);
    expect(tradeoff).toMatchObject({ experimentId: id, name: 'by hand', targetTrainLoss: null });
    const rows = tradeoff?.rows ?? [];
    const points = await persistence.experiments.points(id);
    expect(rows.map(({ pointId, pointIndex, role, label, axes }) => ({ id: pointId, index: pointIndex, role, label, axes }))).toEqual(
      points.map(({ id, index, role, label, axes }) => ({ id, index, role, label, axes })),
    );
    expect(rows.map((row) => row.runs)).toEqual([
      { total: 3, completed: 2, diverged: 1, open: 0 },
      { total: 3, completed: 1, diverged: 0, open: 1 },
      { total: 3, completed: 0, diverged: 1, open: 1 },
      { total: 3, completed: 3, diverged: 0, open: 0 },
    ]);

    // Of two values a, b the half-width is T1 |a - b| / 2.
    expect(rows[0]).toMatchObject({
      roundsToTarget: { estimate: estimate(80 / 3, (T2 * 10) / 3, 3), censored: 2 },
      trainLoss: estimate(0.275, (T1 * 0.25) / 2, 2),
      newAgentsLoss: null,
      newAgentsAccuracy: null,
      gapLoss: estimate(0.425, (T1 * 0.45) / 2, 2),
      gapAccuracy: null,
      // 30 rounds beside 30 (1, the twin's own way is 30), 30 beside 10, 20 beside 30; the last two are censored.
      extraRounds: { estimate: estimate(5 / 9, T2 * Math.sqrt(43 / 81), 3), censored: 2 },
      newTasks: {
        last: { accuracy: estimate(0.675, (T1 * 0.15) / 2, 2), loss: estimate(0.7, (T1 * 0.2) / 2, 2) },
        best: { accuracy: estimate(0.725, (T1 * 0.05) / 2, 2), loss: estimate(0.65, (T1 * 0.1) / 2, 2) },
        target: { accuracy: estimate(0.6, null, 1), loss: estimate(0.8, null, 1) },
        earlyStop: { accuracy: estimate(0.675, (T1 * 0.15) / 2, 2), loss: estimate(0.7, (T1 * 0.2) / 2, 2) },
      },
      gains: {
        // 0.6 - 0.55 and 0.75 - 0.8; 0.8 - 0.9 and 0.6 - 0.5
        last: { accuracy: estimate(0, (T1 * 0.1) / 2, 2), loss: estimate(0, (T1 * 0.2) / 2, 2) },
        // 0.7 - 0.6 and 0.75 - 0.8; 0.7 - 0.8 and 0.6 - 0.5
        best: { accuracy: estimate(0.025, (T1 * 0.15) / 2, 2), loss: estimate(0, (T1 * 0.2) / 2, 2) },
        // 0.6 - 0.55 and 0.8 - 0.9: the other replicate never reached the target
        target: { accuracy: estimate(0.05, null, 1), loss: estimate(-0.1, null, 1) },
        earlyStop: { accuracy: estimate(0, (T1 * 0.1) / 2, 2), loss: estimate(0, (T1 * 0.2) / 2, 2) },
      },
    });
    expect(rows[1]).toMatchObject({
      roundsToTarget: { estimate: estimate(10, null, 1), censored: 0 },
      trainLoss: estimate(0.1, null, 1),
      newTasks: { last: NOTHING_SCORED, earlyStop: NOTHING_SCORED, best: { accuracy: null, loss: estimate(3, null, 1) } },
      gains: { last: NOTHING_SCORED, target: NOTHING_SCORED, best: { accuracy: null, loss: estimate(2.2, null, 1) } }, // 3 - 0.8
    });
    expect(rows[2]).toMatchObject({
      roundsToTarget: { estimate: estimate(10, null, 1), censored: 0 },
      trainLoss: null,
      newTasks: NOWHERE,
      gains: NOWHERE,
      extraRounds: { estimate: estimate(-2 / 3, null, 1), censored: 0 }, // 10 rounds instead of 30
    });
    expect(rows[3]).toMatchObject({
      role: 'twin',
      roundsToTarget: { estimate: estimate(70 / 3, (T2 * 20) / 3, 3), censored: 0 }, // 30, 10 and 30
      trainLoss: estimate(0.1, (T2 * 0.1) / Math.sqrt(3), 3),
      gains: NOWHERE,
      extraRounds: { estimate: null, censored: 0 },
    });
  });

  it('takes the specification’s own target before the twins’', async () => {
    const { id, claims } = await start({ replicates: 2, idealTwins: true, targetTrainLoss: 0.5 });
    await end(claims[0][0], COMPLETED, { trainLoss: [1, 0.5, 0.1] });
    await end(claims[0][1], COMPLETED, { trainLoss: [1, 0.9, 0.6] });
    await end(claims[1][0], COMPLETED, { trainLoss: [0.5, 0.4, 0.1] });
    expect(await persistence.experiments.tradeoff(id)).toMatchObject({
      targetTrainLoss: 0.5,
      rows: [
        // The twin is there at round 0, so that there is nothing to relate extra rounds to.
        { roundsToTarget: { estimate: estimate(15, (T1 * 10) / 2, 2), censored: 1 }, extraRounds: { estimate: null, censored: 0 } },
        { roundsToTarget: { estimate: estimate(0, null, 1), censored: 0 } },
      ],
    });
  });

  it('has no target without twins', async () => {
    const { id, claims } = await start({ replicates: 1, idealTwins: false });
    await end(claims[0][0], COMPLETED, { trainLoss: [1, 0.1], newTasksAccuracy: [0, 1] });
    expect(await rowsOf(id)).toMatchObject([
      { roundsToTarget: { estimate: null, censored: 0 }, trainLoss: estimate(0.1, null, 1), gains: NOWHERE },
    ]);
  });

  it.each<[string, RunEnd, Course]>([
    ['has not learned', COMPLETED, { trainLoss: [1, 1], newTasksAccuracy: [0.25, 0.5] }],
    ['starts from no number', COMPLETED, { trainLoss: [NaN, 0.1], newTasksAccuracy: [0.25, 0.5] }],
  ])('has no target while the twin %s', async (_, how, course) => {
    const { id, claims } = await start({ replicates: 1, idealTwins: true });
    await end(claims[0][0], COMPLETED, { trainLoss: [1, 0.1], newTasksAccuracy: [0, 1] });
    await end(claims[1][0], how, course);
    expect(await rowsOf(id)).toMatchObject([
      { roundsToTarget: { estimate: null, censored: 0 }, gains: { last: { accuracy: estimate(0.5, null, 1) } } },
      { roundsToTarget: { estimate: null, censored: 0 } },
    ]);
  });

  it('has neither target nor gains while the twin has not completed', async () => {
    const { id, claims } = await start({ replicates: 1, idealTwins: true });
    await end(claims[0][0], COMPLETED, { trainLoss: [1, 0.1], newTasksAccuracy: [0, 1] });
    await end(claims[1][0], DIVERGED, { trainLoss: [1, 0.1], newTasksAccuracy: [0, 1] });
    expect(await rowsOf(id)).toMatchObject([
      { roundsToTarget: { estimate: null, censored: 0 }, gains: NOWHERE },
      { roundsToTarget: { estimate: null, censored: 0 } },
    ]);
  });

  it('has empty rows before anything has ended', async () => {
    const { id } = await start({ replicates: 2, idealTwins: true });
    const rows = await rowsOf(id);
    expect(rows.map((row) => row.runs)).toEqual(Array(2).fill({ total: 2, completed: 0, diverged: 0, open: 2 }));
    expect(rows[0]).toMatchObject({ roundsToTarget: { estimate: null, censored: 0 }, trainLoss: null, newTasks: NOWHERE, gains: NOWHERE });
  });
});
