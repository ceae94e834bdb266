/** Results are those of the data, the arithmetic and the version they were computed with, and of no others. */
import { createHash } from 'node:crypto';
import { OTHER_DATA, packExperiment, replicateSeedsOf, WORKER_TIMEOUT_MS, type Claim, type ExperimentPlan } from '@airmeta/lab';
import { ENGINE_VERSION, expandExperiment, extendExperiment } from '@airmeta/spec';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { migrateDatabase, openPersistence, type Persistence } from '../src/index.js';
import { LEASE_MS, NOTHING, progressOf, recordOf, WORKER } from './support/fixtures.js';

const [BEFORE, AFTER] = ['ab'.repeat(32), 'cd'.repeat(32)];
const ELSEWHERE = { ...WORKER, id: 'worker-2' };
const MIGRATION = '20261128110000_data_identity';

let database: TestDatabase;
let persistence: Persistence;

beforeAll(async () => {
  database = await createTestDatabase();
  persistence = await openPersistence({ connectionString: database.url });
});

beforeEach(async () => {
  await database.query('TRUNCATE experiments, workers, admission_turns CASCADE');
  await persistence.runs.heartbeat(WORKER);
});

afterAll(async () => {
  await persistence.close();
  await database.drop();
});

const IMAGES = { family: 'image-folder', dataset: 'own', ways: 2 };
const DRAWN = { family: 'sinusoid' };

function planFor(task: object, dataFingerprint: string | null, replicates = 1): ExperimentPlan {
  const expanded = expandExperiment({ version: 1, name: 'test', base: { task, rounds: 100 }, replicates, idealTwins: false });
  return { experiment: packExperiment(expanded, ['']), dataFingerprints: [dataFingerprint], replicateSeeds: replicateSeedsOf(expanded) };
}

interface Submitted {
  readonly id: string;
  readonly runIds: readonly string[];
}

async function submit(task: object, dataFingerprint: string | null, replicates = 1): Promise<Submitted> {
  const { id } = (await persistence.experiments.create(planFor(task, dataFingerprint, replicates))).summary;
  const runs = await database.query<{ id: string }>('SELECT id FROM runs WHERE experiment_id = $1 ORDER BY ordinal', [id]);
  return { id, runIds: runs.map((run) => run.id) };
}

/** Claims what may start. */
async function claims(worker = WORKER): Promise<Claim[]> {
  const claimed = await Promise.all(
    (await persistence.runs.admit(9)).map((admission) => persistence.runs.claim(admission, worker, LEASE_MS)),
  );
  return claimed.flatMap((claim) => claim ?? []);
}

async function completeAll(worker = WORKER): Promise<void> {
  const trained = { round: 100, tensors: [{ name: 'w', shape: [2] }], parameters: Float32Array.of(1, 2), fineTuning: [] };
  for (const claim of await claims(worker)) {
    await persistence.runs.finish(
      claim,
      { kind: 'completed', rounds: 100 },
      { ...progressOf(100, recordOf(100, { trainLoss: 1 })), trained },
    );
  }
}

const stateOf = async ({ id }: Submitted) => {
  const { state, sharedRuns } = (await persistence.experiments.find(id)) ?? {};
  return { state, sharedRuns };
};
const SHARED = { state: 'finished', sharedRuns: 1 };
const TO_COMPUTE = { state: 'running', sharedRuns: 0 };

