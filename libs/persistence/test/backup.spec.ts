/** A lab in a file, and back. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { issueFirstToken } from '@airmeta/lab';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { backupDatabase, openPersistence, restoreDatabase } from '../src/index.js';
import { readMigrations } from '../src/schema/migration-files.js';
import { admitAndClaim, curveOf, planOf, progressOf, recordOf, WORKER } from './support/fixtures.js';
import { memberSession } from './support/sessions.js';

let folder: string;
let source: TestDatabase;
let file: string;
const databases: TestDatabase[] = [];

async function newDatabase(options?: { migrated: boolean }): Promise<TestDatabase> {
  const database = await createTestDatabase(options);
  databases.push(database);
  return database;
}

/** Every row of every table, as text, but for those who work there now. */
async function everything(database: TestDatabase): Promise<Record<string, string[]>> {
  const tables = await database.query<{ name: string }>(
    `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('_prisma_migrations', 'workers') ORDER BY 1`,
  );
  const contents: Record<string, string[]> = {};
  for (const { name } of tables) {
    const rows = await database.query<{ row: string }>(`SELECT t::text AS row FROM ${name} AS t ORDER BY 1`);
    contents[name] = rows.map(({ row }) => row);
  }
  return contents;
}

/** A lab with something in every table, and values that are easily mangled. */
async function fill(database: TestDatabase): Promise<void> {
  const persistence = await openPersistence({ connectionString: database.url });
  const ada = await memberSession(persistence.access, 'ada', 'admin');
  const plan = planOf({
    name: 'tab\t, newline\n, \\N, back\\slash, "quotes" and ünïcödé 𝄞',
    snrs: ['0 dB', '10 dB'],
    replicates: 2,
    idealTwins: true,
  });
  await persistence.experimentsOf(ada).create({ ...plan, visibility: 'private', idempotency: { key: 'k', fingerprint: 'f' } });
  await persistence.runs.heartbeat(WORKER);
  const [completed, diverged, failed] = await admitAndClaim(persistence.runs, 4);
  const records = [recordOf(0, { trainLoss: 0.1 + 0.2 }), recordOf(10, { trainLoss: 5e-324 }), recordOf(20, { trainLoss: null })];
  const parameters = new Float32Array([0.1, -0, 3.4e38, 1e-45]);
  const trained = { fineTuning: [curveOf('last', 'train', 'loss')], round: 20, tensors: [{ name: 'w', shape: [4] }], parameters };
  const checkpoint = { round: 100, bytes: new Uint8Array([0, 255, 10, 92]) };
  await persistence.runs.finish(completed, { kind: 'completed', rounds: 100 }, { ...progressOf(20, ...records), trained, checkpoint });
  await persistence.runs.finish(diverged, { kind: 'diverged', reason: 'not finite', round: 3 }, progressOf(3));
  await persistence.runs.finish(failed, { kind: 'failed', failure: { code: 'x', message: 'nul \u0000 and \\u0000' } }, progressOf(0));
  await database.query(`INSERT INTO checkpoint_chunks (run_id, number, bytes) SELECT run_id, 1, '\\x00ff0a5c' FROM checkpoints`);
  await database.query('INSERT INTO retention (id, kept_bytes_limit) VALUES (1, 12345)');
  await persistence.close();
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'airmeta-backup-'));
  source = await newDatabase();
  await fill(source);
  file = join(folder, 'lab.backup.gz');
  await backupDatabase(source.url, file);
});
afterAll(async () => {
  await Promise.all(databases.map((database) => database.drop()));
  rmSync(folder, { recursive: true });
});

