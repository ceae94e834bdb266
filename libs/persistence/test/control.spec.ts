/** Steering experiments: every deed, what it does to runs, and what it refuses. */
import { ControlConflictError, IdempotencyConflictError, type Admission, type ExperimentSummary } from '@airmeta/lab';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { openPersistence, type Persistence } from '../src/index.js';
import {
  admitAndClaim,
  claim,
  LEASE_MS,
  NOTHING,
  planOf,
  progressOf,
  putOffForLong,
  recordOf,
  type PlanOptions,
} from './support/fixtures.js';

const COMPLETED = { kind: 'completed', rounds: 100 } as const;
const FAILED = { kind: 'failed', failure: { code: 'dataset', message: 'no data' } } as const;

let database: TestDatabase;
let persistence: Persistence;

beforeAll(async () => {
  database = await createTestDatabase();
  persistence = await openPersistence({ connectionString: database.url });
});

beforeEach(() => database.query('TRUNCATE experiments, workers, admission_turns CASCADE'));

afterAll(async () => {
  await persistence.close();
  await database.drop();
});

async function create(options: PlanOptions = {}): Promise<{ id: string; runIds: string[] }> {
  const { id } = (await persistence.experiments.create(planOf(options))).summary;
  const rows = await database.query<{ id: string }>('SELECT id FROM runs WHERE experiment_id = $1 ORDER BY ordinal', [id]);
  return { id, runIds: rows.map((row) => row.id) };
}

async function typesOf(id: string): Promise<string[]> {
  return (await persistence.events.eventsAfter(id, 0, 10_000)).map(({ type }) => type);
}

const find = async (id: string): Promise<ExperimentSummary> => {
  const found = await persistence.experiments.find(id);
  if (!found) throw new Error(`no experiment ${id}`);
  return found;
};

describe('pause', () => {
  it('starts no run, takes back what is handed out, and asks running ones for a checkpoint; resume goes on', async () => {
    const { experiments, runs } = persistence;
    const { id } = await create({ replicates: 4 });
    const [held] = await admitAndClaim(runs, 1);
    const [handedOut] = await runs.admit(1);
    expect(await experiments.pause(id)).toMatchObject({ state: 'running', hold: 'paused' });
    expect(await runs.admit(9)).toEqual([]);
    expect(await runs.claim(handedOut, { id: 'w', host: 'h', slots: 1, engine: 'e' }, LEASE_MS)).toBeUndefined();
    expect(await runs.report(held, progressOf(7), LEASE_MS)).toBe('pause-requested');
    expect(await runs.release(held, 'paused', progressOf(7))).toBe(true);
    expect((await find(id)).runs).toMatchObject({ queued: 4, running: 0 });
    expect(await experiments.pause(id)).toMatchObject({ hold: 'paused' });
    expect(await experiments.resume(id)).toMatchObject({ hold: null });
    expect(await runs.admit(9)).toHaveLength(4);
    expect((await typesOf(id)).filter((type) => type.startsWith('experiment-'))).toEqual([
      'experiment-created',
      'experiment-paused',
      'experiment-resumed',
    ]);
  });

  it('is refused for what has ended or is ending', async () => {
    const { experiments, runs } = persistence;
    const { id } = await create({ replicates: 2 });
    await admitAndClaim(runs, 1);
    await experiments.stop(id);
    await expect(experiments.pause(id)).rejects.toThrow(ControlConflictError);
    await experiments.cancel(id);
    await runs.release((await admitted(id))[0], 'stopping', NOTHING);
    expect(await find(id)).toMatchObject({ state: 'cancelled', ending: 'cancel' });
    await expect(experiments.pause(id)).rejects.toThrow('the experiment is cancelled: there is nothing to pause');
    expect(await experiments.pause('00000000-0000-4000-8000-000000000000')).toBeUndefined();
    expect(await experiments.pause('no id')).toBeUndefined();
  });
});

