/** Who is next: members take turns, whatever each of them has queued. */
import type { Session } from '@airmeta/lab';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { openPersistence, type Persistence } from '../src/index.js';
import { claim, NOTHING, planOf, WORKER, type PlanOptions, putOffForLong } from './support/fixtures.js';
import { memberSession } from './support/sessions.js';

const COMPLETED = { kind: 'completed', rounds: 100 } as const;
const SEEN_MS = 60_000;

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
  await database.query('TRUNCATE experiments, workers, admission_turns CASCADE');
  await database.query('UPDATE members SET max_running = NULL');
});

afterAll(async () => {
  await persistence.close();
  await database.drop();
});

/** Submits, and gives the ids of the runs in order. */
async function submit(session: Session, options: PlanOptions & { readonly priority?: number }): Promise<{ id: string; runs: string[] }> {
  const { priority, ...rest } = options;
  const plan = { ...planOf(rest), ...(priority === undefined ? {} : { priority }) };
  const { id } = (await persistence.experimentsOf(session).create(plan)).summary;
  const rows = await database.query<{ id: string }>('SELECT id FROM runs WHERE experiment_id = $1 ORDER BY ordinal', [id]);
  return { id, runs: rows.map((row) => row.id) };
}

/** A lab of workers that are always busy: whenever a run ends the next one begins. Gives the order in which runs begin. */
async function serve(slots: number, count: number, between: (begun: number) => Promise<void> = async () => undefined): Promise<string[]> {
  const { runs } = persistence;
  await runs.heartbeat({ ...WORKER, slots });
  const begun: string[] = [];
  const held: Awaited<ReturnType<typeof claim>>[] = [];
  while (begun.length < count) {
    for (const admission of await runs.admit(100, SEEN_MS)) {
      held.push(await claim(runs, admission));
      begun.push(admission.runId);
    }
    await between(begun.length);
    const first = held.shift();
    if (!first) break;
    await runs.finish(first, COMPLETED, NOTHING);
  }
  return begun.slice(0, count);
}

describe('members', () => {
  it('take turns: the newcomer has the next free slot, and both go on alternately, however much one has queued', async () => {
    const first = await submit(ada, { replicates: 10_000 });
    let second: string[] = [];
    const order = await serve(1, 14, async (begun) => {
      if (begun === 3) second = (await submit(bob, { replicates: 5 })).runs;
    });
    const [a, b] = [first.runs, second];
    expect(order).toEqual([a[0], a[1], a[2], b[0], a[3], b[1], a[4], b[2], a[5], b[3], a[6], b[4], a[7], a[8]]);
  });

  it('share many slots: those who have fewer running are next until both have as many', async () => {
    const a = (await submit(ada, { replicates: 50 })).runs;
    const { runs } = persistence;
    await runs.heartbeat({ ...WORKER, slots: 4 });
    const held = await Promise.all((await runs.admit(100, SEEN_MS)).map((admission) => claim(runs, admission)));
    const b = (await submit(bob, { replicates: 50 })).runs;
    const next: string[] = [];
    for (const one of held) {
      await runs.finish(one, COMPLETED, NOTHING);
      const [admission] = await runs.admit(100, SEEN_MS);
      await claim(runs, admission);
      next.push(admission.runId);
    }
    // One of ada's ends each time: 3 run against 0, 2 against 1, and then hers are the fewer, 1 against 2, twice.
    expect(next).toEqual([b[0], b[1], a[4], a[5]]);
  });

  it('gain nothing by cutting their work into many experiments', async () => {
    for (let index = 0; index < 6; index++) await submit(ada, { name: `part ${index}`, replicates: 1 });
    const b = (await submit(bob, { replicates: 3 })).runs;
    const order = await serve(1, 6);
    expect(order.map((runId) => b.includes(runId))).toEqual([false, true, false, true, false, true]);
  });

  it('come to their turn in a batch as they would one by one', async () => {
    await submit(ada, { replicates: 20 });
    const b = (await submit(bob, { replicates: 20 })).runs;
    const batch = await persistence.runs.admit(7);
    expect(batch.map(({ runId }) => b.includes(runId))).toEqual([false, true, false, true, false, true, false]);
  });

  it('may have a cap on what runs at once, not on what they queue; it holds nobody else up', async () => {
    const { access, runs } = persistence;
    expect(await access.changeMember(admin, 'ada', { maxRunning: 2 })).toMatchObject({ name: 'ada', maxRunning: 2 });
    expect(await access.changeMember(admin, 'nobody', { maxRunning: 2 })).toBeUndefined();
    const a = (await submit(ada, { replicates: 10 })).runs;
    await submit(bob, { replicates: 4 });
    await runs.heartbeat({ ...WORKER, slots: 8 });
    const given = await runs.admit(100, SEEN_MS);
    expect(given).toHaveLength(6);
    expect(given.filter(({ runId }) => a.includes(runId))).toHaveLength(2);
    const wait = await persistence.experiments.waitOf(a[2]);
    expect(wait).toMatchObject({ cap: 2, runningOfOwner: 2, freeSlots: 2, ahead: [] });
    await access.changeMember(admin, 'ada', { maxRunning: null });
    expect(await runs.admit(100, SEEN_MS)).toHaveLength(2);
    expect((await access.audit({ limit: 10 })).items.map(({ operation, target }) => `${operation} ${target ?? ''}`)).toContain(
      'members:set-cap ada to no cap',
    );
  });
});

