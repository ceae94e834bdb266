import { packExperiment } from '@airmeta/lab';
import { expandExperiment, METRIC_NAMES } from '@airmeta/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { openPersistence, type Persistence } from '../src/index.js';
import { admitAndClaim, planOf, progressOf, recordOf } from './support/fixtures.js';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

let database: TestDatabase;
let persistence: Persistence;

beforeAll(async () => {
  database = await createTestDatabase();
  // A server in another time zone must not shift the times we read.
  const [{ name }] = await database.query<{ name: string }>('SELECT current_database() AS name');
  await database.query(`ALTER DATABASE ${name} SET TimeZone = 'Asia/Kolkata'`);
  persistence = await openPersistence({ connectionString: database.url });
});

afterAll(async () => {
  await persistence.close();
  await database.drop();
});

describe('create', () => {
  it('writes the experiment, its points and its runs', async () => {
    const plan = planOf({ name: 'a sweep', snrs: ['0 dB', '10 dB'], replicates: 3, idealTwins: true, targetTrainLoss: 0.5 });
    const created = (await persistence.experiments.create(plan)).summary;
    expect(created).toMatchObject({
      name: 'a sweep',
      description: null,
      state: 'running',
      hash: plan.expanded.hash,
      replicates: 3,
      pointCount: 3,
      runCount: 9,
      runs: { queued: 9, running: 0, completed: 0, diverged: 0, failed: 0, cancelled: 0 },
      roundsDone: 0,
      roundsTotal: 900,
      finishedAt: null,
    });
    expect(await persistence.experiments.find(created.id)).toEqual({ ...created, specification: plan.expanded.normalized });

    const points = await persistence.experiments.points(created.id);
    expect(points.map(({ role, label, axes, config, hash }) => ({ role, label, axes, config, hash }))).toEqual(
      plan.expanded.points.map(({ role, axes, config, hash }, index) => ({ role, label: `point ${index}`, axes, config, hash })),
    );
    expect(points.map((point) => point.twinPointId)).toEqual([points[2].id, points[2].id, points[2].id]);

    const { items } = await persistence.experiments.runs(created.id, {}, { limit: 20 });
    expect(items.map(({ pointId, replicate, seed }) => ({ pointId, replicate, seed }))).toEqual(
      plan.replicateSeeds.flatMap((seed, replicate) =>
        [points[2], points[0], points[1]].map((point) => ({ pointId: point.id, replicate, seed })),
      ),
    );
    expect(items[0]).toMatchObject({
      state: 'queued',
      fence: 0,
      round: 0,
      rounds: 100,
      engine: null,
      failure: null,
      workerId: null,
      startedAt: null,
      finishedAt: null,
    });
    expect(await persistence.experiments.findRun(items[4].id)).toEqual(items[4]);

    expect(await persistence.events.eventsAfter(created.id, 0, 10)).toMatchObject([
      { experimentId: created.id, sequence: 1, type: 'experiment-created', runId: null, data: { name: 'a sweep', points: 3, runs: 9 } },
    ]);
  });

  it('keeps the order of axes, which is the order of points', async () => {
    const expanded = expandExperiment({
      version: 1,
      name: 'order',
      base: { task: { family: 'sinusoid' }, uplink: { kind: 'over-the-air' } },
      sweep: { grid: { 'meta.innerStep': [0.1], 'uplink.snr': ['10 dB'], rounds: [5] } },
      idealTwins: false,
    });
    const { id } = (
      await persistence.experiments.create({ experiment: packExperiment(expanded, ['']), dataFingerprints: [null], replicateSeeds: [1] })
    ).summary;
    const [point] = await persistence.experiments.points(id);
    expect(Object.keys(point.axes)).toEqual(['meta.innerStep', 'uplink.snr', 'rounds']);
    const experiment = await persistence.experiments.find(id);
    expect(JSON.stringify(experiment?.specification)).toBe(JSON.stringify(expanded.normalized));
    expect(expandExperiment(experiment?.specification).hash).toBe(expanded.hash);
  });

  it('writes 10,000 runs', async () => {
    const plan = planOf({ snrs: Array.from({ length: 1000 }, (_, index) => `${index / 100} dB`), replicates: 10 });
    const { runs } = (await persistence.experiments.create(plan)).summary;
    expect(runs.queued).toBe(10_000);
  });

  it('tells the database’s time, whatever the server’s time zone', async () => {
    const { id, createdAt } = (await persistence.experiments.create(planOf())).summary;
    const [{ ms }] = await database.query<{ ms: number }>(
      'SELECT (extract(epoch FROM created_at) * 1000)::double precision AS ms FROM experiments WHERE id = $1',
      [id],
    );
    expect(createdAt.getTime()).toBe(ms);
    const [{ at }] = await persistence.events.eventsAfter(id, 0, 1);
    expect(at.getTime() - ms).toBeGreaterThanOrEqual(0);
    expect(at.getTime() - ms).toBeLessThan(60_000);
  });
});

