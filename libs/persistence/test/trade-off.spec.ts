import { FIGURES_VERSION, NotComparableError, packExperiment, pointLabels, type Claim, type RunEnd, type SeriesName } from '@airmeta/lab';
import { COMPARISON_BASES, extendExperiment, type ComparedWith, type TradeoffRow } from '@airmeta/spec';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { openPersistence, type Persistence } from '../src/index.js';
import { admitAndClaim, LEASE_MS, planOf, type PlanOptions, progressOf, recordOf, tradeoffOf } from './support/fixtures.js';

/** Student-t quantiles at 97.5 %, from a table: one and two degrees of freedom. */
const T1 = 12.706204736;
const T2 = 4.30265272991;

const COMPLETED: RunEnd = { kind: 'completed', rounds: 100 };
const DIVERGED: RunEnd = { kind: 'diverged', round: 25, reason: 'not finite' };
const FAILED: RunEnd = { kind: 'failed', failure: { code: 'x', message: 'x' } };

type Course = Partial<Record<SeriesName, readonly (number | null)[]>>;

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
  const claims = new Map((await admitAndClaim(persistence.runs, 1000)).map((claim) => [claim.runId, claim]));
  const runs = await database.query<{ id: string; index: number }>(
    `SELECT runs.id, points.index FROM runs JOIN points ON points.id = runs.point_id WHERE runs.experiment_id = $1 ORDER BY replicate`,
    [id],
  );
  const ofPoint = (point: number) => runs.filter(({ index }) => index === point).flatMap((run) => claims.get(run.id) ?? []);
  return { id, claims: Array.from({ length: pointCount }, (_, point) => ofPoint(point)) };
}

/** Reports the metrics at rounds 0, 10, 20, ... and ends the run. */
async function end(claim: Claim, how: RunEnd, given: Course): Promise<void> {
  const course = halved(given);
  const length = Math.max(0, ...Object.values(course).map((values) => values.length));
  const records = Array.from({ length }, (_, index) =>
    recordOf(index * 10, Object.fromEntries(Object.entries(course).map(([metric, values]) => [metric, values[index] ?? null]))),
  );
  await persistence.runs.report(claim, progressOf(0, ...records.slice(0, 2)), LEASE_MS);
  await persistence.runs.finish(claim, how, progressOf(100, ...records));
}

async function rowsOf(id: string): Promise<readonly TradeoffRow[]> {
  return (await tradeoffOf(persistence.experiments, id))?.rows ?? [];
}

/** A figure known by hand: its mean, the half-width of its interval, n. */
function estimate(mean: number, halfWidth: number | null, n: number): unknown {
  return expect.objectContaining({
    mean: near(mean),
    low: halfWidth === null ? null : near(mean - halfWidth),
    high: halfWidth === null ? null : near(mean + halfWidth),
    n,
  });
}

const near = (value: number): unknown => expect.closeTo(value, 7) as unknown;

/** An estimate whose interval is cut to what is possible. */
function cut(mean: number, low: number, high: number, n: number): unknown {
  return expect.objectContaining({ mean: near(mean), low: near(low), high: near(high), n });
}

/** Where data pin a number down to. */
function bracket(atLeast: number, atMost: number | null): unknown {
  return expect.objectContaining({ atLeast: near(atLeast), atMost: atMost === null ? null : near(atMost) });
}

const NO_TARGET = { n: 0, reached: 0, censored: 0, diverged: 0, horizon: null, restrictedMean: null, median: null };

