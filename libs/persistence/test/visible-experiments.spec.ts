import type { ExperimentStore, Session } from '@airmeta/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { openPersistence, type Persistence } from '../src/index.js';
import { admitAndClaim, curveOf, planOf, progressOf, recordOf } from './support/fixtures.js';
import { memberSession } from './support/sessions.js';

let database: TestDatabase;
let persistence: Persistence;
let owner: Session;
/** A finished private experiment with everything an experiment can have, its ideal twin too, and a run of it. */
let id: string;
let runId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  persistence = await openPersistence({ connectionString: database.url });
  owner = await memberSession(persistence.access, 'owner', 'researcher');
  id = (await persistence.experimentsOf(owner).create({ ...planOf({ name: 'secret', idealTwins: true }), visibility: 'private' })).summary
    .id;
  const claims = await admitAndClaim(persistence.runs, 2);
  runId = claims[0].runId;
  for (const claimed of claims) {
    await persistence.runs.finish(
      claimed,
      { kind: 'completed', rounds: 100 },
      {
        ...progressOf(100, recordOf(100, { trainLoss: 1, newTasksLoss: 1 })),
        trained: {
          round: 100,
          tensors: [{ name: 'w', shape: [1] }],
          parameters: new Float32Array([1]),
          fineTuning: [curveOf('last', 'train', 'loss')],
        },
      },
    );
  }
});

afterAll(async () => {
  await persistence.close();
  await database.drop();
});

/** How much of the experiment a store gives, path by path. */
async function shown(store: ExperimentStore): Promise<Record<string, boolean>> {
  return {
    find: (await store.find(id)) !== undefined,
    list: (await store.list({ limit: 100 })).items.some((item) => item.id === id),
    points: (await store.points(id)).length > 0,
    runs: (await store.runs(id, {}, { limit: 10 })).items.length > 0,
    findRun: (await store.findRun(runId)) !== undefined,
    series: (await store.series([runId])).length > 0,
    fineTuning: (await store.fineTuning([runId])).some(({ curves }) => curves.length > 0),
    parameters: (await store.parameters(runId)) !== undefined,
    tradeoff: (await store.tradeoff(id)) !== undefined,
    claimRuns: (await store.claimRuns(id, 'loss')).length > 0,
    learningCurves: (await store.learningCurves(id, { limit: 1 })) !== undefined,
  };
}
const PATHS = 'find list points runs findRun series fineTuning parameters tradeoff claimRuns learningCurves'.split(' ');
const whole = (value: boolean) => Object.fromEntries(PATHS.map((path) => [path, value]));

describe('a private experiment', () => {
  it('is there for the laboratory, its owner and admins, on every path', async () => {
    const admin = await memberSession(persistence.access, 'boss', 'admin');
    expect(await shown(persistence.experiments)).toEqual(whole(true));
    expect(await shown(persistence.experimentsOf(owner))).toEqual(whole(true));
    expect(await shown(persistence.experimentsOf(admin))).toEqual(whole(true));
  });

  it('is not there for others, on every path', async () => {
    const other = persistence.experimentsOf(await memberSession(persistence.access, 'other', 'researcher'));
    expect(await shown(other)).toEqual(whole(false));
    expect(await other.cancel(id)).toBeUndefined();
    expect(await other.change(id, { visibility: 'lab' })).toBeUndefined();
    expect((await persistence.experiments.find(id))?.visibility).toBe('private');
    const limited = await memberSession(persistence.access, 'careful', 'admin', 'read');
    expect(await shown(persistence.experimentsOf(limited))).toEqual(whole(false));
  });

  it('knows its owner, and is everybody’s once it is the lab’s', async () => {
    const store = persistence.experimentsOf(owner);
    expect(await store.find(id)).toMatchObject({ owner: 'owner', ownerId: owner.caller.member?.id, visibility: 'private' });
    expect(await store.change(id, { visibility: 'lab' })).toMatchObject({ visibility: 'lab' });
    const viewer = await memberSession(persistence.access, 'viewer', 'viewer');
    expect(await shown(persistence.experimentsOf(viewer))).toEqual(whole(true));
    await store.change(id, { visibility: 'private' });
    expect(await shown(persistence.experimentsOf(viewer))).toEqual(whole(false));
  });

  it('leaves no holes in the pages of others', async () => {
    const other = persistence.experimentsOf(await memberSession(persistence.access, 'pager', 'viewer'));
    const store = persistence.experimentsOf(owner);
    for (const visibility of ['lab', 'private', 'lab', 'private', 'lab'] as const) await store.create({ ...planOf(), visibility });
    const first = await other.list({ limit: 2 });
    expect(first.items.map(({ visibility }) => visibility)).toEqual(['lab', 'lab']);
    const second = await other.list({ limit: 2, after: first.nextCursor ?? '' });
    expect(second.items.map(({ visibility }) => visibility)).toEqual(['lab']);
    expect(second.nextCursor).toBeNull();
  });
});
