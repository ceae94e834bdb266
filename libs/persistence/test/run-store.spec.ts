import type { ExperimentEvent } from '@airmeta/lab';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { openPersistence, type Persistence } from '../src/index.js';
import {
  admitAndClaim,
  claim,
  curveOf,
  LEASE_MS,
  NOTHING,
  planOf,
  progressOf,
  putOffForLong,
  recordOf,
  WORKER,
  type PlanOptions,
} from './support/fixtures.js';

const COMPLETED = { kind: 'completed', rounds: 100 } as const;
const ENDED_LEASE_MS = -1000;
const NO_PARAMETERS = { parameters: new Float32Array(0), tensors: [] };
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

let database: TestDatabase;
let persistence: Persistence;
let other: Persistence;

beforeAll(async () => {
  database = await createTestDatabase();
  persistence = await openPersistence({ connectionString: database.url });
  other = await openPersistence({ connectionString: database.url, poolSize: 4 });
});

beforeEach(() => database.query('TRUNCATE experiments, workers CASCADE'));

afterAll(async () => {
  await Promise.all([persistence.close(), other.close()]);
  await database.drop();
});

async function create(options: PlanOptions = {}): Promise<{ id: string; runIds: string[] }> {
  const {
    summary: { id, runCount },
  } = await persistence.experiments.create(planOf(options));
  const { items } = await persistence.experiments.runs(id, {}, { limit: runCount });
  return { id, runIds: items.map((run) => run.id) };
}

/** All events, after checking that they are numbered without a gap and that their times ascend. */
async function eventsOf(id: string): Promise<ExperimentEvent[]> {
  const events = await persistence.events.eventsAfter(id, 0, 10_000);
  expect(events.map((event) => event.sequence)).toEqual(events.map((_, index) => index + 1));
  const times = events.map((event) => event.at.getTime());
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  return events;
}

async function typesOf(id: string): Promise<string[]> {
  return (await eventsOf(id)).map((event) => event.type);
}

/** As if the time that lost attempts put runs off had passed. */
async function whenPutOffRunsMayStart(): Promise<void> {
  await database.query('UPDATE runs SET not_before = NULL');
}

async function queuedRuns(): Promise<number> {
  return (await database.query(`SELECT 1 FROM runs WHERE state = 'queued'`)).length;
}