/** Both halves of the new tasks, the same: what they are for is tested with the figures. */
function halved({ newTasksAccuracy, newTasksLoss, ...course }: Course): Course {
  return {
    ...course,
    ...(newTasksAccuracy ? { newTasksAccuracy, newTasksChoiceAccuracy: newTasksAccuracy, newTasksJudgeAccuracy: newTasksAccuracy } : {}),
    ...(newTasksLoss ? { newTasksLoss, newTasksChoiceLoss: newTasksLoss, newTasksJudgeLoss: newTasksLoss } : {}),
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
    expect((await rowsOf(id))[0]).toMatchObject({
      runs: { completed: 30 },
      roundsToTarget: { n: 30, reached: 30, horizon: 100, restrictedMean: { atLeast: 50, atMost: 100 } },
    });
  });

  it('is computed once until something happens to the experiment, and once for all who ask at a moment', async () => {
    const { id, claims } = await start({ snrs: ['0 dB'], replicates: 2, idealTwins: true, targetTrainLoss: 0.5 });
    const [[first, second]] = claims;
    const ask = () => persistence.experiments.tradeoff(id);
    const before = await ask();
    expect((await Promise.all([ask(), ask()])).every((answer) => answer === before)).toBe(true);
    expect(before?.rows(0, 1)).toMatchObject([{ runs: { completed: 0, open: 2 } }]);

    await end(first, COMPLETED, { trainLoss: [1, 0.1] });
    const after = await ask();
    expect(after).not.toBe(before);
    expect(after?.rows(0, 1)).toMatchObject([{ runs: { completed: 1, open: 1 }, roundsToTarget: { n: 1 } }]);
    expect(await ask()).toBe(after);

    await end(second, COMPLETED, { trainLoss: [1, 0.1] });
    await persistence.experiments.deleteRun(first.runId);
    expect((await ask())?.rows(0, 1)).toMatchObject([{ runs: { completed: 1, missing: 1, open: 0 } }]);

    // Figures of another version of the program are computed again, though nothing has happened.
    await database.query('UPDATE run_figures SET version = 0, values = NULL');
    await database.query('UPDATE experiments SET figures_version = 0');
    expect((await ask())?.rows(0, 1)).toMatchObject([{ runs: { completed: 1 }, roundsToTarget: { n: 1 } }]);
  });

  it('gives rows by place and by point', async () => {
    const { id } = await start({ snrs: ['0 dB', '10 dB', '20 dB'], replicates: 1, idealTwins: true });
    const compared = await persistence.experiments.tradeoff(id);
    const indices = (rows: readonly TradeoffRow[] = []) => rows.map(({ pointIndex }) => pointIndex);
    expect([indices(compared?.rows(1, 3)), indices(compared?.rows(4, 9)), indices(compared?.rowsOf([3, 0, 9]))]).toEqual([
      [1, 2],
      [],
      [0, 3],
    ]);
    expect(compared?.outline.rowCount).toBe(4);
    expect(compared?.rows(0, 1)).toMatchObject([{ twinPointIndex: 3 }]);
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
    // Reaches 0.19 at round 30; never 0.2; diverges.
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
    // Passes the target before it diverges, which does not count.
    await end(high[0], DIVERGED, { trainLoss: [1, 0.18, NaN], newTasksAccuracy: [1, 1, 1] });
    await end(high[1], { kind: 'cancelled' }, {});

    const tradeoff = await tradeoffOf(persistence.experiments, id);
    expect(tradeoff).toMatchObject({ experimentId: id, name: 'by hand', targetTrainLoss: null });
    const rows = tradeoff?.rows ?? [];
    const points = await persistence.experiments.points(id);
    expect(rows.map(({ pointId, pointIndex, role, label, axes }) => ({ id: pointId, index: pointIndex, role, label, axes }))).toEqual(
      points.map(({ id, index, role, label, axes }) => ({ id, index, role, label, axes })),
    );
    expect(rows.map((row) => row.runs)).toEqual([
      { total: 3, completed: 2, diverged: 1, open: 0, missing: 0 },
      { total: 3, completed: 1, diverged: 0, open: 1, missing: 1 },
      { total: 3, completed: 0, diverged: 1, open: 1, missing: 1 },
      { total: 3, completed: 3, diverged: 0, open: 0, missing: 0 },
    ]);
    expect(rows.map((row) => row.pairs)).toEqual([
      { completed: 2, diverged: 1, twinDiverged: 0, unpaired: 0 },
      { completed: 1, diverged: 0, twinDiverged: 0, unpaired: 2 },
      { completed: 0, diverged: 1, twinDiverged: 0, unpaired: 2 },
      null,
    ]);

    // Of two values a, b the half-width is T1 |a - b| / 2.
    expect(rows[0]).toMatchObject({
      // (20, 30], and never within 100, twice: once censored, once diverged. Of the three, the second lies over 100.
      roundsToTarget: {
        ...{ n: 3, reached: 1, censored: 1, diverged: 1, horizon: 100, restrictedMean: bracket(220 / 3, 230 / 3) },
        median: { atLeast: 100, atMost: null, low: null, high: null },
      },
      trainLoss: cut(0.275, 0, 0.275 + (T1 * 0.25) / 2, 2),
      newAgentsLoss: null,
      newAgentsAccuracy: null,
      gapLoss: estimate(0.425, (T1 * 0.45) / 2, 2),
      gapAccuracy: null,
      // (20, 30] beside (20, 30], over 100 beside (0, 10], never beside (20, 30]: ratios of 2/3 to 3/2, over 10, over 10/3.
      extraRounds: {
        ...{ pairs: 3, reached: 1, censored: 1, diverged: 1, twinAtStart: 0, shareOf: 'none', difference: bracket(150 / 3, 190 / 3) },
        share: { atLeast: near(7 / 3), atMost: null, low: null, high: null },
      },
      newTasks: {
        last: { accuracy: cut(0.675, 0, 1, 2), loss: cut(0.7, 0, 0.7 + (T1 * 0.2) / 2, 2) },
        best: { accuracy: cut(0.725, 0.725 - (T1 * 0.05) / 2, 1, 2), loss: cut(0.65, 0.65 - (T1 * 0.1) / 2, 0.65 + (T1 * 0.1) / 2, 2) },
        target: { accuracy: estimate(0.6, null, 1), loss: estimate(0.8, null, 1) },
        earlyStop: { accuracy: cut(0.675, 0, 1, 2), loss: cut(0.7, 0, 0.7 + (T1 * 0.2) / 2, 2) },
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
      roundsToTarget: { n: 1, reached: 1, restrictedMean: { atLeast: 0, atMost: 10, low: null, high: null } },
      trainLoss: estimate(0.1, null, 1),
      newTasks: { last: NOTHING_SCORED, earlyStop: NOTHING_SCORED, best: { accuracy: null, loss: estimate(3, null, 1) } },
      gains: { last: NOTHING_SCORED, target: NOTHING_SCORED, best: { accuracy: null, loss: estimate(2.2, null, 1) } }, // 3 - 0.8
    });
    expect(rows[2]).toMatchObject({
      roundsToTarget: { n: 1, reached: 0, diverged: 1, restrictedMean: { atLeast: 100, atMost: 100, low: null, high: null } },
      trainLoss: null,
      newTasks: NOWHERE,
      gains: NOWHERE,
      extraRounds: { pairs: 1, reached: 0, diverged: 1, share: { atLeast: near(7 / 3), atMost: null, low: null, high: null } }, // over 100 beside 30
    });
    expect(rows[3]).toMatchObject({
      role: 'twin',
      roundsToTarget: { n: 3, reached: 3, censored: 0, restrictedMean: bracket(40 / 3, 70 / 3) }, // (20, 30], (0, 10] and (20, 30]
      trainLoss: cut(0.1, 0, 0.1 + (T2 * 0.1) / Math.sqrt(3), 3),
      gains: NOWHERE,
      extraRounds: null,
      pairs: null,
    });
    expect(rows.map(({ caveats }) => caveats.map(({ kind }) => kind))).toEqual([
      ['updateGain', 'diverged', 'censored'],
      ['updateGain', 'unpaired'],
      ['diverged', 'unpaired'],
      [],
    ]);
  });

  it('takes the specification’s own target before the twins’', async () => {
    const { id, claims } = await start({ replicates: 2, idealTwins: true, targetTrainLoss: 0.5 });
    await end(claims[0][0], COMPLETED, { trainLoss: [1, 0.5, 0.1] });
    await end(claims[0][1], COMPLETED, { trainLoss: [1, 0.9, 0.6] });
    await end(claims[1][0], COMPLETED, { trainLoss: [0.5, 0.4, 0.1] });
    expect(await tradeoffOf(persistence.experiments, id)).toMatchObject({
      targetTrainLoss: 0.5,
      rows: [
        // The twin is there at round 0, so that there is nothing to relate extra rounds to.
        {
          roundsToTarget: { n: 2, reached: 1, censored: 1, restrictedMean: bracket(50, 55) },
          extraRounds: { pairs: 1, reached: 1, twinAtStart: 1, share: null, shareOf: null },
        },
        { roundsToTarget: { n: 1, reached: 1, restrictedMean: bracket(0, 0) } },
      ],
    });
  });

  it('has no target without twins', async () => {
    const { id, claims } = await start({ replicates: 1, idealTwins: false });
    await end(claims[0][0], COMPLETED, { trainLoss: [1, 0.1], newTasksAccuracy: [0, 1] });
    expect(await rowsOf(id)).toMatchObject([
      { roundsToTarget: NO_TARGET, extraRounds: null, pairs: null, trainLoss: estimate(0.1, null, 1), gains: NOWHERE },
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
      { roundsToTarget: NO_TARGET, gains: { last: { accuracy: estimate(0.5, null, 1) } } },
      { roundsToTarget: NO_TARGET },
    ]);
  });

  it('has neither target nor gains while the twin has not completed', async () => {
    const { id, claims } = await start({ replicates: 1, idealTwins: true });
    await end(claims[0][0], COMPLETED, { trainLoss: [1, 0.1], newTasksAccuracy: [0, 1] });
    await end(claims[1][0], DIVERGED, { trainLoss: [1, 0.1], newTasksAccuracy: [0, 1] });
    const roundsToTarget = { ...NO_TARGET, withoutTarget: 1 };
    expect(await rowsOf(id)).toMatchObject([
      { roundsToTarget, extraRounds: { pairs: 0, withoutTarget: 1 }, gains: NOWHERE },
      { roundsToTarget, caveats: [{ kind: 'diverged' }] },
    ]);
  });

  it('has empty rows before anything has ended', async () => {
    const { id } = await start({ replicates: 2, idealTwins: true });
    const rows = await rowsOf(id);
    expect(rows.map((row) => row.runs)).toEqual(Array(2).fill({ total: 2, completed: 0, diverged: 0, open: 2, missing: 0 }));
    expect(rows[0]).toMatchObject({ roundsToTarget: NO_TARGET, trainLoss: null, newTasks: NOWHERE, gains: NOWHERE });
  });

  it('lets no diverged run be fast: 3 of 3 diverged have no rounds to target', async () => {
    const { id, claims } = await start({ replicates: 3, idealTwins: true });
    for (const twin of claims[1]) await end(twin, COMPLETED, { trainLoss: [1, 0.9, 0.5, 0.3, 0.1] });
    for (const run of claims[0]) await end(run, DIVERGED, { trainLoss: [1, 0.05, NaN] });
    const [row] = await rowsOf(id);
    expect(row.roundsToTarget).toMatchObject({ n: 3, reached: 0, diverged: 3, restrictedMean: { atLeast: 100, atMost: 100, high: 100 } });
    // Not one number of rounds: only that they were not there by 100, where the twins needed (30, 40].
    expect(row.roundsToTarget.median).toEqual({ atLeast: 100, atMost: null, low: null, high: null });
    expect(row.extraRounds).toMatchObject({
      pairs: 3,
      diverged: 3,
      reached: 0,
      share: { atLeast: 1.5, atMost: null, low: null, high: null },
    });
    expect(row.extraRounds?.difference).toMatchObject({ atLeast: 60, atMost: 70 });
    expect(row.extraRounds?.difference?.low).toBeGreaterThan(0); // slower
    const message = expect.stringContaining('3 runs diverged') as unknown;
    expect(row.caveats).toContainEqual({ kind: 'diverged', message });
    expect(row.gains).toEqual(NOWHERE);
  });

  it('gives no interval without width to what was looked at every 30 rounds', async () => {
    const { id, claims } = await start({ replicates: 3, idealTwins: false, targetTrainLoss: 0.5 });
    for (const run of claims[0]) await end(run, COMPLETED, { trainLoss: [1, 0.9, 0.8, 0.1] }); // all in (20, 30]
    const [{ roundsToTarget }] = await rowsOf(id);
    expect(roundsToTarget).toMatchObject({ n: 3, reached: 3, restrictedMean: { atLeast: 20, atMost: 30 } });
    const { low, high } = roundsToTarget.restrictedMean ?? { low: null, high: null };
    expect(low).toBeLessThanOrEqual(20);
    expect(high).toBeGreaterThanOrEqual(30);
    expect(roundsToTarget.median).toEqual({ atLeast: 20, atMost: 30, low: null, high: null });
  });

  it('stores figures when a run ends, and again when its twin ends', async () => {
    const { id, claims } = await start({ replicates: 1, idealTwins: true });
    const versions = async () =>
      (await database.query<{ version: number }>(`SELECT figures_version AS version FROM experiments`)).map(({ version }) => version);
    const stored = async () => (await database.query<{ n: number }>(`SELECT count(*)::int AS n FROM run_figures`))[0].n;
    await end(claims[0][0], COMPLETED, { trainLoss: [1, 0.5, 0.1] });
    expect(await stored()).toBe(1);
    expect(await rowsOf(id)).toMatchObject([{ roundsToTarget: NO_TARGET }, {}]);
    expect(await versions()).toEqual([FIGURES_VERSION]);
    await end(claims[1][0], COMPLETED, { trainLoss: [1, 0.2, 0.1] });
    expect([await stored(), await versions()]).toEqual([2, [FIGURES_VERSION]]);
    expect(await rowsOf(id)).toMatchObject([{ roundsToTarget: { n: 1, restrictedMean: bracket(10, 20) } }, {}]);
  });

  it('computes figures of an earlier version, or none, before it answers', async () => {
    const { id, claims } = await start({ replicates: 1, idealTwins: true });
    await end(claims[0][0], COMPLETED, { trainLoss: [1, 0.5, 0.1] });
    await end(claims[1][0], COMPLETED, { trainLoss: [1, 0.2, 0.1] });
    const answer = await rowsOf(id);
    await database.query(`UPDATE run_figures SET version = version - 1, values = '{}'`);
    expect(await rowsOf(id)).toEqual(answer);
    await database.query(`DELETE FROM run_figures`);
    await database.query(`UPDATE experiments SET figures_version = 0`);
    expect(await rowsOf(id)).toEqual(answer);
  });

  it('gives runs that end after an extension the target of the twins that ended before it', async () => {
    const { id, claims } = await start({ replicates: 2, idealTwins: true });
    for (const claim of claims[1]) await end(claim, COMPLETED, { trainLoss: [1, 0.2, 0.1] });
    for (const claim of claims[0]) await end(claim, COMPLETED, { trainLoss: [1, 0.5, 0.1] });
    const found = await persistence.experiments.find(id);
    const { expanded, origins } = extendExperiment(found?.specification ?? null, { values: { 'uplink.snr': ['20 dB'] } });
    await persistence.experiments.extend(id, {
      ...{ origins, extendedHash: found?.hash ?? '' },
      experiment: packExperiment(expanded, pointLabels(expanded.points)),
      dataFingerprints: expanded.points.map(() => null),
      replicateSeeds: planOf({ replicates: 2 }).replicateSeeds,
    });
    for (const claim of await admitAndClaim(persistence.runs, 10)) await end(claim, COMPLETED, { trainLoss: [1, 0.5, 0.1] });
    const arrived = { roundsToTarget: { n: 2, restrictedMean: bracket(10, 20) } };
    expect(await rowsOf(id)).toMatchObject([arrived, arrived, { runs: { completed: 2 } }]);
  });

  it('gives a run that ends under another version of the figures the target of its twin', async () => {
    const { id, claims } = await start({ replicates: 1, idealTwins: true });
    await end(claims[1][0], COMPLETED, { trainLoss: [1, 0.2, 0.1] });
    await database.query('UPDATE run_figures SET version = version - 1');
    await end(claims[0][0], COMPLETED, { trainLoss: [1, 0.5, 0.1] });
    expect(await rowsOf(id)).toMatchObject([{ roundsToTarget: { n: 1, restrictedMean: bracket(10, 20) } }, {}]);
  });

  it('forgets a target with the run that set it', async () => {
    const { id, claims } = await start({ replicates: 1, idealTwins: true });
    await end(claims[0][0], COMPLETED, { trainLoss: [1, 0.5, 0.1] });
    await end(claims[1][0], COMPLETED, { trainLoss: [1, 0.2, 0.1] });
    expect(await rowsOf(id)).toMatchObject([{ roundsToTarget: { n: 1 } }, {}]);
    await persistence.experiments.deleteRun(claims[1][0].runId);
    expect(await rowsOf(id)).toMatchObject([
      { roundsToTarget: NO_TARGET, pairs: { completed: 0, unpaired: 1 } },
      { runs: { total: 1, completed: 0, missing: 1 } },
    ]);
  });
});

