/** What the lab takes on disk, how much it keeps, and what is taken away again. */
import type { Claim, Session } from '@airmeta/lab';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { openPersistence, type Persistence } from '../src/index.js';
import { admitAndClaim, curveOf, planOf, progressOf, recordOf, WORKER } from './support/fixtures.js';
import { memberSession } from './support/sessions.js';

/** Of what a run keeps here: 1,000 parameters and a checkpoint. */
const PARAMETERS = 4_000;
const CHECKPOINT = 500;
const DEFAULT_LIMIT = 64 * 2 ** 30;

let database: TestDatabase;
let persistence: Persistence;
let ada: Session;
let bob: Session;
let admin: Session;

beforeAll(async () => {
  database = await createTestDatabase();
  persistence = await openPersistence({ connectionString: database.url });
  [ada, bob, admin] = await Promise.all([
    memberSession(persistence.access, 'ada', 'researcher'),
    memberSession(persistence.access, 'bob', 'researcher'),
    memberSession(persistence.access, 'root', 'admin'),
  ]);
});

beforeEach(async () => {
  await database.query('TRUNCATE experiments, admission_turns, workers CASCADE');
  await database.query('DELETE FROM retention');
});

afterAll(async () => {
  await persistence.close();
  await database.drop();
});

async function complete(held: Claim): Promise<void> {
  const trained = {
    round: 100,
    tensors: [{ name: 'w', shape: [PARAMETERS / 4] }],
    parameters: new Float32Array(PARAMETERS / 4).fill(0.5),
    fineTuning: [curveOf('last', 'train', 'loss')],
  };
  const records = [0, 50, 100].map((round) => recordOf(round, { trainLoss: 1 / (1 + round), newTasksLoss: 1 }));
  await persistence.runs.finish(
    held,
    { kind: 'completed', rounds: 100 },
    { ...progressOf(100, ...records), trained, checkpoint: { round: 100, bytes: new Uint8Array(CHECKPOINT) } },
  );
}

/** An experiment whose runs have completed. */
async function finished(session: Session, name: string, options: Parameters<typeof planOf>[0] = {}): Promise<string> {
  const { id } = (await persistence.experimentsOf(session).create(planOf({ name, ...options }))).summary;
  for (const held of await admitAndClaim(persistence.runs, 100)) await complete(held);
  return id;
}

const endedDaysAgo = (id: string, days: number) =>
  database.query(`UPDATE experiments SET finished_at = now() - $2 * interval '1 day' WHERE id = $1`, [id, days]);
const keptOf = async (id: string) =>
  Number((await database.query<{ bytes: string }>('SELECT kept_bytes AS bytes FROM experiments WHERE id = $1', [id]))[0].bytes);
const namesIn = (pruned: { readonly experiments: readonly { readonly name: string }[] }) => pruned.experiments.map(({ name }) => name);

/** Everything that is a result, of all experiments. */
const results = async () =>
  Promise.all(
    ['series', 'run_figures', 'fine_tuning_curves', 'events'].map((table) => database.query(`SELECT * FROM ${table} ORDER BY 1, 2, 3`)),
  );