/** Claims that are running, by their rows. */
async function admitted(id: string): Promise<{ runId: string; fence: number }[]> {
  return database.query(`SELECT id AS "runId", fence FROM runs WHERE experiment_id = $1 AND state = 'running'`, [id]);
}

describe('stop', () => {
  it('lets running runs end, and the rest be', async () => {
    const { experiments, runs } = persistence;
    const { id } = await create({ replicates: 3 });
    const [held] = await admitAndClaim(runs, 1);
    expect(await experiments.stop(id)).toMatchObject({ state: 'running', ending: 'stop', runs: { cancelled: 2, running: 1 } });
    expect(await runs.report(held, progressOf(7), LEASE_MS)).toBe('held');
    await runs.finish(held, COMPLETED, NOTHING);
    expect(await find(id)).toMatchObject({ state: 'stopped', runs: { completed: 1, cancelled: 2 } });
    await expect(experiments.stop(id)).rejects.toThrow(ControlConflictError);
    // What was left comes back.
    expect(await experiments.resume(id)).toMatchObject({
      state: 'running',
      ending: null,
      finishedAt: null,
      runs: { queued: 2, completed: 1 },
    });
    for (const claimed of await admitAndClaim(runs, 9)) await runs.finish(claimed, COMPLETED, NOTHING);
    expect(await find(id)).toMatchObject({ state: 'finished', runs: { completed: 3 } });
  });
});

describe('a run that its worker gives back while the experiment ends', () => {
  it('is let finish where the experiment stops', async () => {
    const { experiments, runs } = persistence;
    const { id } = await create({ replicates: 3 });
    const [released, lost] = await admitAndClaim(runs, 2);
    await experiments.stop(id);
    await runs.release(released, 'stopping', progressOf(5));
    await database.query(`UPDATE runs SET lease_expires_at = now() - interval '1 second' WHERE id = $1`, [lost.runId]);
    expect(await runs.recoverStale(5)).toMatchObject({ requeued: 1 });
    expect(await find(id)).toMatchObject({ state: 'running', ending: 'stop', runs: { queued: 2, cancelled: 1 } });
    for (const claimed of await admitAndClaim(runs, 9)) await runs.finish(claimed, COMPLETED, NOTHING);
    expect(await find(id)).toMatchObject({ state: 'stopped', runs: { completed: 2, cancelled: 1 } });
  });

  it('is not held by failures where the experiment stops', async () => {
    const { experiments, runs } = persistence;
    const { id } = await create({ replicates: 2 });
    await database.query('UPDATE experiments SET max_failures = 1');
    const [failing, released] = await admitAndClaim(runs, 2);
    await experiments.stop(id);
    await runs.release(released, 'stopping', progressOf(5));
    await runs.finish(failing, FAILED, NOTHING);
    expect(await find(id)).toMatchObject({ hold: null });
    expect(await runs.admit(9)).toHaveLength(1);
  });

  it('is cancelled, with the reason, where the compute time is used up', async () => {
    const { experiments, runs } = persistence;
    const { id } = await create({ replicates: 2 });
    const [released, lost] = await admitAndClaim(runs, 2);
    await database.query(`UPDATE experiments SET ending = 'budget'`);
    expect(await runs.release(released, 'stopping', progressOf(5))).toBe(true);
    await database.query(`UPDATE runs SET lease_expires_at = now() - interval '1 second' WHERE id = $1`, [lost.runId]);
    expect(await runs.recoverStale(5)).toMatchObject({ cancelled: 1 });
    expect(await find(id)).toMatchObject({ state: 'stopped', runs: { cancelled: 2 } });
    const { items } = await experiments.runs(id, {}, { limit: 9 });
    expect(items.map(({ failure }) => failure?.code)).toEqual(['compute-time-over', 'compute-time-over']);
  });
});