describe('what a trade-off is against', () => {
  it('is said in the row when the update arrives smaller than the twin’s', async () => {
    const { id, claims } = await start({ replicates: 2, idealTwins: true });
    const course = { trainLoss: [1, 0.1], newTasksAccuracy: [0, 1] };
    for (const run of claims.flat()) await end(run, COMPLETED, course);
    const gainOf = async (runId: string, gain: number) => {
      await database.query(`DELETE FROM series WHERE run_id = $1 AND metric = 'updateGain'`, [runId]);
      await database.query(`INSERT INTO series VALUES ($1, 'updateGain', '{0, 10}', ARRAY[NULL, $2::float8])`, [runId, gain]);
    };
    for (const [index, run] of claims[0].entries()) await gainOf(run.runId, 0.38 + 0.02 * index);
    for (const twin of claims[1]) await gainOf(twin.runId, 1);
    await database.query('DELETE FROM run_figures');
    await database.query('UPDATE experiments SET figures_version = 0');
    const [row] = await rowsOf(id);
    expect(row.physical.updateGain).toMatchObject({ mean: near(0.39), n: 2 });
    expect(row.twinUpdateGain).toMatchObject({ mean: 1, n: 2 });
    expect(row.caveats).toEqual([
      {
        kind: 'updateGain',
        message:
          'The update arrives multiplied by 0.39 on average, that of the ideal twin by 1: a difference is that of a smaller step as well.',
      },
    ]);
  });

  it('is the gain-matched twin where there is one, and refused where there is none', async () => {
    const { id, claims } = await start({ snrs: ['0 dB', '10 dB'], replicates: 1, idealTwins: true });
    await expect(tradeoffOf(persistence.experiments, id, 'matched')).rejects.toThrow(NotComparableError);
    await expect(tradeoffOf(persistence.experiments, id, 'tuned')).rejects.toThrow(NotComparableError);
    // The second point as if it were the first one's matched twin.
    await database.query(`
      UPDATE points SET matched_twin_point_id = (SELECT id FROM points WHERE index = 1) WHERE index = 0`);
    await end(claims[0][0], COMPLETED, { trainLoss: [1, 0.1], newTasksAccuracy: [0.1, 0.7] });
    await end(claims[1][0], COMPLETED, { trainLoss: [1, 0.1], newTasksAccuracy: [0.1, 0.6] });
    await end(claims[2][0], COMPLETED, { trainLoss: [1, 0.1], newTasksAccuracy: [0.1, 0.9] });
    const gains = async (against: ComparedWith) =>
      (await tradeoffOf(persistence.experiments, id, against))?.rows.map((row) => row.gains.last.accuracy?.mean);
    expect(await gains('ideal')).toEqual([near(-0.2), near(-0.3), undefined]);
    expect(await gains('matched')).toEqual([near(0.1), undefined, undefined]);
  });

  it('is each side at its own tuned value, chosen on other replicates than those that judge', async () => {
    const { id, claims } = await start({ snrs: ['0 dB', '10 dB'], replicates: 3, idealTwins: true });
    // As if the axis were a step size that twins have too: two swept points and two twins.
    await database.query(`
      INSERT INTO points (id, experiment_id, index, role, label, axes, config, hash, twin_point_id)
      SELECT gen_random_uuid(), experiment_id, 3, role, 'twin 2', '{"step": 2}', config, 'h', NULL FROM points WHERE index = 2`);
    await database.query(`UPDATE points SET twin_point_id = id WHERE index = 3`);
    await database.query(`UPDATE points SET axes = '{"step": 1}' WHERE index IN (0, 2)`);
    await database.query(`
      UPDATE points SET axes = '{"step": 2}', twin_point_id = (SELECT id FROM points WHERE index = 3) WHERE index = 1`);
    await database.query(`
      INSERT INTO runs (id, experiment_id, point_id, replicate, seed, ordinal, rounds, computation, forced, state, dispatch, admitted_at, engine_version)
      SELECT gen_random_uuid(), experiment_id, (SELECT id FROM points WHERE index = 3), replicate, seed, ordinal + 100, rounds, sha256(seed::text::bytea), true, 'queued', 0, NULL, engine_version
      FROM runs WHERE point_id = (SELECT id FROM points WHERE index = 2)`);
    await database.query(`UPDATE experiments SET open_runs = open_runs + 3, run_count = run_count + 3, point_count = 4,
      specification = (specification::jsonb || '{"tune": {"axis": "step", "replicates": 1, "by": "new-tasks"}}')::json`);
    const second = await admitAndClaim(persistence.runs, 10);

    // On replicate 0 the point does best at step 2, and the twin at step 1; on the others the point would at step 1.
    const course = (loss: number, trainLoss: readonly number[]) => ({ trainLoss, newTasksLoss: [3, 3, loss] });
    const slow = [1, 0.5, 0.2];
    const fast = [1, 0.2, 0.1];
    for (const [replicate, loss] of [2, 0.5, 0.5].entries()) await end(claims[0][replicate], COMPLETED, course(loss, slow));
    for (const [replicate, loss] of [1, 1.5, 1.7].entries()) await end(claims[1][replicate], COMPLETED, course(loss, slow));
    for (const [replicate, loss] of [1, 1.2, 1.2].entries()) await end(claims[2][replicate], COMPLETED, course(loss, fast));
    for (const [replicate, loss] of [1.1, 0.1, 0.1].entries()) await end(second[replicate], COMPLETED, course(loss, [1, 0.9, 0.8]));

    const tradeoff = await tradeoffOf(persistence.experiments, id, 'tuned');
    expect(tradeoff).toMatchObject({
      against: 'tuned',
      tuning: { axis: 'step', chosenOn: 1, judgedOn: 2, by: 'new-tasks' },
      rows: [
        {
          ...{ pointIndex: 1, tuned: { value: 2, twinValue: 1 }, runs: { total: 2, completed: 2 } },
          ...{ pairs: { completed: 2, unpaired: 0 }, gains: { last: { loss: estimate(0.4, (T1 * 0.2) / 2, 2) } } },
          // The target is that of the tuned twin, 0.19, which 0.2 misses; its own twin's, 0.82, would be reached by round 10.
          roundsToTarget: { n: 2, reached: 0, censored: 2 },
        },
        { pointIndex: 2, pairs: null },
      ],
    });
  });
});