describe('a backup', () => {
  it('holds every table that there is, and is its owner’s to read', async () => {
    const contents = await everything(source);
    for (const [name, rows] of Object.entries(contents)) expect([name, rows.length > 0]).toEqual([name, true]);
    const { tables, migrations } = await backupDatabase(source.url, join(folder, 'again.gz'));
    expect(Object.fromEntries(tables.map(({ name, rows }) => [name, rows]))).toEqual(
      Object.fromEntries(Object.entries(contents).map(([name, rows]) => [name, rows.length])),
    );
    expect(migrations).toEqual((await readMigrations()).migrationDirectories.map(({ path }) => path));
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('comes back row for row, and the lab goes on where it was', async () => {
    const target = await newDatabase();
    await restoreDatabase(target.url, file);
    expect(await everything(target)).toEqual(await everything(source));

    const persistence = await openPersistence({ connectionString: target.url });
    const [{ last }] = await target.query<{ last: string }>('SELECT max(id) AS last FROM audit_log');
    await memberSession(persistence.access, 'bob', 'viewer');
    const [{ next }] = await target.query<{ next: string }>('SELECT max(id) AS next FROM audit_log');
    expect(Number(next)).toBeGreaterThan(Number(last));
    expect(await persistence.runs.admit(10)).toHaveLength(2);
    await persistence.close();
    await expect(
      target.query(
        `DELETE FROM experiments WHERE false; INSERT INTO points SELECT gen_random_uuid(), gen_random_uuid(), 9, role, label, axes, config, hash, NULL FROM points LIMIT 1`,
      ),
    ).rejects.toThrow('foreign key');
  });

  it('comes back into a lab with accounts that was started, whose first admin gives way', async () => {
    const target = await newDatabase();
    const started = await openPersistence({ connectionString: target.url });
    expect(await issueFirstToken(90, started.access)).toBeDefined();
    expect(await restoreDatabase(target.url, file)).toMatchObject({ firstAdmin: 'replaced' });
    expect(await everything(target)).toEqual(await everything(source));
    expect(await issueFirstToken(90, started.access)).toBeUndefined();
    await started.close();
  });

  it('without members leaves the first admin, as nobody else could get in', async () => {
    const open = await newDatabase();
    const withoutAccounts = await openPersistence({ connectionString: open.url });
    await withoutAccounts.experiments.create(planOf());
    await withoutAccounts.close();
    const copy = join(folder, 'open.gz');
    await backupDatabase(open.url, copy);
    const target = await newDatabase();
    const started = await openPersistence({ connectionString: target.url });
    await issueFirstToken(90, started.access);
    expect(await restoreDatabase(target.url, copy)).toMatchObject({ firstAdmin: 'kept' });
    expect((await started.access.members()).map(({ name }) => name)).toEqual(['admin']);
    await started.close();
  });

  it('is one moment of a lab that goes on writing', async () => {
    const busy = await newDatabase();
    await fill(busy);
    const persistence = await openPersistence({ connectionString: busy.url });
    let stop = false;
    const writing = (async () => {
      while (!stop) await persistence.experiments.create(planOf({ name: randomUUID() }));
    })();
    const copy = join(folder, 'busy.gz');
    await backupDatabase(busy.url, copy);
    stop = true;
    await writing;
    await persistence.close();
    const target = await newDatabase();
    await restoreDatabase(target.url, copy);
    const halves = await target.query(
      'SELECT 1 FROM experiments WHERE run_count <> (SELECT count(*) FROM runs WHERE experiment_id = experiments.id)',
    );
    expect(halves).toEqual([]);
  });
});

describe('a restore that cannot be', () => {
  const refusal = async (database: TestDatabase, from: string) => {
    const error: unknown = await restoreDatabase(database.url, from).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'backup-refused' });
    return (error as Error).message;
  };

  it('refuses a database that has data, and names where', async () => {
    const target = await newDatabase();
    await target.query(`INSERT INTO admission_turns VALUES ('00000000-0000-4000-8000-000000000001', 7)`);
    const before = await everything(target);
    expect(await refusal(target, file)).toContain('has data already, in admission_turns: restore into a new database');
    expect(await everything(target)).toEqual(before);
  });

  it('refuses a lab whose first admin has done something', async () => {
    const target = await newDatabase();
    const started = await openPersistence({ connectionString: target.url });
    await issueFirstToken(90, started.access);
    await memberSession(started.access, 'bob', 'viewer');
    await started.close();
    const before = await everything(target);
    expect(await refusal(target, file)).toMatch(/has data already, in .*members/);
    expect(await everything(target)).toEqual(before);
  });

  it('refuses a database without tables, and one of another version', async () => {
    expect(await refusal(await newDatabase({ migrated: false }), file)).toContain('run "airmeta admin migrate" first');
    const newer = await newDatabase();
    await newer.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ('1', 'x', '99991231235959_future', now(), now(), 1)`,
    );
    expect(await refusal(newer, file)).toContain('the database has 99991231235959_future, which the backup does not know');
    const older = await newDatabase();
    const [{ name }] = await older.query<{ name: string }>('SELECT max(migration_name) AS name FROM _prisma_migrations');
    await older.query('DELETE FROM _prisma_migrations WHERE migration_name = $1', [name]);
    expect(await refusal(older, file)).toContain(`the database lacks ${name}`);
    const changed = await newDatabase();
    await changed.query('ALTER TABLE idempotency_keys ADD COLUMN further int');
    expect(await refusal(changed, file)).toContain('changed by hand');
  });

  it('refuses files that are cut, damaged, of something else or not there, and writes nothing', async () => {
    const target = await newDatabase();
    const empty = await everything(target);
    const whole = readFileSync(file);
    const plain = gunzipSync(whole);
    const flipped = Buffer.from(whole);
    flipped[Math.floor(whole.length / 2)] ^= 0xff;
    const swapped = Buffer.from(plain.toString('latin1').replace('not finite', 'was finite'), 'latin1');
    const bad: Record<string, Buffer> = {
      'cut.gz': whole.subarray(0, whole.length - 20),
      'half.gz': whole.subarray(0, whole.length / 2),
      'flipped.gz': flipped,
      'swapped.gz': gzipSync(swapped),
      'cut-inside.gz': gzipSync(plain.subarray(0, plain.length - 100)),
      'longer.gz': gzipSync(Buffer.concat([plain, Buffer.from('x')])),
      'text.gz': Buffer.from('no backup'),
      'empty.gz': Buffer.alloc(0),
    };
    expect(swapped.equals(plain)).toBe(false);
    for (const [name, bytes] of Object.entries(bad)) {
      writeFileSync(join(folder, name), bytes);
      expect([name, await refusal(target, join(folder, name))]).toEqual([
        name,
        expect.stringContaining('is cut or damaged; nothing was written'),
      ]);
    }
    writeFileSync(join(folder, 'other.gz'), gzipSync('{"format":"airmeta-backup","version":2}\n'));
    expect(await refusal(target, join(folder, 'other.gz'))).toContain('not a backup that this version can read');
    expect(await refusal(target, join(folder, 'missing.gz'))).toContain('there is no file');
    expect(await everything(target)).toEqual(empty);
  });

  it('does not wait for ever for a database that is in use', async () => {
    const target = await newDatabase();
    const other = new pg.Client({ connectionString: target.url });
    await other.connect();
    await other.query('BEGIN; LOCK TABLE runs IN ROW EXCLUSIVE MODE');
    expect(await refusal(target, file)).toContain('stop the server and the workers first');
    await other.end();
  });

  it('leaves no file of a backup that failed', async () => {
    const missing = new URL(source.url);
    missing.pathname = '/no_such_database';
    const never = join(folder, 'never.gz');
    await expect(backupDatabase(missing.href, never)).rejects.toMatchObject({ code: 'database-unavailable' });
    expect(existsSync(never) || existsSync(`${never}.unfinished`)).toBe(false);
  });
});