describe('admit', () => {
  it('lets experiments take turns, oldest first, each in run order', async () => {
    const old = await create({ replicates: 5 });
    const young = await create({ replicates: 3 });
    const admitted = await persistence.runs.admit(5);
    expect(admitted.map(({ runId }) => runId)).toEqual([old.runIds[0], young.runIds[0], old.runIds[1], young.runIds[1], old.runIds[2]]);
    expect(admitted.every(({ dispatch }) => dispatch === 1)).toBe(true);
    expect((await persistence.runs.admit(9)).map(({ runId }) => runId)).toEqual([young.runIds[2], old.runIds[3], old.runIds[4]]);
    expect(await persistence.runs.admit(9)).toEqual([]);
  });

  it('lets them take turns one by one, too: the one with the fewest runs in flight is next', async () => {
    const old = await create({ replicates: 6 });
    await admitAndClaim(persistence.runs, 3);
    const young = await create({ replicates: 6 });
    const admitted: string[] = [];
    for (let turn = 0; turn < 6; turn++) admitted.push((await persistence.runs.admit(1))[0].runId);
    const [a, b] = [old.runIds, young.runIds];
    expect(admitted).toEqual([b[0], b[1], b[2], a[3], b[3], a[4]]);
  });

  it('never admits a run twice, whoever asks', async () => {
    await create({ replicates: 40 });
    await create({ replicates: 20 });
    const batches = await Promise.all(Array.from({ length: 16 }, (_, index) => (index % 2 === 0 ? persistence : other).runs.admit(4)));
    expect(batches.every((batch) => batch.length === 4 || batch.length === 0)).toBe(true);
    const runIds = batches.flat().map(({ runId }) => runId);
    expect(runIds).toHaveLength(60);
    expect(new Set(runIds).size).toBe(60);
  });

  it('leaves cancelled experiments alone', async () => {
    const { id } = await create({ replicates: 2 });
    await persistence.experiments.cancel(id);
    expect(await persistence.runs.admit(5)).toEqual([]);
  });

  it('looks at few of the runs that are queued, even before the planner knows about them', { timeout: 300_000 }, async () => {
    const own = await createTestDatabase(); // nobody else's reads are counted there
    try {
      await own.query('ALTER TABLE runs SET (autovacuum_enabled = off)');
      /** Works with connections of its own and ends them, as it is then that PostgreSQL has counted all that they read. */
      const rowsRead = async (work: (persistence: Persistence) => Promise<unknown>): Promise<number> => {
        const url = new URL(own.url);
        url.searchParams.set('application_name', 'counted');
        const counted = await openPersistence({ connectionString: url.href });
        await work(counted);
        await counted.close();
        await expect
          .poll(() => own.query(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'counted'`))
          .toEqual([]);
        const [{ rows }] = await own.query<{ rows: number }>(
          `SELECT (seq_tup_read + idx_tup_fetch)::int AS rows FROM pg_stat_user_tables WHERE relname = 'runs'`,
        );
        return rows;
      };
      const before = await rowsRead(({ experiments }) =>
        experiments.create(planOf({ snrs: Array.from({ length: 500 }, (_, index) => `${index / 100} dB`), replicates: 100 })),
      );
      const after = await rowsRead(async ({ runs }) => {
        for (let index = 0; index < 9; index++) expect(await runs.admit(8)).toHaveLength(8);
      });
      expect(after - before).toBeLessThan(5_000); // of 50,000, by nine admissions; 516 when this was written
    } finally {
      await own.drop();
    }
  });

  it('is remembered in the order in which runs were admitted, whatever order the plan writes them in', async () => {
    await create({ replicates: 400 });
    const url = new URL(database.url);
    url.searchParams.set('options', '-c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off');
    const planned = await openPersistence({ connectionString: url.href });
    const admitted = await planned.runs.admit(300);
    expect(admitted).toHaveLength(300);
    expect(await planned.runs.admitted()).toEqual(admitted);
    await planned.close();
  });

  it('is remembered until the run starts, and can be taken back', async () => {
    const { runIds } = await create({ replicates: 3 });
    const admitted = await persistence.runs.admit(3);
    expect(await persistence.runs.admitted()).toEqual(admitted);
    await claim(persistence.runs, admitted[0]);
    expect(await persistence.runs.admitted()).toEqual(admitted.slice(1));

    expect(await persistence.runs.readmit(admitted.slice(0, 2))).toBe(1);
    expect(await persistence.runs.claim(admitted[1], WORKER, LEASE_MS)).toBeUndefined();
    expect(await persistence.runs.admit(5)).toEqual([{ runId: runIds[1], dispatch: 2 }]);
    expect(await persistence.runs.readmit([admitted[1], { runId: UNKNOWN, dispatch: 1 }, { runId: 'x', dispatch: 1 }])).toBe(0);
    expect(await persistence.runs.claim(admitted[1], WORKER, LEASE_MS)).toBeUndefined();
  });
});

describe('claim', () => {
  it('is granted once', async () => {
    const { id, runIds } = await create();
    const [admission] = await persistence.runs.admit(1);
    const claims = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? persistence : other).runs.claim(admission, { ...WORKER, id: `w${index}` }, LEASE_MS),
      ),
    );
    const granted = claims.filter((one) => one !== undefined);
    expect(granted).toHaveLength(1);
    const [point] = await persistence.experiments.points(id);
    expect(granted[0]).toEqual({
      checkpoint: null,
      dataFingerprint: null,
      runId: runIds[0],
      experimentId: id,
      fence: 1,
      losses: 0,
      seed: Number.MAX_SAFE_INTEGER,
      config: point.config,
    });
    expect(await persistence.experiments.findRun(runIds[0])).toMatchObject({
      state: 'running',
      fence: 1,
      engine: WORKER.engine,
      workerId: `w${claims.findIndex((one) => one !== undefined)}`,
      startedAt: expect.any(Date) as Date,
    });
    expect(await typesOf(id)).toEqual(['experiment-created', 'run-started']);
  });

  it('is refused without an admission, or with an old one', async () => {
    const { runIds } = await create();
    expect(await persistence.runs.claim({ runId: runIds[0], dispatch: 0 }, WORKER, LEASE_MS)).toBeUndefined();
    const [{ dispatch }] = await persistence.runs.admit(1);
    for (const wrong of [
      { runId: runIds[0], dispatch: dispatch + 1 },
      { runId: UNKNOWN, dispatch },
      { runId: 'x', dispatch },
    ]) {
      expect(await persistence.runs.claim(wrong, WORKER, LEASE_MS)).toBeUndefined();
    }
  });

  it('starts over: series and progress of an earlier attempt are dropped', async () => {
    const { runIds } = await create();
    const [first] = await admitAndClaim(persistence.runs, 1);
    await persistence.runs.report(first, progressOf(50, recordOf(0, { trainLoss: 1 }), recordOf(50, { trainLoss: 0.5 })), LEASE_MS);
    expect(await persistence.runs.release(first, 'stopping', NOTHING)).toBe(true);
    const [second] = await admitAndClaim(persistence.runs, 1);
    expect(second.fence).toBe(2);
    expect(await persistence.experiments.series(runIds)).toEqual([]);
    expect(await persistence.experiments.findRun(runIds[0])).toMatchObject({ round: 0, fence: 2 });
    await persistence.runs.report(second, progressOf(0, recordOf(0, { trainLoss: 2 })), LEASE_MS);
    expect(await persistence.experiments.series(runIds, ['trainLoss'])).toMatchObject([{ rounds: [0], values: [2] }]);
  });
});

describe('report', () => {
  it('appends each record once, however often it is sent', async () => {
    const { runIds } = await create();
    const [held] = await admitAndClaim(persistence.runs, 1);
    const records = [0, 10, 20, 30].map((round) => recordOf(round, { trainLoss: round / 10 }));
    const send = (from: number, to: number) =>
      persistence.runs.report(held, progressOf(records[to - 1].round, ...records.slice(from, to)), LEASE_MS);
    expect(await send(0, 2)).toBe('held');
    expect(await send(0, 2)).toBe('held');
    expect(await send(1, 3)).toBe('held');
    expect(await send(0, 1)).toBe('held');
    expect(await Promise.all([send(2, 4), send(2, 4), send(2, 4)])).toEqual(['held', 'held', 'held']);
    expect(await persistence.experiments.series(runIds, ['trainLoss', 'trainAccuracy'])).toMatchObject([
      { metric: 'trainLoss', rounds: [0, 10, 20, 30], values: [0, 1, 2, 3] },
      { metric: 'trainAccuracy', rounds: [0, 10, 20, 30], values: [null, null, null, null] },
    ]);
    expect(await persistence.runs.report(held, progressOf(25), LEASE_MS)).toBe('held');
    expect(await persistence.experiments.findRun(runIds[0])).toMatchObject({ round: 30 });
  });

  it('renews the lease, and says when to stop', async () => {
    const { id } = await create();
    const [held] = await admitAndClaim(persistence.runs, 1, ENDED_LEASE_MS);
    expect(await persistence.runs.report(held, NOTHING, LEASE_MS)).toBe('held');
    expect(await persistence.runs.recoverStale(3)).toEqual({ requeued: 0, cancelled: 0, failed: 0 });
    await persistence.experiments.cancel(id);
    expect(await persistence.runs.report(held, NOTHING, LEASE_MS)).toBe('cancel-requested');
    expect(await persistence.runs.report({ ...held, fence: 2 }, NOTHING, LEASE_MS)).toBe('lost');
    expect(await persistence.runs.report({ runId: 'x', fence: 1 }, NOTHING, LEASE_MS)).toBe('lost');
  });
});

describe('a claim that is lost', () => {
  it('writes nothing', async () => {
    const { id, runIds } = await create({ replicates: 2 });
    const [stale] = await admitAndClaim(persistence.runs, 1, ENDED_LEASE_MS);
    expect(await persistence.runs.recoverStale(3)).toEqual({ requeued: 1, cancelled: 0, failed: 0 });
    await admitAndClaim(persistence.runs, 1);
    const before = await Promise.all([persistence.experiments.findRun(runIds[0]), persistence.experiments.find(id), eventsOf(id)]);

    const progress = progressOf(90, recordOf(90, { trainLoss: 9 }));
    expect(await persistence.runs.report(stale, progress, LEASE_MS)).toBe('lost');
    expect(await persistence.runs.finish(stale, COMPLETED, progress)).toBe(false);
    expect(await persistence.runs.finish(stale, { kind: 'failed', failure: { code: 'x', message: '' } }, progress)).toBe(false);
    expect(await persistence.runs.release(stale, 'stopping', NOTHING)).toBe(false);

    expect(await Promise.all([persistence.experiments.findRun(runIds[0]), persistence.experiments.find(id), eventsOf(id)])).toEqual(before);
    expect(await persistence.experiments.series(runIds)).toEqual([]);
  });

  it('cannot be finished twice', async () => {
    const { id } = await create();
    const [held] = await admitAndClaim(persistence.runs, 1);
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => other.runs.finish(held, COMPLETED, NOTHING)));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(await typesOf(id)).toEqual(['experiment-created', 'run-started', 'run-completed', 'experiment-finished']);
  });
});

describe('finish', () => {
  it('stores how the run ended', async () => {
    const { id, runIds } = await create({ replicates: 4 });
    const claims = await admitAndClaim(persistence.runs, 4);
    const failure = { code: 'dataset-missing', message: 'no \0 such \ud800 folder' };
    await persistence.runs.report(claims[0], progressOf(0, recordOf(0, { trainLoss: 1 })), LEASE_MS);
    await persistence.runs.finish(claims[0], COMPLETED, progressOf(100, recordOf(0, { trainLoss: 1 }), recordOf(100, { trainLoss: 0.5 })));
    await persistence.runs.finish(claims[1], { kind: 'diverged', round: 7, reason: 'the loss is not finite' }, progressOf(6));
    await persistence.runs.finish(claims[2], { kind: 'failed', failure }, NOTHING);
    await persistence.runs.finish(claims[3], { kind: 'cancelled' }, NOTHING);

    const { items } = await persistence.experiments.runs(id, {}, { limit: 9 });
    expect(items.map(({ state, failure, round }) => ({ state, failure, round }))).toEqual([
      { state: 'completed', failure: null, round: 100 },
      { state: 'diverged', failure: { code: 'divergence', message: 'the loss is not finite', round: 7 }, round: 6 },
      { state: 'failed', failure, round: 0 },
      { state: 'cancelled', failure: null, round: 0 },
    ]);
    expect(items.every((run) => run.finishedAt !== null)).toBe(true);
    expect(await persistence.experiments.series([runIds[0]], ['trainLoss'])).toMatchObject([{ rounds: [0, 100], values: [1, 0.5] }]);
    expect(await persistence.experiments.find(id)).toMatchObject({
      state: 'finished',
      runs: { queued: 0, running: 0, completed: 1, diverged: 1, failed: 1, cancelled: 1 },
      roundsDone: 106,
      roundsTotal: 400,
      finishedAt: expect.any(Date) as Date,
    });
    expect((await eventsOf(id)).slice(5)).toMatchObject([
      { type: 'run-completed', runId: runIds[0], data: { replicate: 0, round: 100 } },
      { type: 'run-diverged', runId: runIds[1], data: { failure: { code: 'divergence', round: 7 } } },
      { type: 'run-failed', runId: runIds[2], data: { failure } },
      { type: 'run-cancelled', runId: runIds[3] },
      { type: 'experiment-finished', runId: null, data: { state: 'finished' } },
    ]);
  });

  it('stores what is to be known of a run that completed', async () => {
    const { id } = await create({ replicates: 1 });
    const [claim] = await admitAndClaim(persistence.runs, 1);
    const warning = { code: 'nobody-sent', message: 'no agent sent anything' } as const;
    await persistence.runs.finish(claim, { ...COMPLETED, warning }, progressOf(100, recordOf(100, { trainLoss: 1 })));
    const { items } = await persistence.experiments.runs(id, {}, { limit: 9 });
    expect(items).toMatchObject([{ state: 'completed', failure: warning, round: 100 }]);
    expect(await persistence.experiments.find(id)).toMatchObject({ state: 'finished', runs: { completed: 1, failed: 0 } });
  });

  it('stores the fine-tuning curves of runs that completed or diverged, number by number, and of no others', async () => {
    const { runIds } = await create({ replicates: 4 });
    const claims = await admitAndClaim(persistence.runs, 4);
    const curves = (['last', 'best'] as const).flatMap((at) => [curveOf(at, 'train', 'loss'), curveOf(at, 'newTasks', 'accuracy')]);
    const progress = { ...progressOf(100), trained: { ...NO_PARAMETERS, round: 100, fineTuning: curves } };
    await persistence.runs.finish(claims[0], COMPLETED, progress);
    await persistence.runs.finish(claims[1], { kind: 'diverged', round: 101, reason: 'the loss is not finite' }, progress);
    await persistence.runs.finish(claims[2], { kind: 'cancelled' }, progress);
    expect(await persistence.runs.finish({ ...claims[3], fence: 9 }, COMPLETED, progress)).toBe(false);
    expect(await persistence.experiments.fineTuning([...runIds.toReversed(), 'no id', UNKNOWN])).toEqual([
      { runId: runIds[1], curves },
      { runId: runIds[0], curves },
    ]);
  });

  describe('parameters', () => {
    const tensors = [
      { name: 'layers.0.weight', shape: [1, 2] },
      { name: 'layers.0.bias', shape: [1] },
    ];
    const trained = { round: 90, parameters: Float32Array.of(1, -0.1, 1e-45), tensors, fineTuning: [] };
    const keptBytes = async () =>
      Number((await database.query<{ kept_bytes: string }>('SELECT kept_bytes FROM experiments'))[0].kept_bytes);

    it('are kept, to the bit, with where they come from', async () => {
      const { id, runIds } = await create({ replicates: 2 });
      const claims = await admitAndClaim(persistence.runs, 2);
      expect(await persistence.experiments.parameters(runIds[0])).toBeUndefined();
      await persistence.runs.finish(claims[0], COMPLETED, { ...progressOf(100), engine: 'test 2', trained });
      await persistence.runs.finish(claims[1], { kind: 'failed', failure: { code: 'x', message: '' } }, { ...progressOf(100), trained });
      const [point] = await persistence.experiments.points(id);
      const experiment = await persistence.experiments.find(id);
      expect(await persistence.experiments.parameters(runIds[0])).toEqual({
        origin: {
          ...{ dataFingerprint: null, integrity: 'verified' },
          ...{ run: runIds[0], specificationHash: experiment?.hash, pointHash: point.hash, seed: Number.MAX_SAFE_INTEGER },
          ...{ round: 90, engine: 'test 2', config: point.config },
        },
        tensors,
        parameters: trained.parameters,
      });
      for (const other of [runIds[1], UNKNOWN, 'no id']) expect(await persistence.experiments.parameters(other)).toBeUndefined();
      expect(await keptBytes()).toBe(12);
    });

    it('are let go where an experiment has kept enough, or a run has too many; the run ends all the same', async () => {
      const { runIds } = await create({ replicates: 3 });
      const claims = await admitAndClaim(persistence.runs, 3);
      const large = { ...trained, parameters: new Float32Array(2 ** 24 + 1) };
      expect(await persistence.runs.finish(claims[0], COMPLETED, { ...progressOf(100), trained: large })).toBe(true);
      await database.query('UPDATE experiments SET kept_bytes = 4294967296 - 12');
      for (const claimed of claims.slice(1)) {
        expect(await persistence.runs.finish(claimed, COMPLETED, { ...progressOf(100), trained })).toBe(true);
      }
      const kept = await Promise.all(runIds.map(async (runId) => (await persistence.experiments.parameters(runId)) !== undefined));
      expect(kept).toEqual([false, true, false]);
      expect(await keptBytes()).toBe(4294967296);
    });
  });

  it('counts down exactly, and finishes the experiment once, when all end together', async () => {
    const { id } = await create({ replicates: 40 });
    const claims = await admitAndClaim(persistence.runs, 40);
    const seen: number[] = [];
    const finishing = Promise.all(
      claims.map((held, index) => (index % 2 === 0 ? persistence : other).runs.finish(held, COMPLETED, progressOf(100))),
    );
    // A reader that follows along never sees a later event before an earlier one.
    while (seen.at(-1) !== 82) seen.push(...(await other.events.eventsAfter(id, seen.at(-1) ?? 0, 7)).map((event) => event.sequence));
    expect(await finishing).toEqual(claims.map(() => true));
    expect(seen).toEqual(Array.from({ length: 82 }, (_, index) => index + 1));
    const types = await typesOf(id);
    expect(types.filter((type) => type === 'run-completed')).toHaveLength(40);
    expect(types.filter((type) => type === 'experiment-finished')).toHaveLength(1);
    expect(types.at(-1)).toBe('experiment-finished');
    expect(await persistence.experiments.find(id)).toMatchObject({ state: 'finished', runs: { completed: 40 } });
  });
});

describe('cancel', () => {
  it('ends an experiment at once when nothing runs', async () => {
    const { id } = await create({ replicates: 3 });
    const [admission] = await persistence.runs.admit(1);
    const cancelled = await persistence.experiments.cancel(id);
    expect(cancelled).toMatchObject({ id, state: 'cancelled', runs: { queued: 0, cancelled: 3 } });
    expect(await persistence.experiments.cancel(id)).toEqual(cancelled);
    expect(await persistence.runs.claim(admission, WORKER, LEASE_MS)).toBeUndefined();
    expect(await persistence.runs.admitted()).toEqual([]);
    expect(await eventsOf(id)).toMatchObject([
      { type: 'experiment-created' },
      { type: 'experiment-cancel-requested' },
      { type: 'run-cancelled', runId: null, data: { count: 3 } },
      { type: 'experiment-finished', data: { state: 'cancelled' } },
    ]);
  });

  it('waits for running runs, which count as what they become', async () => {
    const { id, runIds } = await create({ replicates: 5 });
    const [first, second, third, fourth] = await admitAndClaim(persistence.runs, 4);
    await persistence.runs.report(fourth, NOTHING, ENDED_LEASE_MS);
    expect(await persistence.experiments.cancel(id)).toMatchObject({
      state: 'running',
      runs: { running: 4, cancelled: 1 },
      finishedAt: null,
    });
    expect(await persistence.runs.finish(first, COMPLETED, progressOf(100))).toBe(true);
    expect(await persistence.runs.finish(second, { kind: 'cancelled' }, NOTHING)).toBe(true);
    expect(await persistence.runs.recoverStale(3)).toEqual({ requeued: 0, cancelled: 1, failed: 0 });
    expect(await persistence.experiments.find(id)).toMatchObject({ state: 'running' });
    expect(await persistence.runs.release(third, 'stopping', NOTHING)).toBe(true);
    expect(await persistence.experiments.find(id)).toMatchObject({ state: 'cancelled', runs: { completed: 1, cancelled: 4 } });
    expect((await eventsOf(id)).slice(5).map(({ type, runId }) => ({ type, runId }))).toEqual([
      { type: 'experiment-cancel-requested', runId: null },
      { type: 'run-cancelled', runId: null },
      { type: 'run-completed', runId: runIds[0] },
      { type: 'run-cancelled', runId: runIds[1] },
      { type: 'run-cancelled', runId: runIds[3] },
      { type: 'run-cancelled', runId: runIds[2] },
      { type: 'experiment-finished', runId: null },
    ]);
  });

  it.each(['cancel', 'release'] as const)(
    'leaves no queued run behind when a worker lets go at the same moment (%s first)',
    async (first) => {
      const { id, runIds } = await create();
      const [held] = await admitAndClaim(persistence.runs, 1);
      const actions = { cancel: () => persistence.experiments.cancel(id), release: () => other.runs.release(held, 'stopping', NOTHING) };
      const second = first === 'cancel' ? 'release' : 'cancel';

      const gate = new pg.Client({ connectionString: database.url });
      await gate.connect();
      await gate.query('BEGIN');
      await gate.query('SELECT 1 FROM experiments FOR UPDATE');
      const waiting = async (count: number): Promise<void> => {
        const sql = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
        while ((await database.query(sql)).length < count);
      };
      const started = [actions[first]()] as Promise<unknown>[];
      await waiting(1);
      started.push(actions[second]());
      await waiting(2);
      await gate.query('COMMIT');
      await gate.end();
      await Promise.all(started);

      expect(await persistence.experiments.find(id)).toMatchObject({ state: 'cancelled', runs: { queued: 0, running: 0, cancelled: 1 } });
      expect(await persistence.experiments.findRun(runIds[0])).toMatchObject({ state: 'cancelled' });
      expect((await typesOf(id)).at(-1)).toBe('experiment-finished');
    },
  );

  it('leaves a finished experiment as it is', async () => {
    const { id } = await create();
    const [held] = await admitAndClaim(persistence.runs, 1);
    await persistence.runs.finish(held, COMPLETED, NOTHING);
    expect(await persistence.experiments.cancel(id)).toMatchObject({ state: 'finished' });
    expect(await typesOf(id)).not.toContain('experiment-cancel-requested');
  });
});

describe('recoverStale', () => {
  it('gives a run back until it has been claimed often enough', async () => {
    const { id, runIds } = await create();
    for (const attempt of [1, 2]) {
      expect((await admitAndClaim(persistence.runs, 1, ENDED_LEASE_MS))[0]).toMatchObject({ fence: attempt });
      expect(await persistence.runs.recoverStale(3)).toEqual({ requeued: 1, cancelled: 0, failed: 0 });
      expect(await persistence.experiments.findRun(runIds[0])).toMatchObject({
        state: 'queued',
        workerId: null,
        round: 0,
        losses: attempt,
      });
    }
    await putOffForLong(database); // by the second loss
    expect(await persistence.runs.admit(1)).toEqual([]);
    expect(await persistence.experiments.waitOf(runIds[0])).toMatchObject({ notBefore: expect.any(Date) as Date });
    await whenPutOffRunsMayStart();
    await admitAndClaim(persistence.runs, 1, ENDED_LEASE_MS);
    const outcomes = await Promise.all([persistence.runs.recoverStale(3), other.runs.recoverStale(3)]);
    expect(outcomes).toContainEqual({ requeued: 0, cancelled: 0, failed: 1 });
    expect(outcomes).toContainEqual({ requeued: 0, cancelled: 0, failed: 0 });
    expect(await persistence.experiments.findRun(runIds[0])).toMatchObject({ state: 'failed', failure: { code: 'lease-expired' } });
    expect(await persistence.experiments.find(id)).toMatchObject({ state: 'finished', runs: { failed: 1 } });
    const requeued = (await eventsOf(id)).filter((event) => event.type === 'run-requeued');
    expect(requeued.map((event) => event.data)).toEqual([
      { reason: 'lease-expired', fence: 1 },
      { reason: 'lease-expired', fence: 2 },
    ]);
  });
});

describe('everything at once', () => {
  it('neither deadlocks nor loses a run nor an event', async () => {
    const experiments = await Promise.all([30, 20, 10].map((replicates) => create({ replicates })));
    const stores = [persistence, other];
    const work = async (who: number): Promise<void> => {
      const { runs } = stores[who % 2];
      for (let idle = 0; idle < 3;) {
        const admissions = await runs.admit(3);
        idle = admissions.length === 0 ? idle + 1 : 0;
        for (const [index, admission] of admissions.entries()) {
          const action = (who + index + admission.dispatch) % 5;
          if (action === 0 && admission.dispatch < 3) {
            await runs.readmit([admission]);
            continue;
          }
          const held = await runs.claim(admission, WORKER, action === 1 ? ENDED_LEASE_MS : LEASE_MS);
          if (held === undefined || action === 1) continue;
          await runs.report(held, progressOf(10, recordOf(10, { trainLoss: 1 })), LEASE_MS);
          if (action === 2 && held.fence < 3) await runs.release(held, 'stopping', NOTHING);
          else await runs.finish(held, COMPLETED, progressOf(100));
        }
        await runs.recoverStale(4);
      }
    };
    const working = Promise.all(Array.from({ length: 8 }, (_, who) => work(who)));
    const cancelling = Promise.all(stores.map((store) => store.experiments.cancel(experiments[0].id)));
    await Promise.all([working, cancelling]);
    do {
      await whenPutOffRunsMayStart();
      await work(4);
    } while ((await persistence.runs.recoverStale(4)).requeued > 0 || (await queuedRuns()) > 0);

    for (const { id, runIds } of experiments) {
      const summary = await persistence.experiments.find(id);
      const { queued, running, ...ended } = summary?.runs ?? { queued: -1, running: -1 };
      expect({ id, queued, running }).toEqual({ id, queued: 0, running: 0 });
      expect(Object.values(ended).reduce((sum, count) => sum + count, 0)).toBe(runIds.length);
      expect(summary?.state).toBe(id === experiments[0].id ? 'cancelled' : 'finished');
      const types = await typesOf(id);
      expect(types.filter((type) => type === 'experiment-finished')).toHaveLength(1);
      expect(types.at(-1)).toBe('experiment-finished');
    }
  });
});

describe('workers', () => {
  it('are given as many runs as they have free slots, while they give signs of life', async () => {
    await create({ replicates: 30 });
    const { runs } = persistence;
    const given = async (by = runs) => (await by.admit(100, 60_000)).length;
    expect(await given()).toBe(0);
    await runs.heartbeat(WORKER);
    await runs.heartbeat({ ...WORKER, slots: 3 });
    await runs.heartbeat({ ...WORKER, id: 'worker-2', slots: 4 });
    const together = await Promise.all([given(), given(other.runs)]);
    expect(together.toSorted()).toEqual([0, 7]);
    expect(await given()).toBe(0);
    const [held] = await Promise.all((await runs.admitted()).map((admission) => claim(runs, admission)));
    expect(await given()).toBe(0);
    await runs.finish(held, COMPLETED, NOTHING);
    expect(await given()).toBe(1);
    await database.query(`UPDATE workers SET seen_at = now() - interval '5 minutes' WHERE id = 'worker-2'`);
    await runs.heartbeat({ ...WORKER, slots: 6 });
    expect(await given()).toBe(0); // 7 in flight, 6 slots left
    await runs.deregister(WORKER.id);
    await runs.deregister('unknown');
    await runs.heartbeat({ ...WORKER, id: 'worker-2', slots: 9 });
    expect(await given()).toBe(2);
  });
});