describe('the data of a run', () => {
  it('are told to the worker, and to whoever asks', async () => {
    const { id, runIds } = await submit(IMAGES, BEFORE);
    expect(await claims()).toMatchObject([{ dataFingerprint: BEFORE }]);
    expect(await persistence.experiments.findRun(runIds[0])).toMatchObject({ dataFingerprint: BEFORE });
    expect((await persistence.experiments.runs(id, {}, { limit: 9 })).items).toMatchObject([{ dataFingerprint: BEFORE }]);
    expect(await persistence.experiments.points(id)).toMatchObject([{ dataFingerprint: BEFORE }]);
  });

  it('are part of the computation: others share nothing, the same share', async () => {
    await submit(IMAGES, BEFORE);
    await completeAll();
    expect(await stateOf(await submit(IMAGES, AFTER))).toEqual(TO_COMPUTE);
    expect(await stateOf(await submit(IMAGES, BEFORE))).toEqual(SHARED);
  });

  it('that are not known are shared with nobody', async () => {
    await submit(IMAGES, null);
    await completeAll();
    expect(await stateOf(await submit(IMAGES, BEFORE))).toEqual(TO_COMPUTE);
    expect(await stateOf(await submit(IMAGES, null))).toEqual(TO_COMPUTE);
  });

  it('that are drawn leave a computation the address it has always had', async () => {
    const { runIds } = await submit(DRAWN, null);
    const [{ computation, hash, seed }] = await database.query<{ computation: Buffer; hash: string; seed: string }>(
      'SELECT computation, hash, seed FROM runs JOIN points ON points.id = point_id WHERE runs.id = $1',
      [runIds[0]],
    );
    expect(computation).toEqual(createHash('sha256').update(`${hash}:${seed}:${ENGINE_VERSION}`).digest());
  });

  it('have to be those that an experiment began with when it is extended', async () => {
    const { id } = await submit(IMAGES, BEFORE);
    await completeAll();
    const found = await persistence.experiments.find(id);
    const { expanded, origins } = extendExperiment(found?.specification ?? null, { replicates: 2 });
    const plan = (now: string) => ({
      ...{ experiment: packExperiment(expanded, ['']), origins, dataFingerprints: [now], replicateSeeds: replicateSeedsOf(expanded) },
      extendedHash: found?.hash ?? '',
    });
    await expect(persistence.experiments.extend(id, plan(AFTER))).rejects.toThrow(
      'the images of dataset "own" are not those this experiment began with (fingerprint abababababab, now cdcdcdcdcdcd)',
    );
    expect(await persistence.experiments.find(id)).toMatchObject({ state: 'finished', runCount: 1, hash: found?.hash });
    expect(await persistence.experiments.extend(id, plan(BEFORE))).toMatchObject({ state: 'running', runCount: 2 });
    await database.query('UPDATE points SET data_fingerprint = NULL');
    const again = { ...plan(BEFORE), extendedHash: (await persistence.experiments.find(id))?.hash ?? '' };
    await expect(persistence.experiments.extend(id, again)).rejects.toThrow('was not recorded by the version it was submitted to');
  });
});

describe('a worker with other data', () => {
  const failure = { code: OTHER_DATA, message: 'here are others' };
  const refuse = (claim: Claim) => persistence.runs.refuse(claim, failure, WORKER_TIMEOUT_MS);

  it('hands the run on, which costs nothing, and is not given it again', async () => {
    await persistence.runs.heartbeat(ELSEWHERE);
    const { runIds } = await submit(IMAGES, BEFORE);
    const [claim] = await claims();
    expect(await refuse(claim)).toBe('requeued');
    expect(await persistence.experiments.findRun(runIds[0])).toMatchObject({ state: 'queued', losses: 0 });
    expect(await persistence.experiments.waitOf(runIds[0])).toMatchObject({ refusals: 1 });
    // Whatever the queue does with it: this worker lets it pass, and it may be admitted again a second later.
    expect(await claims()).toEqual([]);
    const later = `UPDATE runs SET not_before = NULL WHERE not_before > now() AND admitted_at IS NULL RETURNING id`;
    expect(await database.query(later)).toHaveLength(1);
    expect(await claims(ELSEWHERE)).toMatchObject([{ runId: runIds[0], fence: 2, losses: 0 }]);
    expect(await persistence.experiments.attempts(runIds[0], 10)).toMatchObject([
      { fence: 1, workerId: WORKER.id, end: 'other-data: here are others' },
      { fence: 2, workerId: ELSEWHERE.id, end: null },
    ]);
  });

  it('fails the run when nobody is there who has not refused it; a retry asks everybody again', async () => {
    await persistence.runs.heartbeat(ELSEWHERE);
    const { id, runIds } = await submit(IMAGES, BEFORE);
    for (const [worker, end] of [
      [WORKER, 'requeued'],
      [ELSEWHERE, 'failed'],
    ] as const) {
      const [claim] = await claims(worker);
      expect(await refuse(claim)).toBe(end);
    }
    const run = await persistence.experiments.findRun(runIds[0]);
    expect(run).toMatchObject({ state: 'failed', failure: { code: OTHER_DATA } });
    expect(run?.failure?.message).toMatch(
      /^here are others; no worker that is there has others\. Put the images back .* submit the experiment again$/,
    );
    await persistence.experiments.retryFailed(id, { force: false });
    expect(await claims()).toHaveLength(1);
  });

  it('ends the run as cancelled when that was asked for, and nothing when its claim is lost', async () => {
    const { id, runIds } = await submit(IMAGES, BEFORE);
    const [claim] = await claims();
    await persistence.experiments.cancel(id);
    expect(await refuse({ ...claim, fence: 7 })).toBe('lost');
    expect(await refuse(claim)).toBe('cancelled');
    expect(await persistence.experiments.findRun(runIds[0])).toMatchObject({ state: 'cancelled' });
  });

  it('keeps what is said of a checkpoint that is not what was written', async () => {
    const { runIds } = await submit(DRAWN, null);
    const [claim] = await claims();
    expect(await persistence.runs.release(claim, 'checkpoint', NOTHING, 'its checksum does not match')).toBe(true);
    expect(await persistence.experiments.attempts(runIds[0], 10)).toMatchObject([{ end: 'checkpoint: its checksum does not match' }]);
    expect(await persistence.experiments.findRun(runIds[0])).toMatchObject({ state: 'queued', losses: 1 });
  });
});

