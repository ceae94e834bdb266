import pg from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';
import { migrateDatabase, openPersistence } from '../src/index.js';
import { readMigrations } from '../src/schema/migration-files.js';
import { schemaDifference } from '../src/schema/schema-difference.js';
import { admitAndClaim, NOTHING, planOf } from './support/fixtures.js';

/** Many processes, or heavy ones, one after another. */
vi.setConfig({ testTimeout: 300_000 });

let database: TestDatabase;
afterEach(() => database.drop());

describe('migrateDatabase', () => {
  it('applies every migration once, though two start at the same time', async () => {
    database = await createTestDatabase({ migrated: false });
    const names = (await readMigrations()).migrationDirectories.map((directory) => directory.path);
    const [first, second] = await Promise.all([migrateDatabase(database.url), migrateDatabase(database.url)]);
    expect([...first, ...second]).toEqual(names);
    expect(await migrateDatabase(database.url)).toEqual([]);
    const rows = await database.query<{ migration_name: string }>('SELECT migration_name FROM _prisma_migrations');
    expect(rows.map((row) => row.migration_name)).toEqual(names);
  });

  it('leaves the database exactly as schema.prisma says', async () => {
    database = await createTestDatabase();
    expect(await schemaDifference(database.url)).toBe('');
    await database.query('ALTER TABLE workers DROP COLUMN engine');
    expect(await schemaDifference(database.url)).toContain('ALTER TABLE "workers" ADD COLUMN     "engine" TEXT NOT NULL');
  });

  it('takes up a migration that was killed half-way', async () => {
    database = await createTestDatabase({ migrated: false });
    const names = await migrateDatabase(database.url);
    await database.query('TRUNCATE _prisma_migrations');
    const tables = await database.query<{ name: string }>(
      `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'`,
    );
    await database.query(`DROP TABLE ${tables.map(({ name }) => name).join(', ')}`);
    const types = await database.query<{ name: string }>(
      `SELECT quote_ident(typname) AS name FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'`,
    );
    await database.query(`DROP TYPE ${types.map(({ name }) => name).join(', ')}`);
    await database.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, applied_steps_count) VALUES ('1', 'x', $1, now(), 0)`,
      [names[0]],
    );
    expect(await migrateDatabase(database.url)).toEqual(names);
  });

  it('refuses a database that a newer version has migrated', async () => {
    database = await createTestDatabase();
    await database.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ('1', 'x', '99991231235959_future', now(), now(), 1)`,
    );
    await expect(migrateDatabase(database.url)).rejects.toMatchObject({
      code: 'database-newer',
      migrations: ['99991231235959_future'],
    });
  });

  it('says what is in the way, and leaves nothing behind', async () => {
    database = await createTestDatabase({ migrated: false });
    await migrateDatabase(database.url);
    await database.query('TRUNCATE _prisma_migrations');
    await database.query('DROP TABLE experiments CASCADE');
    await expect(migrateDatabase(database.url)).rejects.toMatchObject({ code: 'migration-failed' });
    const tables = await database.query(`SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = 'experiments'`);
    expect(tables).toEqual([]);
  });
});

describe('a database that is not there', () => {
  it('is a typed error of both entrances', async () => {
    database = await createTestDatabase();
    const missing = new URL(database.url);
    missing.pathname = '/no_such_database';
    await expect(migrateDatabase(missing.href)).rejects.toMatchObject({ code: 'database-unavailable' });
    await expect(openPersistence({ connectionString: missing.href })).rejects.toMatchObject({ code: 'database-unavailable' });
  });

  it('is a typed error in the middle of the work, which can be taken up again', async () => {
    database = await createTestDatabase();
    const persistence = await openPersistence({ connectionString: database.url });
    const { id } = (await persistence.experiments.create(planOf())).summary;
    const [held] = await admitAndClaim(persistence.runs, 1);

    const blocker = new pg.Client({ connectionString: database.url });
    await blocker.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT 1 FROM experiments FOR UPDATE');
    const finishing = persistence.runs.finish(held, { kind: 'completed', rounds: 100 }, NOTHING).catch((error: unknown) => error);
    const waiting = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    const sessions: { pid: number }[] = [];
    while (sessions.length === 0) sessions.push(...(await database.query<{ pid: number }>(waiting)));
    await database.query('SELECT pg_terminate_backend($1)', [sessions[0].pid]);
    expect(await finishing).toMatchObject({ name: 'DatabaseUnavailableError', code: 'database-unavailable' });
    await blocker.end();

    expect(await persistence.experiments.find(id)).toMatchObject({ runs: { running: 1 } });
    expect(await persistence.runs.finish(held, { kind: 'completed', rounds: 100 }, NOTHING)).toBe(true);
    await persistence.close();
  });
});
