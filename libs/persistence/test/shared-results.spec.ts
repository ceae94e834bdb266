/** One computation is done once, whoever asks for it, and its results stay with everyone who has them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packExperiment, replicateSeedsOf, type Claim } from '@airmeta/lab';
import { extendExperiment, type EvaluationRecord, type Extension, type Visibility } from '@airmeta/spec';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PROJECT } from '../../../test/support/project.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { openPersistence, type Persistence } from '../src/index.js';
import {
  admitAndClaim,
  claim,
  curveOf,
  NOTHING,
  planOf,
  type PlanOptions,
  progressOf,
  recordOf,
  tradeoffOf,
  WORKER,
} from './support/fixtures.js';
import { memberSession } from './support/sessions.js';

const COMPLETED = { kind: 'completed', rounds: 100 } as const;
const CHECKPOINT = { round: 100, bytes: new Uint8Array([5, 6, 7]) };

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

async function create(options: PlanOptions = {}): Promise<{ id: string; runIds: string[] }> {
  const plan = planOf({ force: false, ...options });
  const { id } = (await persistence.experiments.create({ ...plan, replicateSeeds: replicateSeedsOf(plan.expanded) })).summary;
  const rows = await database.query<{ id: string }>('SELECT id FROM runs WHERE experiment_id = $1 ORDER BY ordinal', [id]);
  return { id, runIds: rows.map((row) => row.id) };
}

const recordsOf = (scale: number): EvaluationRecord[] => [0, 50, 100].map((round) => recordOf(round, { trainLoss: scale * (100 - round) }));

async function complete(held: Claim, scale = 1, rounds = 100): Promise<void> {
  const trained = {
    round: rounds,
    tensors: [{ name: 'w', shape: [2] }],
    parameters: new Float32Array([1, 2]),
    fineTuning: [curveOf('last', 'train', 'loss')],
  };
  await persistence.runs.finish(
    held,
    { kind: 'completed', rounds },
    { ...progressOf(rounds, ...recordsOf(scale)), trained, checkpoint: CHECKPOINT },
  );
}

/** Everything one can read of a run's results. */
async function resultsOf(runId: string): Promise<unknown> {
  const { experiments } = persistence;
  const [series, curves, kept] = await Promise.all([
    experiments.series([runId], ['trainLoss']),
    experiments.fineTuning([runId]),
    experiments.parameters(runId),
  ]);
  return {
    series: series.map(({ rounds, values }) => ({ rounds, values })),
    curves: curves.map(({ curves: all }) => all),
    parameters: kept?.parameters,
  };
}

