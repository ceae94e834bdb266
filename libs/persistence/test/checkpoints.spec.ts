/** Checkpoints of every size: they come back as they were, or are told to be missing. */
import type { Claim, RunProgress } from '@airmeta/lab';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { openPersistence, type Persistence } from '../src/index.js';
import { CHUNK_BYTES } from '../src/runs/checkpoints.js';
import { admitAndClaim, LEASE_MS, NOTHING, planOf, progressOf, WORKER } from './support/fixtures.js';

let database: TestDatabase;
let persistence: Persistence;

beforeAll(async () => {
  database = await createTestDatabase();
  persistence = await openPersistence({ connectionString: database.url });
});

beforeEach(() => database.query('TRUNCATE experiments, admission_turns CASCADE'));

afterAll(async () => {
  await persistence.close();
  await database.drop();
});

/** Bytes that differ from chunk to chunk, and within each. */
function bytesOf(length: number, salt: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index += 997) bytes[index] = (index / 997 + salt) % 251;
  bytes[length - 1] = 255;
  return bytes;
}

const LARGE = bytesOf(2 * CHUNK_BYTES + 5, 1);
const at = (round: number, bytes: Uint8Array): RunProgress => ({ ...progressOf(round), checkpoint: { round, bytes } });

async function started(options: Parameters<typeof planOf>[0] = {}): Promise<{ id: string; held: Claim }> {
  const { id } = (await persistence.experiments.create(planOf(options))).summary;
  const [held] = await admitAndClaim(persistence.runs, 1);
  return { id, held };
}

/** The next attempt at the run that was given back. */
async function again(): Promise<Claim> {
  const [held] = await admitAndClaim(persistence.runs, 1);
  return held;
}

/** Numbers of the chunks behind the beginnings of all checkpoints. */
const chunks = async () =>
  (await database.query<{ number: number }>('SELECT number FROM checkpoint_chunks ORDER BY number')).map(({ number }) => number);

const equals = (checkpoint: Claim['checkpoint'], round: number, bytes: Uint8Array) =>
  checkpoint?.round === round && Buffer.from(checkpoint.bytes).equals(bytes);

