/** Statements that wait for a lock while what they have begun with changes: the interleavings, one by one. */
import type { Admission } from '@airmeta/lab';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { until } from '../../../test/support/until.js';
import { openPersistence, type Persistence } from '../src/index.js';
import { admitAndClaim, LEASE_MS, NOTHING, planOf, progressOf, recordOf, WORKER } from './support/fixtures.js';

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

/**
 * Begins `statement` while another transaction holds rows that it needs, lets that one make its changes once the statement waits, and
 * gives what the statement comes to.
 */
async function meanwhile<T>(held: string, changes: readonly string[], statement: () => Promise<T>): Promise<T> {
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  try {
    await holder.query('BEGIN');
    await holder.query(held);
    const answer = statement();
    await until('the statement waits', async () => {
      const [{ waiting }] = await database.query<{ waiting: boolean }>(
        `SELECT count(*) > 0 AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return waiting;
    });
    for (const change of changes) await holder.query(change);
    await holder.query('COMMIT');
    return await answer;
  } finally {
    await holder.end();
  }
}

const LOCK_EXPERIMENT = 'SELECT FROM experiments FOR NO KEY UPDATE';

describe('a claim', () => {
  it('begins with what an extension has made of the run, not with what it was', async () => {
    await persistence.experiments.create(planOf());
    const [first] = await admitAndClaim(persistence.runs, 1);
    await persistence.runs.release(first, 'stopping', { ...progressOf(50), checkpoint: { round: 50, bytes: Uint8Array.of(1) } });
    const [admission] = await persistence.runs.admit(1);
    const claimed = await meanwhile(
      LOCK_EXPERIMENT,
      [
        `UPDATE points SET config = jsonb_set(config::jsonb, '{rounds}', '150')::json`,
        `UPDATE runs SET rounds = 150, computation = sha256('longer')`,
        'DELETE FROM checkpoints',
      ],
      () => persistence.runs.claim(admission, WORKER, LEASE_MS),
    );
    expect(claimed).toMatchObject({ fence: 2, checkpoint: null, config: { rounds: 150 } });
  });

  it('is made although the experiment has changed, if the run has not', async () => {
    await persistence.experiments.create(planOf());
    const [admission] = await persistence.runs.admit(1);
    const rename = `UPDATE experiments SET name = 'renamed'`;
    expect(await meanwhile(LOCK_EXPERIMENT, [rename], () => persistence.runs.claim(admission, WORKER, LEASE_MS))).toMatchObject({
      fence: 1,
    });
  });

  it('is refused when the run was cancelled, or the experiment paused', async () => {
    await persistence.experiments.create(planOf({ replicates: 2 }));
    const admissions = await persistence.runs.admit(2);
    const claim = (admission: Admission) => () => persistence.runs.claim(admission, WORKER, LEASE_MS);
    const cancel = `UPDATE runs SET state = 'cancelled', finished_at = now() WHERE id = '${admissions[0].runId}'`;
    expect(await meanwhile(LOCK_EXPERIMENT, [cancel], claim(admissions[0]))).toBeUndefined();
    expect(await meanwhile(LOCK_EXPERIMENT, [`UPDATE experiments SET hold = 'paused'`], claim(admissions[1]))).toBeUndefined();
  });
});

describe('the end of a run', () => {
  it('counts the checkpoint that a late report has written, and keeps no other', async () => {
    for (const [round, keptBytes] of [
      [100, 1000],
      [60, 0],
    ] as const) {
      await database.query('TRUNCATE experiments CASCADE');
      await persistence.experiments.create(planOf());
      const [held] = await admitAndClaim(persistence.runs, 1);
      const finished = await meanwhile(
        LOCK_EXPERIMENT,
        [
          `INSERT INTO checkpoints (run_id, round, engine, bytes, size) VALUES ('${held.runId}', ${round}, 'test 1', decode(repeat('00', 1000), 'hex'), 1000)`,
          `UPDATE runs SET round = ${round}`,
        ],
        () => persistence.runs.finish(held, { kind: 'completed', rounds: 100 }, NOTHING),
      );
      expect(finished).toBe(true);
      const [{ kept_bytes: bytes }] = await database.query<{ kept_bytes: string }>('SELECT kept_bytes FROM experiments');
      expect(Number(bytes)).toBe(keptBytes);
      expect(await database.query('SELECT round FROM checkpoints')).toEqual(keptBytes > 0 ? [{ round }] : []);
    }
  });

  it('appends each record once, and gapless events, however many end at once behind one lock', async () => {
    const { summary } = await persistence.experiments.create(planOf({ replicates: 4 }));
    const held = await admitAndClaim(persistence.runs, 4);
    const record = recordOf(100, { trainLoss: 0.5 });
    const ends = await meanwhile(LOCK_EXPERIMENT, [`UPDATE experiments SET notes = 'changed'`], () =>
      Promise.all(held.map((claim) => persistence.runs.finish(claim, { kind: 'completed', rounds: 100 }, progressOf(100, record)))),
    );
    expect(ends).toEqual([true, true, true, true]);
    const events = await persistence.events.eventsAfter(summary.id, 0, 99);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    expect(events.filter(({ type }) => type === 'experiment-finished')).toHaveLength(1);
    expect(await persistence.experiments.find(summary.id)).toMatchObject({ state: 'finished', runs: { completed: 4 } });
  });
});

describe('an admission', () => {
  it('leaves a run for the next time whose computation has changed', async () => {
    await persistence.experiments.create(planOf({ force: false }));
    const change = `UPDATE runs SET computation = sha256('another')`;
    // Its turn is taken by a transaction that is rolled back in effect: the number stays what it was.
    await database.query(`INSERT INTO admission_turns VALUES ('ffffffff-ffff-ffff-ffff-ffffffffffff', 7)`);
    const hold = `SELECT FROM admission_turns FOR UPDATE`;
    expect(await meanwhile(hold, [change], () => persistence.runs.admit(9))).toEqual([]);
    expect(await persistence.runs.admit(9)).toHaveLength(1);
  });

  it('begins again when another dispatcher had its turn', async () => {
    await persistence.experiments.create(planOf());
    await database.query(`INSERT INTO admission_turns VALUES ('ffffffff-ffff-ffff-ffff-ffffffffffff', 7)`);
    const advance = 'UPDATE admission_turns SET turn = turn + 1';
    expect(await meanwhile('SELECT FROM admission_turns FOR UPDATE', [advance], () => persistence.runs.admit(9))).toHaveLength(1);
    expect(await database.query(`SELECT turn FROM admission_turns WHERE holder = 'ffffffff-ffff-ffff-ffff-ffffffffffff'`)).toEqual([
      { turn: '9' },
    ]);
  });
});