describe('a computation', () => {
  it('that has been done is shared at once by whoever submits it again, also in part', async () => {
    const first = await create({ replicates: 2 });
    for (const held of await admitAndClaim(persistence.runs, 9)) await complete(held);
    const second = await create({ replicates: 3, snrs: ['10 dB'], name: 'another name' });
    const summary = await persistence.experiments.find(second.id);
    expect(summary).toMatchObject({ state: 'running', sharedRuns: 2, runs: { completed: 2, queued: 1 } });
    expect(await resultsOf(second.runIds[0])).toEqual(await resultsOf(first.runIds[0]));
    expect(await persistence.experiments.findRun(second.runIds[0])).toMatchObject({
      shared: true,
      state: 'completed',
      round: 100,
      fence: 0,
    });
    const third = await create({ replicates: 2, name: 'whole' });
    expect(await persistence.experiments.find(third.id)).toMatchObject({ state: 'finished', sharedRuns: 2 });
    const types = (await persistence.events.eventsAfter(third.id, 0, 99)).map(({ type }) => type);
    expect(types).toEqual(['experiment-created', 'runs-shared', 'experiment-finished']);
  });

  it('that two submit at once is done once; the one that waits gets the results when it ends', async () => {
    const [one, two] = await Promise.all([create({ replicates: 3, name: 'one' }), create({ replicates: 3, name: 'two' })]);
    const given = await persistence.runs.admit(9);
    expect(given).toHaveLength(3);
    expect(await persistence.runs.admit(9)).toEqual([]);
    const waiting = [...one.runIds, ...two.runIds].filter((runId) => !given.some((admission) => admission.runId === runId));
    expect(await persistence.experiments.waitOf(waiting[0])).toMatchObject({ sameComputation: true });
    for (const admission of given) await complete(await claim(persistence.runs, admission));
    for (const { id } of [one, two])
      expect(await persistence.experiments.find(id)).toMatchObject({ state: 'finished', runs: { completed: 3 } });
    const shared = await database.query<{ n: number }>('SELECT count(*)::int AS n FROM runs WHERE shared_from_id IS NOT NULL');
    expect(shared[0].n).toBe(3);
  });

  it('that fails or is cancelled is done by the next who waits for it', async () => {
    const one = await create({ name: 'one' });
    const two = await create({ name: 'two' });
    const [held] = await admitAndClaim(persistence.runs, 9);
    expect(held.experimentId).toBe(one.id);
    await persistence.experiments.cancel(one.id);
    await persistence.runs.finish(held, { kind: 'cancelled' }, NOTHING);
    const [next] = await admitAndClaim(persistence.runs, 9);
    expect(next.experimentId).toBe(two.id);
    await complete(next);
    // What was cancelled is whole again without being computed.
    expect(await persistence.experiments.resume(one.id)).toMatchObject({ state: 'finished', sharedRuns: 1 });
  });

  it('that was done while nobody looked is found when its turn comes', async () => {
    const one = await create({ name: 'one' });
    const two = await create({ name: 'two' });
    // As if the process had died between the end of the run and the sharing of its results.
    await database.query(`UPDATE runs SET state = 'completed', finished_at = now(), round = 100, worker_engine = $2 WHERE id = $1`, [
      one.runIds[0],
      WORKER.engine,
    ]);
    await database.query(`UPDATE experiments SET state = 'finished', open_runs = 0, finished_at = now() WHERE id = $1`, [one.id]);
    expect(await persistence.runs.admit(9)).toEqual([]);
    expect(await persistence.experiments.find(two.id)).toMatchObject({ state: 'finished', sharedRuns: 1 });
  });

  it('is done again when that is asked for', async () => {
    await create();
    for (const held of await admitAndClaim(persistence.runs, 9)) await complete(held);
    const again = await create({ force: true });
    expect(await persistence.experiments.find(again.id)).toMatchObject({ sharedRuns: 0, runs: { queued: 1 } });
    const [held] = await admitAndClaim(persistence.runs, 9);
    expect(held.experimentId).toBe(again.id);
  });
});

describe('a computation of a private experiment', () => {
  let members = 0;
  type Owned = Pick<Persistence, 'experiments'>;
  const as = async (name: string): Promise<Owned> => ({
    experiments: persistence.experimentsOf(await memberSession(persistence.access, `${name}-${++members}`, 'researcher')),
  });
  const submit = async ({ experiments }: Owned, visibility: Visibility, name: string) => {
    const plan = planOf({ force: false, name });
    const { summary } = await experiments.create({ ...plan, visibility, replicateSeeds: replicateSeedsOf(plan.expanded) });
    return summary;
  };
  const completeAll = async () => {
    for (const held of await admitAndClaim(persistence.runs, 9)) await complete(held);
  };
  const stateOf = async (id: string) => {
    const summary = await persistence.experiments.find(id);
    return { state: summary?.state, sharedRuns: summary?.sharedRuns };
  };

  it('is shared with private ones of its owner, and for everybody else it has not been done', async () => {
    const [ada, bob] = [await as('ada'), await as('bob')];
    const first = await submit(ada, 'private', 'first');
    await completeAll();
    expect(await submit(ada, 'private', 'again')).toMatchObject({ state: 'finished', sharedRuns: 1 });
    for (const visibility of ['lab', 'private'] as const) {
      const { id, ...submitted } = await submit(bob, visibility, `${visibility} of another`);
      expect(submitted).toMatchObject({ state: 'running', sharedRuns: 0, runs: { queued: 1 } });
      await completeAll();
      expect(await stateOf(id)).toEqual({ state: 'finished', sharedRuns: 0 });
    }
    expect(await stateOf(first.id)).toEqual({ state: 'finished', sharedRuns: 0 });
  });

  it('is waited for by nobody else', async () => {
    const [ada, bob] = [await as('ada'), await as('bob')];
    const own = await submit(ada, 'private', 'own');
    const other = await submit(bob, 'lab', 'other');
    const held = await admitAndClaim(persistence.runs, 9);
    expect(held.map(({ experimentId }) => experimentId).sort()).toEqual([own.id, other.id].sort());
    for (const one of held) await complete(one);
    for (const { id } of [own, other]) expect(await stateOf(id)).toEqual({ state: 'finished', sharedRuns: 0 });
  });

  it('is the lab’s when the experiment is made the lab’s, and its owner’s again when it is made private', async () => {
    const [ada, bob] = [await as('ada'), await as('bob')];
    const { id } = await submit(ada, 'private', 'first');
    await completeAll();
    await ada.experiments.change(id, { visibility: 'lab' });
    const shared = await submit(bob, 'lab', 'while it is the lab’s');
    expect(shared).toMatchObject({ state: 'finished', sharedRuns: 1 });
    await ada.experiments.change(id, { visibility: 'private' });
    expect(await submit(bob, 'lab', 'too late')).toMatchObject({ state: 'running', sharedRuns: 0 });
    // Who has the results keeps them.
    const [run] = await database.query<{ id: string }>('SELECT id FROM runs WHERE experiment_id = $1', [shared.id]);
    expect(await bob.experiments.series([run.id], ['trainLoss'])).toHaveLength(1);
  });

  it('has the address that the migration gives those of an earlier version', async () => {
    await submit(await as('ada'), 'private', 'own');
    await submit(persistence, 'private', 'of nobody');
    const addresses = () => database.query<{ computation: Buffer }>('SELECT computation FROM runs ORDER BY id');
    const before = await addresses();
    await database.query("UPDATE runs SET computation = sha256('anything')");
    await database.query(readFileSync(join(PROJECT, 'prisma/migrations/20261129070000_private_results/migration.sql'), 'utf8'));
    expect(await addresses()).toEqual(before);
  });

  it('goes on by itself when it becomes one that is under way', async () => {
    const [ada, bob] = [await as('ada'), await as('bob')];
    const { id } = await submit(ada, 'private', 'own');
    await submit(bob, 'lab', 'other');
    const held = await admitAndClaim(persistence.runs, 9);
    await ada.experiments.change(id, { visibility: 'lab' });
    for (const one of held) await complete(one);
    expect(await stateOf(id)).toEqual({ state: 'finished', sharedRuns: 0 });
  });
});