describe('list', () => {
  it('pages through all experiments, newest first, also those of the same millisecond', async () => {
    await database.query('DELETE FROM experiments');
    const ids: string[] = [];
    for (let index = 0; index < 7; index++) ids.push((await persistence.experiments.create(planOf({ name: `${index}` }))).summary.id);
    await database.query('UPDATE experiments SET created_at = now() WHERE id = ANY ($1)', [ids.slice(2, 5)]);
    await database.query(`UPDATE experiments SET created_at = now() + interval '1 hour' WHERE id = ANY ($1)`, [ids.slice(5)]);

    const seen: string[] = [];
    for (let after: string | null | undefined; after !== null;) {
      const page = await persistence.experiments.list({ limit: 2, ...(after === undefined ? {} : { after }) });
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map((item) => item.id));
      after = page.nextCursor;
    }
    expect(new Set(seen.slice(0, 2))).toEqual(new Set(ids.slice(5)));
    expect(seen.slice(2, 5)).toEqual(ids.slice(2, 5).sort().reverse());
    expect(seen.slice(5)).toEqual([ids[1], ids[0]]);
  });

  it('has no next page when the last one is full', async () => {
    expect((await persistence.experiments.list({ limit: 7 })).nextCursor).toBeNull();
    expect((await persistence.experiments.list({ limit: 6 })).nextCursor).not.toBeNull();
  });

  it.each([
    '',
    'nonsense',
    Buffer.from('1 2').toString('base64url'),
    Buffer.from(`2026-01-01T00:00:00.000Z ${UNKNOWN} x`).toString('base64url'),
  ])('refuses the cursor %j', async (after) => {
    await expect(persistence.experiments.list({ limit: 2, after })).rejects.toMatchObject({ code: 'invalid-cursor' });
    await expect(persistence.experiments.runs(UNKNOWN, {}, { limit: 2, after })).rejects.toMatchObject({ code: 'invalid-cursor' });
  });
});

describe('runs', () => {
  it('pages in run order, of one point or one state when asked', async () => {
    const { id } = (await persistence.experiments.create(planOf({ snrs: ['0 dB', '5 dB', '10 dB'], replicates: 2 }))).summary;
    const { items: all } = await persistence.experiments.runs(id, {}, { limit: 100 });
    expect(all).toHaveLength(6);
    const first = await persistence.experiments.runs(id, {}, { limit: 4 });
    const second = await persistence.experiments.runs(id, {}, { limit: 4, after: first.nextCursor ?? '' });
    expect([...first.items, ...second.items]).toEqual(all);
    expect(second.nextCursor).toBeNull();

    const { pointId } = all[2];
    expect((await persistence.experiments.runs(id, { pointId }, { limit: 9 })).items).toEqual([all[2], all[5]]);
    await database.query(`UPDATE runs SET state = 'completed', finished_at = now() WHERE id = ANY ($1)`, [[all[1].id, all[5].id]]);
    const completed = await persistence.experiments.runs(id, { state: 'completed' }, { limit: 9 });
    expect(completed.items.map((run) => run.id)).toEqual([all[1].id, all[5].id]);
    expect((await persistence.experiments.runs(id, { state: 'completed', pointId }, { limit: 9 })).items.map((run) => run.id)).toEqual([
      all[5].id,
    ]);
    await database.query('DELETE FROM experiments WHERE id = $1', [id]);
    expect(await persistence.experiments.findRun(all[0].id)).toBeUndefined();
  });
});

describe('series', () => {
  it('come in the order asked for, with null where there is no number', async () => {
    await persistence.experiments.create(planOf({ replicates: 2 }));
    const claims = await admitAndClaim(persistence.runs, 100);
    const runIds = claims
      .slice(0, 2)
      .map((claim) => claim.runId)
      .reverse();
    for (const [index, claim] of claims.entries()) {
      const records = [
        recordOf(0, { trainLoss: 1 + index, newTasksLoss: 0.1 + 0.2, trainAccuracy: null }),
        recordOf(50, { trainLoss: Infinity, newTasksLoss: NaN, trainAccuracy: -1e-300 }),
      ];
      await persistence.runs.report(claim, progressOf(50, ...records), 1000);
    }
    expect(await persistence.experiments.series(runIds, ['newTasksLoss', 'trainLoss', 'trainAccuracy'])).toEqual([
      { runId: runIds[0], metric: 'trainLoss', rounds: [0, 50], values: [2, null] },
      { runId: runIds[0], metric: 'trainAccuracy', rounds: [0, 50], values: [null, -1e-300] },
      { runId: runIds[0], metric: 'newTasksLoss', rounds: [0, 50], values: [0.1 + 0.2, null] },
      { runId: runIds[1], metric: 'trainLoss', rounds: [0, 50], values: [1, null] },
      { runId: runIds[1], metric: 'trainAccuracy', rounds: [0, 50], values: [null, -1e-300] },
      { runId: runIds[1], metric: 'newTasksLoss', rounds: [0, 50], values: [0.1 + 0.2, null] },
    ]);
    expect(await persistence.experiments.series(runIds)).toHaveLength(2 * METRIC_NAMES.length);
    expect(await persistence.experiments.series([])).toEqual([]);
  });
});

describe('what does not exist', () => {
  it.each([UNKNOWN, 'not a uuid', ''])('%j is nothing', async (id) => {
    expect(await persistence.experiments.find(id)).toBeUndefined();
    expect(await persistence.experiments.points(id)).toEqual([]);
    expect(await persistence.experiments.runs(id, {}, { limit: 5 })).toEqual({ items: [], nextCursor: null });
    expect(await persistence.experiments.findRun(id)).toBeUndefined();
    expect(await persistence.experiments.series([id])).toEqual([]);
    expect(await persistence.experiments.tradeoff(id)).toBeUndefined();
    expect(await persistence.experiments.cancel(id)).toBeUndefined();
    expect(await persistence.events.eventsAfter(id, 0, 5)).toEqual([]);
  });
});