describe('what the lab takes on disk', () => {
  it('is told by kind and by owner', async () => {
    await finished(ada, 'one', { replicates: 3 });
    await finished(bob, 'two');
    const report = await persistence.disk.report();
    expect(report).toMatchObject({ keptBytes: 4 * (PARAMETERS + CHECKPOINT), keptBytesLimit: DEFAULT_LIMIT });
    expect(report.kinds.map(({ kind }) => kind)).toEqual(['series', 'parameters', 'checkpoints', 'curves', 'events', 'other']);
    expect(report.kinds.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(report.databaseBytes);
    expect(report.owners).toMatchObject([
      { member: 'ada', experiments: 1, runs: 3, bytes: { parameters: 3 * PARAMETERS, checkpoints: 3 * CHECKPOINT } },
      { member: 'bob', experiments: 1, runs: 1, bytes: { parameters: PARAMETERS, checkpoints: CHECKPOINT } },
    ]);
    const [{ bytes: of }, { bytes: other }] = report.owners;
    expect(of.series / other.series).toBeGreaterThan(2.5);
    expect(of.curves / other.curves).toBeGreaterThan(2.5);
    expect(of.events).toBeGreaterThan(other.events);
    // The database of a test is on this machine.
    expect(report.freeBytes ?? 1).toBeGreaterThan(0);
    expect(await persistence.disk.usage()).toMatchObject({ keptBytes: report.keptBytes, keptBytesLimit: DEFAULT_LIMIT });
  });

  it('is told of a lab with nothing in it', async () => {
    expect(await persistence.disk.report()).toMatchObject({ keptBytes: 0, owners: [] });
  });
});

describe('the limit of what the lab keeps', () => {
  it('is over all experiments: runs that end when it is reached complete without parameters and checkpoint', async () => {
    await persistence.disk.setLimit(admin, 2 * (PARAMETERS + CHECKPOINT) + PARAMETERS);
    const ids = [await finished(ada, 'first'), await finished(bob, 'second'), await finished(ada, 'third'), await finished(bob, 'fourth')];
    expect(await Promise.all(ids.map(keptOf))).toEqual([PARAMETERS + CHECKPOINT, PARAMETERS + CHECKPOINT, PARAMETERS, 0]);
    expect((await persistence.experiments.find(ids[3]))?.runs.completed).toBe(1);
    expect(await persistence.disk.setLimit(admin, null)).toMatchObject({ keptBytesLimit: null });
    expect(await keptOf(await finished(ada, 'fifth'))).toBe(PARAMETERS + CHECKPOINT);
  });

  it('is logged when it is changed', async () => {
    await persistence.disk.setLimit(admin, 2 ** 31);
    const [entry] = (await persistence.access.audit({ limit: 1 })).items;
    expect(entry).toMatchObject({ member: 'root', operation: 'disk:set-limit', target: '2 GiB', outcome: 'done' });
  });
});

describe('pruning', () => {
  it('by age takes parameters and checkpoints away, and not a bit of a result; it is logged, and said', async () => {
    const [old, young] = [await finished(ada, 'old', { replicates: 2 }), await finished(ada, 'young')];
    await endedDaysAgo(old, 40);
    const before = await results();
    const preview = await persistence.disk.choose({ olderThanDays: 30 });
    expect(preview).toMatchObject({
      bytes: 2 * (PARAMETERS + CHECKPOINT),
      experiments: [{ id: old, name: 'old', owner: 'ada', runs: 2, parameterBytes: 2 * PARAMETERS, checkpointBytes: 2 * CHECKPOINT }],
    });
    expect(await keptOf(old)).toBe(2 * (PARAMETERS + CHECKPOINT)); // a preview takes nothing
    expect(await persistence.disk.prune(admin, { olderThanDays: 30 })).toEqual(preview);
    expect(await Promise.all([old, young].map(keptOf))).toEqual([0, PARAMETERS + CHECKPOINT]);
    const runs = await persistence.experiments.runs(old, {}, { limit: 9 });
    expect(await persistence.experiments.parameters(runs.items[0].id)).toBeUndefined();
    expect(await results()).toEqual(before);
    const [entry] = (await persistence.access.audit({ limit: 1 })).items;
    expect(entry).toMatchObject({ member: 'root', operation: 'disk:prune', target: old, outcome: 'done' });
    expect(await persistence.disk.prune(admin, { olderThanDays: 30 })).toEqual({ bytes: 0, experiments: [] });
  });

  it('is of archived experiments only, or until the lab keeps no more than is allowed, what ended first first', async () => {
    const ids = [await finished(ada, 'a'), await finished(bob, 'b'), await finished(ada, 'c')];
    for (const [index, id] of ids.entries()) await endedDaysAgo(id, 10 - index);
    await persistence.experiments.change(ids[2], { archived: true });
    expect(namesIn(await persistence.disk.choose({ archived: true }))).toEqual(['c']);
    expect(namesIn(await persistence.disk.choose({ archived: true, olderThanDays: 9 }))).toEqual([]);
    expect(namesIn(await persistence.disk.choose({ keepBytes: PARAMETERS + CHECKPOINT }))).toEqual(['a', 'b']);
    expect(namesIn(await persistence.disk.choose({ keepBytes: 10 * PARAMETERS }))).toEqual([]);
    expect(namesIn(await persistence.disk.prune(admin, { keepBytes: 0 }))).toEqual(['a', 'b', 'c']);
  });

  it('leaves what is under way alone, and what runs of others have that were not chosen', async () => {
    await persistence.runs.heartbeat(WORKER);
    const source = await finished(ada, 'source', { force: false });
    const heir = (await persistence.experimentsOf(bob).create(planOf({ name: 'heir', force: false }))).summary.id;
    await endedDaysAgo(source, 40);
    await endedDaysAgo(heir, 1);
    const running = (await persistence.experimentsOf(ada).create(planOf({ name: 'running' }))).summary.id;
    const [held] = await admitAndClaim(persistence.runs, 1);
    await persistence.runs.report(held, { ...progressOf(10), checkpoint: { round: 10, bytes: new Uint8Array(9) } }, 60_000);
    expect(namesIn(await persistence.disk.choose({ olderThanDays: 30 }))).toEqual([]);
    expect(namesIn(await persistence.disk.prune(admin, { olderThanDays: 0 }))).toEqual(['source']);
    expect(await keptOf(running)).toBe(0);
    expect((await database.query<{ run_id: string }>('SELECT run_id FROM checkpoints')).map((row) => row.run_id)).toEqual([held.runId]);
  });
});