describe('the arithmetic of a run', () => {
  it('has to be that of a worker that is there, for its results to be shared', async () => {
    await submit(DRAWN, null);
    await completeAll();
    await persistence.runs.deregister(WORKER.id);
    await persistence.runs.heartbeat({ ...WORKER, engine: 'test 2' });
    const again = await submit(DRAWN, null);
    expect(await stateOf(again)).toEqual(TO_COMPUTE);
    await persistence.runs.heartbeat(ELSEWHERE);
    // It is found when its turn comes, too.
    expect(await persistence.runs.admit(9)).toEqual([]);
    expect(await stateOf(again)).toEqual(SHARED);
    expect(await stateOf(await submit(DRAWN, null))).toEqual(SHARED);
  });

  it('is told for all of an experiment', async () => {
    const { id } = await submit(DRAWN, null, 3);
    const [first, second] = await claims();
    for (const claim of [first, second]) await persistence.runs.finish(claim, { kind: 'completed', rounds: 100 }, NOTHING);
    expect(await persistence.experiments.arithmetics(id)).toEqual([{ arithmetic: WORKER.engine, runs: 2 }]);
    await persistence.runs.heartbeat(ELSEWHERE);
    const again = await submit(DRAWN, null, 3);
    await database.query(`UPDATE runs SET worker_engine = 'test 2' WHERE id = $1`, [again.runIds[1]]);
    expect(await persistence.experiments.arithmetics(again.id)).toEqual([
      { arithmetic: WORKER.engine, runs: 1 },
      { arithmetic: 'test 2', runs: 1 },
    ]);
  });

  it('outlives the run that was computed: whoever inherits its results passes them on', async () => {
    const { runIds } = await submit(DRAWN, null);
    await completeAll();
    await submit(DRAWN, null);
    await persistence.experiments.deleteRun(runIds[0]);
    expect(await stateOf(await submit(DRAWN, null))).toEqual(SHARED);
  });

  it('is that of the version that computes, not of the one that queued', async () => {
    const { runIds } = await submit(DRAWN, null);
    const current = await database.query<{ computation: Buffer }>('SELECT computation FROM runs');
    await database.query(`UPDATE runs SET engine_version = engine_version - 1, computation = sha256('before')`);
    await completeAll();
    const rows = await database.query<{ computation: Buffer; engine_version: number }>(
      'SELECT computation, engine_version FROM runs WHERE id = $1',
      [runIds[0]],
    );
    expect(rows).toEqual([{ ...current[0], engine_version: ENGINE_VERSION }]);
  });

  it('stays that of an earlier version when more replicates are asked for', async () => {
    const { id, runIds } = await submit(DRAWN, null);
    await completeAll();
    await database.query(`UPDATE runs SET engine_version = engine_version - 1`);
    const found = await persistence.experiments.find(id);
    const { expanded, origins } = extendExperiment(found?.specification ?? null, { replicates: 2 });
    const plan = {
      experiment: packExperiment(expanded, ['']),
      origins,
      dataFingerprints: [null],
      replicateSeeds: replicateSeedsOf(expanded),
    };
    await persistence.experiments.extend(id, { ...plan, extendedHash: found?.hash ?? '' });
    const rows = await database.query<{ id: string; engine_version: number }>('SELECT id, engine_version FROM runs ORDER BY ordinal');
    expect(rows).toEqual([
      { id: runIds[0], engine_version: ENGINE_VERSION - 1 },
      { id: expect.any(String) as string, engine_version: ENGINE_VERSION },
    ]);
    // Nobody takes them for results of this version.
    expect(await stateOf(await submit(DRAWN, null))).toEqual(TO_COMPUTE);
  });
});