describe('resume', () => {
  it('runs exactly what is missing: of 100 runs, 3 were deleted and 2 failed', async () => {
    const { experiments, runs } = persistence;
    const { id } = await create({ snrs: ['0 dB', '10 dB'], replicates: 50 });
    const claims = await admitAndClaim(runs, 100);
    for (const [index, held] of claims.entries()) await runs.finish(held, index < 2 ? FAILED : COMPLETED, NOTHING);
    for (const { runId } of claims.slice(40, 43)) expect(await experiments.deleteRun(runId)).toBe(true);
    expect(await find(id)).toMatchObject({ state: 'finished', runs: { completed: 95, failed: 2 } });

    expect(await experiments.resume(id)).toMatchObject({ state: 'running', runs: { queued: 5, completed: 95, failed: 0 } });
    const again = await admitAndClaim(runs, 100);
    expect(again).toHaveLength(5);
    const seeds = await database.query<{ point_id: string; replicate: number; seed: string }>(
      'SELECT point_id, replicate, seed FROM runs WHERE experiment_id = $1',
      [id],
    );
    expect(new Set(seeds.map(({ point_id, replicate }) => `${point_id} ${replicate}`)).size).toBe(100);
    for (const held of again) await runs.finish(held, COMPLETED, NOTHING);
    expect(await find(id)).toMatchObject({ state: 'finished', runs: { completed: 100 } });
    expect(await experiments.resume(id)).toMatchObject({ state: 'finished', runs: { completed: 100 } });
  });

  it('deletes no run that is open, and says so', async () => {
    const { runIds } = await create();
    await expect(persistence.experiments.deleteRun(runIds[0])).rejects.toThrow('the run is queued: it can be deleted once it has ended');
    expect(await persistence.experiments.deleteRun('00000000-0000-4000-8000-000000000000')).toBe(false);
  });
});

describe('limits', () => {
  /** The plan of a test with limits, as `submitExperiment` would make it. */
  const limited = (limits: NonNullable<ReturnType<typeof planOf>['experiment']['envelope']['limits']>, options: PlanOptions) => {
    const plan = planOf(options);
    return { ...plan, experiment: { ...plan.experiment, envelope: { ...plan.experiment.envelope, limits } } };
  };

  it('hold an experiment after too many failures instead of burning it; retrying goes on', async () => {
    const { experiments, runs } = persistence;
    const { id } = (await experiments.create(limited({ maxFailures: 2 }, { replicates: 10 }))).summary;
    const [one, two, three] = await admitAndClaim(runs, 3);
    const handedOut: Admission[] = await runs.admit(1);
    await runs.finish(one, FAILED, NOTHING);
    expect(await find(id)).toMatchObject({ hold: null });
    await runs.finish(two, FAILED, NOTHING);
    expect(await find(id)).toMatchObject({ hold: 'failures', runs: { failed: 2, running: 1, queued: 7 } });
    expect(await runs.admit(9)).toEqual([]);
    expect(await runs.claim(handedOut[0], { id: 'w', host: 'h', slots: 1, engine: 'e' }, LEASE_MS)).toBeUndefined();
    expect(await runs.report(three, progressOf(3), LEASE_MS)).toBe('held');
    expect(await typesOf(id)).toContain('experiment-held');
    expect(await experiments.retryFailed(id, { force: false })).toMatchObject({ hold: null, runs: { queued: 9, failed: 0 } });
    expect(await experiments.retryFailed(id, { force: false })).toMatchObject({ runs: { queued: 9, failed: 0 } });
    expect(await runs.admit(99)).toHaveLength(9);
  });

  it('end a run that computes for too long, and an experiment that has used up its compute time, each with its own reason', async () => {
    const { experiments, runs } = persistence;
    const { id } = (await experiments.create(limited({ runTime: '60 s', computeTime: '100 s' }, { replicates: 4 }))).summary;
    const [one, two] = await admitAndClaim(runs, 2);
    expect(await runs.report(one, progressOf(1), LEASE_MS)).toBe('held');
    await database.query(`UPDATE runs SET started_at = started_at - interval '61 seconds' WHERE id = $1`, [one.runId]);
    expect(await runs.report(one, progressOf(2), LEASE_MS)).toBe('run-time-over');
    await runs.finish(one, { kind: 'failed', failure: { code: 'run-time-over', message: 'm' } }, progressOf(2));
    expect((await find(id)).computeMs).toBeGreaterThan(61_000);
    // 61 s have been computed; the time of what runs counts too.
    expect(await runs.report(two, progressOf(1), LEASE_MS)).toBe('held');
    await database.query(`UPDATE runs SET started_at = started_at - interval '40 seconds' WHERE id = $1`, [two.runId]);
    expect(await runs.report(two, progressOf(2), LEASE_MS)).toBe('compute-time-over');
    const failure = { code: 'compute-time-over', message: 'm' };
    await runs.finish(two, { kind: 'cancelled', failure }, progressOf(2));
    expect(await find(id)).toMatchObject({ state: 'stopped', ending: 'budget', runs: { failed: 1, cancelled: 3, queued: 0 } });
    const { items } = await experiments.runs(id, { state: 'cancelled' }, { limit: 9 });
    expect(items.map((run) => run.failure)).toEqual([failure, failure, failure]);
    await expect(experiments.resume(id)).rejects.toThrow('has used up its compute time');
  });

  it('count the time of all attempts of a run', async () => {
    const { runs, experiments } = persistence;
    await experiments.create(limited({ runTime: '60 s' }, {}));
    const [first] = await admitAndClaim(runs, 1);
    await database.query(`UPDATE runs SET started_at = started_at - interval '50 seconds'`);
    await runs.release(first, 'stopping', progressOf(5));
    const [second] = await admitAndClaim(runs, 1);
    expect(await runs.report(second, progressOf(6), LEASE_MS)).toBe('held');
    await database.query(`UPDATE runs SET started_at = started_at - interval '11 seconds'`);
    expect(await runs.report(second, progressOf(7), LEASE_MS)).toBe('run-time-over');
  });
});