describe('results that others have too', () => {
  it('outlive the run that computed them', async () => {
    const one = await create({ name: 'one' });
    for (const held of await admitAndClaim(persistence.runs, 9)) await complete(held);
    const [two, three] = [await create({ name: 'two' }), await create({ name: 'three' })];
    const before = await resultsOf(one.runIds[0]);
    const keptBytes = async () =>
      (await database.query<{ bytes: string }>('SELECT kept_bytes AS bytes FROM experiments ORDER BY name')).map(({ bytes }) =>
        Number(bytes),
      );
    // Two float32 parameters and a checkpoint of three bytes, of whoever has them.
    expect(await keptBytes()).toEqual([11, 0, 0]);
    expect(await persistence.experiments.deleteRun(one.runIds[0])).toBe(true);
    expect((await keptBytes()).toSorted()).toEqual([0, 0, 11]);
    expect(await resultsOf(two.runIds[0])).toEqual(before);
    expect(await resultsOf(three.runIds[0])).toEqual(before);
    expect(await persistence.experiments.deleteRun(two.runIds[0])).toBe(true);
    expect(await resultsOf(three.runIds[0])).toEqual(before);
    expect(await persistence.experiments.resume(one.id)).toMatchObject({ state: 'finished', sharedRuns: 1 });
  });
});

/** Extends as the use case does. */
async function extend(id: string, extension: Extension): Promise<string[]> {
  const found = await persistence.experiments.find(id);
  if (!found) throw new Error('no experiment');
  const { expanded, origins } = extendExperiment(found.specification, extension);
  const replicateSeeds = replicateSeedsOf(expanded);
  await persistence.experiments.extend(id, {
    experiment: packExperiment(
      expanded,
      expanded.points.map(({ index }) => `new ${index}`),
    ),
    origins,
    dataFingerprints: expanded.points.map(() => null),
    replicateSeeds,
    extendedHash: found.hash,
  });
  const rows = await database.query<{ id: string }>('SELECT id FROM runs WHERE experiment_id = $1 ORDER BY ordinal', [id]);
  return rows.map((row) => row.id);
}