describe('stored parameters', () => {
  it('are given out as long as they are what was stored, with the data they were trained on', async () => {
    const { runIds } = await submit(IMAGES, BEFORE);
    await completeAll();
    const kept = await persistence.experiments.parameters(runIds[0]);
    expect(kept).toMatchObject({ origin: { dataFingerprint: BEFORE, integrity: 'verified' }, parameters: Float32Array.of(1, 2) });
  });

  it.each([
    ['a bit of a number', 'theta = set_bit(theta, 3, 1 - get_bit(theta, 3))'],
    ['a name', `tensors = '[{"name":"v","shape":[2]}]'`],
    ['the round', 'round = round - 1'],
  ])('are refused when %s has changed, also by those who share them', async (_, change) => {
    const { runIds } = await submit(DRAWN, null);
    await completeAll();
    const other = await submit(DRAWN, null);
    await database.query(`UPDATE run_parameters SET ${change}`);
    for (const runId of [runIds[0], other.runIds[0]]) {
      await expect(persistence.experiments.parameters(runId)).rejects.toThrow(
        `the parameters of run ${runId} are not those that were stored`,
      );
    }
  });

  it('from before there were checksums are said to be unverified', async () => {
    const { runIds } = await submit(DRAWN, null);
    await completeAll();
    await database.query('UPDATE run_parameters SET checksum = NULL');
    expect(await persistence.experiments.parameters(runIds[0])).toMatchObject({ origin: { integrity: 'unverified' } });
  });
});

describe('a database from before data had fingerprints', () => {
  it('keeps its results, of which those on images are shared with nobody', async () => {
    const old = { images: await submit(IMAGES, BEFORE), drawn: await submit(DRAWN, null) };
    await completeAll();
    const computations = () => database.query<{ id: string; computation: Buffer }>('SELECT id, computation FROM runs');
    // As the version before would have written it.
    await database.query(`UPDATE runs SET engine_version = 1, computation = sha256(convert_to(points.hash || ':' || seed || ':1', 'UTF8'))
      FROM points WHERE points.id = point_id`);
    const before = new Map((await computations()).map(({ id, computation }) => [id, computation]));
    await database.query(`ALTER TABLE points DROP COLUMN data_fingerprint`);
    await database.query(`ALTER TABLE run_parameters DROP COLUMN checksum`);
    await database.query(`ALTER TABLE runs DROP COLUMN engine_version, DROP COLUMN refused_by`);
    await database.query(`DELETE FROM _prisma_migrations WHERE migration_name = $1`, [MIGRATION]);
    expect(await migrateDatabase(database.url)).toEqual([MIGRATION]);

    const after = new Map((await computations()).map(({ id, computation }) => [id, computation]));
    expect(after.get(old.drawn.runIds[0])).toEqual(before.get(old.drawn.runIds[0]));
    expect(after.get(old.images.runIds[0])).not.toEqual(before.get(old.images.runIds[0]));
    expect(await persistence.experiments.findRun(old.images.runIds[0])).toMatchObject({ state: 'completed', dataFingerprint: null });
    expect(await persistence.experiments.parameters(old.images.runIds[0])).toMatchObject({
      origin: { dataFingerprint: null, integrity: 'unverified' },
    });
    expect(await stateOf(await submit(IMAGES, BEFORE))).toEqual(TO_COMPUTE);
  });
});