describe('the compute time of an experiment', () => {
  it('has the attempts that were lost, too', async () => {
    const { runs } = persistence;
    const { id } = await create();
    await admitAndClaim(runs, 1);
    await database.query(`UPDATE runs SET started_at = now() - interval '30 seconds', lease_expires_at = now() - interval '10 seconds'`);
    await runs.recoverStale(5);
    expect((await find(id)).computeMs).toBeCloseTo(20_000, 0);
  });
});

describe('changes', () => {
  it('are kept, logged, and what is left out stays', async () => {
    const { experiments } = persistence;
    const { id } = await create();
    expect(await experiments.change(id, { tags: ['paper', 'snr'], notes: 'look again', priority: 7 })).toMatchObject({
      ...{ tags: ['paper', 'snr'], notes: 'look again', priority: 7, archivedAt: null, visibility: 'lab' },
    });
    expect(await experiments.change(id, { archived: true })).toMatchObject({ archivedAt: expect.any(Date) as Date, priority: 7 });
    const ids = async (filter: Parameters<typeof experiments.list>[1]) => (await experiments.list({ limit: 9 }, filter)).items.length;
    expect(
      await Promise.all([ids({}), ids({ archive: 'archived' }), ids({ archive: 'all' }), ids({ archive: 'all', tag: 'snr' })]),
    ).toEqual([0, 1, 1, 1]);
    expect(await ids({ archive: 'all', tag: 'other' })).toBe(0);
    expect(await experiments.change(id, { notes: '', archived: false })).toMatchObject({ notes: null, archivedAt: null });
  });
});