describe('figures of shared results', () => {
  const timesOf = async (id: string) =>
    (await tradeoffOf(persistence.experiments, id))?.rows.map(({ roundsToTarget: { n, restrictedMean } }) => [
      n,
      restrictedMean?.atLeast ?? null,
      restrictedMean?.atMost ?? null,
    ]);

  it('are those of the experiment that shares them: its target may be another', async () => {
    const first = await create({ idealTwins: true });
    for (const held of await admitAndClaim(persistence.runs, 10)) await complete(held);
    // Losses are 100, 50 and 0: 90 % of the decrease is at 10, between rounds 50 and 100; 60 lies before round 50.
    expect(await timesOf(first.id)).toEqual([
      [1, 50, 100],
      [1, 50, 100],
    ]);
    const second = await create({ idealTwins: true, targetTrainLoss: 60 });
    const sooner = [
      [1, 0, 50],
      [1, 0, 50],
    ];
    expect(await timesOf(second.id)).toEqual(sooner);
    const [, point] = first.runIds; // behind its twin
    await persistence.experiments.deleteRun(point);
    expect(await timesOf(second.id)).toEqual(sooner);
    expect(await timesOf(first.id)).toEqual([
      [0, null, null],
      [1, 50, 100],
    ]);
  });

  it('have the target of a twin that is shared later', async () => {
    await create({ idealTwins: false });
    await complete((await admitAndClaim(persistence.runs, 1))[0]);
    const { id, runIds } = await create({ idealTwins: true });
    expect(await timesOf(id)).toEqual([
      [0, null, null],
      [0, null, null],
    ]);
    const other = await create({ snrs: ['20 dB'], idealTwins: true });
    const claims = await admitAndClaim(persistence.runs, 10);
    const twin = claims.find(({ config }) => config.uplink.kind === 'ideal');
    if (twin === undefined) throw new Error('no twin is under way');
    expect([...runIds, ...other.runIds]).toContain(twin.runId);
    await complete(twin);
    expect((await timesOf(id))?.[0]).toEqual([1, 50, 100]);
  });

  it('go when runs are extended, and come again when they end', async () => {
    const { id, runIds } = await create({ idealTwins: true });
    for (const held of await admitAndClaim(persistence.runs, 10)) await complete(held);
    expect((await timesOf(id))?.[0]).toEqual([1, 50, 100]);
    await extend(id, { rounds: 200 });
    expect(await timesOf(id)).toEqual([
      [0, null, null],
      [0, null, null],
    ]);
    for (const held of await admitAndClaim(persistence.runs, 10)) {
      const end = { kind: 'completed', rounds: 200 } as const;
      await persistence.runs.finish(held, end, progressOf(200, recordOf(150, { trainLoss: 40 }), recordOf(200, { trainLoss: -100 })));
    }
    expect(runIds).toHaveLength(2);
    // Twice the decrease: the target is now -80, between rounds 150 and 200.
    expect((await timesOf(id))?.[0]).toEqual([1, 150, 200]);
  });
});