describe('a large checkpoint', () => {
  it('comes back bit by bit, whether a report has brought it or the end of an attempt', async () => {
    const { runs } = persistence;
    const { held } = await started();
    expect(await runs.report(held, at(10, LARGE), LEASE_MS)).toBe('held');
    expect(await chunks()).toEqual([1, 2]);
    await runs.release(held, 'stopping', NOTHING);
    const second = await again();
    expect(equals(second.checkpoint, 10, LARGE)).toBe(true);
    const other = bytesOf(LARGE.length + CHUNK_BYTES, 2);
    await runs.release(second, 'stopping', at(20, other));
    expect(equals((await again()).checkpoint, 20, other)).toBe(true);
  });

  it('leaves nothing behind when a smaller one, or the beginning, takes its place', async () => {
    const { runs } = persistence;
    const { held } = await started();
    await runs.report(held, at(10, LARGE), LEASE_MS);
    const small = bytesOf(100, 3);
    await runs.report(held, at(11, small), LEASE_MS);
    expect(await chunks()).toEqual([]);
    await runs.report(held, at(12, LARGE), LEASE_MS);
    await runs.release(held, 'checkpoint', { ...NOTHING, checkpoint: { round: 0, bytes: new Uint8Array(0) } });
    expect(await chunks()).toEqual([]);
    expect((await database.query('SELECT 1 FROM checkpoints')).length).toBe(0);
  });

  it('is not written by who has lost the run', async () => {
    const { runs } = persistence;
    const { held } = await started();
    await runs.release(held, 'stopping', at(10, LARGE));
    const second = await again();
    expect(await runs.report(held, at(50, bytesOf(LARGE.length, 9)), LEASE_MS)).toBe('lost');
    expect(await runs.finish(held, { kind: 'failed', failure: { code: 'x', message: 'x' } }, at(50, bytesOf(LARGE.length, 9)))).toBe(false);
    await runs.release(second, 'stopping', NOTHING);
    expect(equals((await again()).checkpoint, 10, LARGE)).toBe(true);
  });

  it('is kept of a run that ends, counts as what its experiment keeps, and goes with it', async () => {
    const { runs } = persistence;
    const { id, held } = await started();
    await runs.finish(held, { kind: 'completed', rounds: 100 }, at(100, LARGE));
    const kept = () => database.query<{ bytes: string; size: string }>('SELECT kept_bytes AS bytes, size FROM experiments, checkpoints');
    expect(await kept()).toEqual([{ bytes: String(LARGE.length), size: String(LARGE.length) }]);
    expect(await chunks()).toEqual([1, 2]);
    await persistence.experiments.deleteRun(held.runId);
    expect(await chunks()).toEqual([]);
    expect(await persistence.experiments.find(id)).toMatchObject({ runs: { completed: 0 } });
  });

  it('is copied to who shares the results when the run is deleted that had it', async () => {
    await persistence.runs.heartbeat(WORKER);
    const { held } = await started({ force: false });
    await persistence.runs.finish(held, { kind: 'completed', rounds: 100 }, at(100, LARGE));
    await persistence.experiments.create(planOf({ force: false, name: 'the same again' }));
    await persistence.experiments.deleteRun(held.runId);
    expect(await chunks()).toEqual([1, 2]);
    const [{ size, kept }] = await database.query<{ size: string; kept: string }>(
      `SELECT size, kept_bytes AS kept FROM checkpoints JOIN runs ON runs.id = run_id JOIN experiments ON experiments.id = experiment_id`,
    );
    expect([size, kept]).toEqual([String(LARGE.length), String(LARGE.length)]);
  });

  it('is short, which its checksum tells, where a chunk of it is gone', async () => {
    const { held } = await started();
    await persistence.runs.release(held, 'stopping', at(10, LARGE));
    await database.query('DELETE FROM checkpoint_chunks WHERE number = 2');
    expect((await again()).checkpoint?.bytes).toHaveLength(2 * CHUNK_BYTES);
  });

  it('that is being written keeps the run from being taken for lost', async () => {
    const { held } = await started();
    await database.query(`UPDATE runs SET lease_expires_at = now() - interval '1 second'`);
    const writer = new pg.Client({ connectionString: database.url });
    await writer.connect();
    await writer.query('BEGIN');
    await writer.query(`UPDATE runs SET lease_expires_at = now() + interval '1 minute'`);
    expect(await persistence.runs.recoverStale(5)).toEqual({ requeued: 0, cancelled: 0, failed: 0 });
    await writer.query('COMMIT');
    await writer.end();
    expect(await persistence.runs.report(held, NOTHING, LEASE_MS)).toBe('held');
  });
});

describe('a checkpoint that was too large to be kept', () => {
  it('is told of the attempt that it was of, and of no other', async () => {
    const { runs, experiments } = persistence;
    const { held } = await started();
    await runs.report(held, { ...progressOf(10), refusedCheckpointBytes: 2 ** 33 }, LEASE_MS);
    const refusals = async () =>
      (await experiments.attempts(held.runId, 10)).map(({ fromRound, refusedCheckpointBytes }) => [fromRound, refusedCheckpointBytes]);
    expect(await refusals()).toEqual([[0, 2 ** 33]]);
    await runs.release(held, 'stopping', NOTHING);
    expect(await refusals()).toEqual([[0, 2 ** 33]]);
    const second = await again();
    await runs.release(second, 'stopping', at(20, bytesOf(10, 1)));
    const third = await again();
    await runs.finish(third, { kind: 'completed', rounds: 100 }, { ...progressOf(100), refusedCheckpointBytes: 2 ** 34 });
    expect(await refusals()).toEqual([
      [0, 2 ** 33],
      [0, null],
      [20, 2 ** 34],
    ]);
  });

  it('is told of an attempt whose worker has died', async () => {
    const { held } = await started();
    await persistence.runs.report(held, { ...progressOf(10), refusedCheckpointBytes: 77 }, LEASE_MS);
    await database.query(`UPDATE runs SET lease_expires_at = now() - interval '1 second'`);
    expect(await persistence.runs.recoverStale(5)).toMatchObject({ requeued: 1 });
    await again();
    expect(
      (await persistence.experiments.attempts(held.runId, 10)).map(({ refusedCheckpointBytes, end }) => [refusedCheckpointBytes, end]),
    ).toEqual([
      [77, 'lease-expired'],
      [null, null],
    ]);
  });
});