describe('priority', () => {
  it('orders a member’s own experiments, and means nothing to others', async () => {
    const low = (await submit(ada, { replicates: 2, name: 'low' })).runs;
    const b = (await submit(bob, { replicates: 3 })).runs;
    const high = (await submit(ada, { replicates: 2, name: 'high', priority: 100 })).runs;
    expect(await serve(1, 7)).toEqual([b[0], high[0], b[1], high[1], b[2], low[0], low[1]]);
  });

  it('can be changed while runs wait', async () => {
    const first = await submit(ada, { replicates: 3, name: 'first' });
    const second = await submit(ada, { replicates: 3, name: 'second' });
    await persistence.experimentsOf(ada).change(second.id, { priority: 1 });
    expect(await serve(1, 4)).toEqual([...second.runs, first.runs[0]]);
  });
});

describe('why a run waits', () => {
  it('counts who is before it', async () => {
    await submit(bob, { replicates: 30 });
    const a = await submit(ada, { replicates: 10, name: 'mine' });
    const high = await submit(ada, { replicates: 2, name: 'high', priority: 1 });
    // Of its owner: 4 of the same experiment and 2 of a higher priority; of bob, who was first: as many, and the one of its own turn.
    expect(await persistence.experiments.waitOf(a.runs[4])).toMatchObject({
      ahead: [
        { member: 'ada', runs: 6 },
        { member: 'bob', runs: 6 },
      ],
      slots: 0,
    });
    const order = await serve(1, 14);
    expect(order.indexOf(a.runs[4])).toBeLessThanOrEqual(13);
    expect(order.indexOf(a.runs[4])).toBeGreaterThanOrEqual(12);
    expect(high.runs.every((runId) => order.includes(runId))).toBe(true);
  });

  it('is told what keeps it: a pause, an attempt that was lost', async () => {
    const { id, runs } = await submit(ada, { replicates: 2 });
    const store = persistence.experimentsOf(ada);
    await store.pause(id);
    expect(await store.waitOf(runs[0])).toMatchObject({ hold: 'paused', ahead: [] });
    expect(await persistence.experimentsOf(bob).waitOf(runs[0])).toMatchObject({ hold: 'paused' });
    await store.resume(id);
    const [admission] = await persistence.runs.admit(1);
    expect(await store.waitOf(admission.runId)).toMatchObject({ admitted: true });
    await persistence.runs.release(await claim(persistence.runs, admission), 'fault', NOTHING);
    await putOffForLong(database);
    expect(await store.waitOf(admission.runId)).toMatchObject({ admitted: false, notBefore: expect.any(Date) as Date });
    expect(await store.waitOf('00000000-0000-4000-8000-000000000000')).toBeUndefined();
  });
});