describe('an extension', () => {
  it('adds replicates and values, and keeps what is there', async () => {
    const { id, runIds } = await create({ snrs: ['0 dB', '10 dB'], replicates: 2 });
    for (const held of await admitAndClaim(persistence.runs, 9)) await complete(held);
    const extended = await extend(id, { replicates: 3, values: { 'uplink.snr': ['20 dB'] } });
    expect(extended).toHaveLength(9);
    expect([extended[0], extended[1], extended[3], extended[4]]).toEqual(runIds);
    expect(await persistence.experiments.find(id)).toMatchObject({
      state: 'running',
      pointCount: 3,
      replicates: 3,
      runCount: 9,
      runs: { completed: 4, queued: 5 },
    });
    const points = await persistence.experiments.points(id);
    expect(points.map(({ index, label, axes }) => [index, label, axes['uplink.snr']])).toEqual([
      [0, 'new 0', '0 dB'],
      [1, 'new 1', '10 dB'],
      [2, 'new 2', '20 dB'],
    ]);
    for (const held of await admitAndClaim(persistence.runs, 9)) await complete(held);
    expect(await persistence.experiments.find(id)).toMatchObject({ state: 'finished', runs: { completed: 9 } });
  });

  it('by rounds goes on from where runs ended, with the records before that', async () => {
    const { id, runIds } = await create({ replicates: 2 });
    for (const held of await admitAndClaim(persistence.runs, 9)) await complete(held);
    await extend(id, { rounds: 150 });
    expect(await persistence.experiments.find(id)).toMatchObject({
      state: 'running',
      runs: { queued: 2 },
      roundsDone: 200,
      roundsTotal: 300,
    });
    const again = await admitAndClaim(persistence.runs, 9);
    expect(again.map(({ runId }) => runId)).toEqual(runIds);
    for (const held of again) {
      expect(held).toMatchObject({ checkpoint: CHECKPOINT, config: { rounds: 150 } });
      expect((await persistence.experiments.series([held.runId], ['trainLoss']))[0].rounds).toEqual([0, 50]);
      expect(await persistence.experiments.parameters(held.runId)).toBeUndefined();
      await complete(held, 1, 150);
    }
    expect(await persistence.experiments.find(id)).toMatchObject({ state: 'finished', runs: { completed: 2 }, roundsDone: 300 });
    expect((await persistence.experiments.parameters(runIds[0]))?.origin.round).toBe(150);
  });

  it('by rounds goes on from a last checkpoint that a report has brought, and from no earlier one', async () => {
    await create({ replicates: 2 });
    const [early, late] = await admitAndClaim(persistence.runs, 9);
    const report = (held: Claim, round: number) =>
      persistence.runs.report(held, { ...progressOf(round), checkpoint: { ...CHECKPOINT, round } }, 60_000);
    await report(early, 60);
    await report(late, 100);
    for (const held of [early, late]) await persistence.runs.finish(held, COMPLETED, progressOf(100));
    const kept = await database.query<{ run_id: string; round: number }>('SELECT run_id, round FROM checkpoints');
    expect(kept).toEqual([{ run_id: late.runId, round: 100 }]);
  });

  it('by rounds reaches a run that is running when it comes to its end', async () => {
    const { id } = await create();
    const [held] = await admitAndClaim(persistence.runs, 9);
    await extend(id, { rounds: 150 });
    await complete(held);
    expect(await persistence.experiments.find(id)).toMatchObject({ state: 'running', runs: { queued: 1, completed: 0 }, roundsTotal: 150 });
    const [again] = await admitAndClaim(persistence.runs, 9);
    expect(again).toMatchObject({ checkpoint: CHECKPOINT, config: { rounds: 150 } });
  });

  it('leaves those who share the results with what they have, and lets those who borrowed them go on by themselves', async () => {
    const one = await create({ name: 'one' });
    for (const held of await admitAndClaim(persistence.runs, 9)) await complete(held);
    const [two, three] = [await create({ name: 'two' }), await create({ name: 'three' })];
    const before = await resultsOf(one.runIds[0]);
    await extend(one.id, { rounds: 150 });
    expect(await resultsOf(two.runIds[0])).toEqual(before);
    await extend(three.id, { rounds: 150 });
    expect(await resultsOf(two.runIds[0])).toEqual(before);
    // Both want the same now: it is computed once.
    const given = await admitAndClaim(persistence.runs, 9);
    expect(given).toHaveLength(1);
    expect(given[0].checkpoint).toEqual(CHECKPOINT);
    await complete(given[0], 2, 150);
    for (const { id } of [one, three]) expect(await persistence.experiments.find(id)).toMatchObject({ state: 'finished' });
    expect(await resultsOf(one.runIds[0])).toEqual(await resultsOf(three.runIds[0]));
    expect(await resultsOf(two.runIds[0])).toEqual(before);
  });

  it('is refused when somebody else has extended meanwhile', async () => {
    const { id } = await create();
    const found = await persistence.experiments.find(id);
    if (!found) throw new Error('no experiment');
    const { expanded, origins } = extendExperiment(found.specification, { replicates: 2 });
    const plan = {
      experiment: packExperiment(expanded, ['']),
      origins,
      dataFingerprints: [null],
      replicateSeeds: [1, 2],
      extendedHash: 'old',
    };
    await expect(persistence.experiments.extend(id, plan)).rejects.toThrow('extended by somebody else');
  });
});

it('refers to no run that is not there', async () => {
  const { id } = await create();
  for (const held of await admitAndClaim(persistence.runs, 9)) await persistence.runs.finish(held, COMPLETED, NOTHING);
  const other = await create({ name: 'other' });
  await expect(database.query('DELETE FROM experiments WHERE id = $1', [id])).rejects.toThrow('runs_shared_from_id_fkey');
  await database.query('DELETE FROM experiments WHERE id = ANY ($1)', [[id, other.id]]);
});