describe('the history of a run', () => {
  it('tells every attempt', async () => {
    const { runs, experiments } = persistence;
    const { runIds } = await create();
    const [first] = await admitAndClaim(runs, 1);
    await runs.release(first, 'fault', progressOf(4));
    expect(await experiments.findRun(runIds[0])).toMatchObject({ state: 'queued', losses: 1 });
    await putOffForLong(database);
    expect(await runs.admit(1)).toEqual([]);
    await database.query('UPDATE runs SET not_before = NULL');
    const [second] = await admitAndClaim(runs, 1);
    await runs.report(second, { ...progressOf(9), checkpoint: { round: 8, bytes: new Uint8Array([1, 2, 3]) } }, LEASE_MS);
    await runs.release(second, 'stopping', NOTHING);
    const [third] = await admitAndClaim(runs, 1);
    await runs.finish(third, COMPLETED, NOTHING);
    const attempts = await experiments.attempts(runIds[0], 10);
    expect(attempts.map(({ fence, fromRound, end }) => [fence, fromRound, end])).toEqual([
      [1, 0, 'fault'],
      [2, 0, 'released'],
      [3, 8, 'completed'],
    ]);
    expect(attempts.every(({ startedAt, endedAt }) => endedAt !== null && endedAt >= startedAt)).toBe(true);
  });
});

describe('an idempotency key', () => {
  it('makes one experiment of many requests at once, and refuses another specification', async () => {
    const { experiments } = persistence;
    const idempotency = { key: 'once', fingerprint: 'a' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => experiments.create({ ...planOf(), idempotency })));
    expect(new Set(answers.map(({ summary }) => summary.id)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await database.query('SELECT 1 FROM experiments')).toHaveLength(1);
    await expect(experiments.create({ ...planOf(), idempotency: { key: 'once', fingerprint: 'b' } })).rejects.toThrow(
      IdempotencyConflictError,
    );
  });
});

describe('a checkpoint', () => {
  const bytes = new Uint8Array([9, 8, 7]);

  it('is what the next attempt on the same arithmetic goes on from, behind the records before it', async () => {
    const { runs, experiments } = persistence;
    const { runIds } = await create();
    const [first] = await admitAndClaim(runs, 1);
    const records = [0, 10, 20, 30].map((round) => recordOf(round, { trainLoss: round }));
    await runs.report(first, { ...progressOf(30, ...records), checkpoint: { round: 20, bytes } }, LEASE_MS);
    await runs.release(first, 'stopping', NOTHING);
    expect(await experiments.findRun(runIds[0])).toMatchObject({ state: 'queued', round: 20 });
    const [admission] = await runs.admit(1);
    const second = await claim(runs, admission);
    expect(second.checkpoint).toEqual({ round: 20, bytes });
    expect((await experiments.series(runIds, ['trainLoss']))[0].rounds).toEqual([0, 10]);
    await runs.report(second, progressOf(30, recordOf(20, { trainLoss: 20 }), recordOf(30, { trainLoss: 30 })), LEASE_MS);
    expect((await experiments.series(runIds, ['trainLoss']))[0].values).toEqual([0, 10, 20, 30]);
  });

  it('is of no use on another arithmetic: the run is computed from the beginning', async () => {
    const { runs, experiments } = persistence;
    const { runIds } = await create();
    const [first] = await admitAndClaim(runs, 1);
    await runs.report(first, { ...progressOf(30, recordOf(0, { trainLoss: 1 })), checkpoint: { round: 20, bytes } }, LEASE_MS);
    await runs.release(first, 'stopping', NOTHING);
    const [admission] = await runs.admit(1);
    const second = await runs.claim(admission, { id: 'w', host: 'h', slots: 1, engine: 'another' }, LEASE_MS);
    expect(second?.checkpoint).toBeNull();
    expect(await experiments.series(runIds)).toEqual([]);
    expect(await experiments.findRun(runIds[0])).toMatchObject({ round: 0 });
  });

  it('is written by nobody who has lost the claim', async () => {
    const { runs } = persistence;
    await create();
    const [first] = await admitAndClaim(runs, 1);
    await runs.release(first, 'stopping', NOTHING);
    expect(await runs.report(first, { ...progressOf(30), checkpoint: { round: 20, bytes } }, LEASE_MS)).toBe('lost');
    expect(await database.query('SELECT 1 FROM checkpoints')).toEqual([]);
  });
});
