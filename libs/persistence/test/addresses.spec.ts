/** Addresses that cannot work are refused before a table is made, and the others work in every part. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, describe, expect, inject, it, vi } from 'vitest';
import { startMortalPostgres } from '../../../test/support/mortal-postgres.js';
import { startStandby } from '../../../test/support/standby-postgres.js';
import { createTestDatabase, databaseAt, type TestDatabase } from '../../../test/support/test-database.js';
import { pgbouncerIsInstalled, startTemporaryPgbouncer } from '../../../test/support/temporary-pgbouncer.js';
import { backupDatabase, migrateDatabase, openPersistence, restoreDatabase, settleDatabase } from '../src/index.js';
import { admitAndClaim, NOTHING, planOf, progressOf, recordOf } from './support/fixtures.js';

vi.setConfig({ testTimeout: 180_000 });

const folder = mkdtempSync(join(tmpdir(), 'airmeta-addresses-'));
const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase({ migrated: false });
  undo.push(() => database.drop());
  return database;
}

async function asAdmin(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresAdminUrl') });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

/** A user with a password that needs percent-encoding, and the address of a database under that name. */
async function newUser(database: TestDatabase, attributes = ''): Promise<{ name: string; url: string }> {
  const name = `user_${randomUUID().replaceAll('-', '')}`;
  const password = 's3/cr?t#%@:& ';
  await asAdmin(`CREATE ROLE ${name} LOGIN PASSWORD '${password}' ${attributes}`);
  undo.push(async () => {
    await database.query(`DROP OWNED BY ${name}`);
    await asAdmin(`DROP ROLE ${name}`);
  });
  const { host, pathname } = new URL(database.url);
  return { name, url: `postgresql://${name}:${encodeURIComponent(password)}@${host}${pathname}` };
}

function withParameters(url: string, parameters: Record<string, string>): string {
  const address = new URL(url);
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  return address.href;
}

const tablesOf = (database: TestDatabase) =>
  database.query<{ place: string }>(
    `SELECT DISTINCT nspname AS place FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
     WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  );

/** Both entrances say the same, and nothing was made. */
async function expectRefused(database: TestDatabase, url: string, sentence: string | RegExp): Promise<void> {
  for (const enter of [() => migrateDatabase(url), () => openPersistence({ connectionString: url })]) {
    const error: unknown = await enter().then(
      () => 'taken',
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'database-unsuitable' });
    const { message } = error as Error;
    expect(message).toMatch(sentence);
    expect(message).not.toMatch(/\n|prisma|s3|cr%3Ft/i);
  }
  expect(await tablesOf(database)).toEqual([]);
}

/** Migrates twice, computes a run, and brings it to another place by a backup. Returns what was stored of the series. */
async function expectWhole(url: string, other: string): Promise<void> {
  expect((await migrateDatabase(url)).length).toBeGreaterThan(0);
  expect(await migrateDatabase(url)).toEqual([]);
  const persistence = await openPersistence({ connectionString: url });
  const before = Date.now();
  const { summary } = await persistence.experiments.create(planOf());
  expect(Math.abs(summary.createdAt.getTime() - before)).toBeLessThan(600_000);
  const [held] = await admitAndClaim(persistence.runs, 1);
  expect(
    await persistence.runs.finish(held, { kind: 'completed', rounds: 100 }, progressOf(10, recordOf(0, { trainLoss: 0.1 + 0.2 }))),
  ).toBe(true);
  await persistence.close();

  const file = join(folder, `${randomUUID()}.gz`);
  await backupDatabase(url, file);
  await migrateDatabase(other);
  await restoreDatabase(other, file);
  const restored = await openPersistence({ connectionString: other });
  expect(await restored.experiments.find(summary.id)).toMatchObject({ runs: { completed: 1 }, createdAt: summary.createdAt });
  const series = await restored.experiments.series([held.runId]);
  expect(series.find(({ metric }) => metric === 'trainLoss')).toMatchObject({ rounds: [0], values: [0.1 + 0.2] });
  await restored.close();
}

describe('a database that cannot hold a lab is refused before anything is made:', () => {
  it.each(['LATIN1', 'SQL_ASCII'])('one that keeps text as %s', async (encoding) => {
    const name = `other_${randomUUID().replaceAll('-', '')}`;
    await asAdmin(`CREATE DATABASE ${name} ENCODING '${encoding}' LOCALE 'C' TEMPLATE template0`);
    const url = new URL(inject('postgresAdminUrl'));
    url.pathname = `/${name}`;
    const database = databaseAt(url.href);
    undo.push(async () => {
      await database.drop();
      await asAdmin(`DROP DATABASE ${name} WITH (FORCE)`);
    });
    await expectRefused(database, url.href, `keeps text as ${encoding}, and a lab needs UTF8`);
  });

  it('one that its user may only read, and one whose user may create nothing', async () => {
    const database = await emptyDatabase();
    const reader = await newUser(database);
    await expectRefused(database, reader.url, `GRANT CREATE ON SCHEMA "public" TO "${reader.name}"`);
    await expectRefused(
      database,
      withParameters(reader.url, { schema: 'air' }),
      /may not create the schema "air".*GRANT CREATE ON DATABASE/,
    );
    await database.query('CREATE SCHEMA closed');
    await expectRefused(database, withParameters(reader.url, { schema: 'closed' }), /may not use the schema "closed"/);
    await asAdmin(`ALTER ROLE ${reader.name} SET default_transaction_read_only = on`);
    await expectRefused(database, reader.url, /only reads for this user/);
  });

  it('a standby', async () => {
    const server = await startMortalPostgres();
    undo.push(() => server.database.drop());
    await server.kill();
    const stop = await startStandby(server.directory, Number(new URL(server.database.url).port));
    undo.push(async () => {
      await stop();
      await server.restart();
    });
    await expect(migrateDatabase(server.database.url)).rejects.toMatchObject({
      code: 'database-unsuitable',
      message: expect.stringContaining('names a standby, which only reads') as string,
    });
  });

  it('one that asks for TLS where there is none', async () => {
    const database = await emptyDatabase();
    await expectRefused(database, withParameters(database.url, { sslmode: 'require' }), /asks for TLS, and the server speaks none/);
  });

  it('one that names two schemas', async () => {
    const database = await emptyDatabase();
    const url = withParameters(database.url, { schema: 'air', options: '-c search_path=sea' });
    await expectRefused(database, url, /names two schemas, "air" by \?schema= and "sea" by search_path/);
  });

  it.each(['air lab', 'air"lab', '1air', 'ä'.repeat(3), 'a'.repeat(60)])('one that names the schema %s', async (schema) => {
    const database = await emptyDatabase();
    await expectRefused(database, withParameters(database.url, { schema }), /cannot be the lab’s schema: a name has up to 50 letters/);
  });

  it('one with fewer sessions than are needed, when that is asked', async () => {
    const database = await emptyDatabase();
    const user = await newUser(database, 'CONNECTION LIMIT 7');
    await database.query(`GRANT CREATE ON SCHEMA public TO ${user.name}`);
    await expect(settleDatabase(user.url, { sessions: 8 })).rejects.toMatchObject({
      code: 'database-unsuitable',
      message: expect.stringContaining('at most 7 sessions here, and this needs up to 8') as string,
    });
    await settleDatabase(user.url, { sessions: 7 });
    await database.query(`ALTER DATABASE ${new URL(user.url).pathname.slice(1)} CONNECTION LIMIT 6`);
    await expect(settleDatabase(user.url, { sessions: 7 })).rejects.toThrow('at most 6 sessions here');
  });

  it('a lab’s tables that the user may not write', async () => {
    const database = await emptyDatabase();
    await migrateDatabase(database.url);
    const user = await newUser(database);
    await database.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${user.name}`);
    await expect(openPersistence({ connectionString: user.url })).rejects.toThrow(
      /may not read and write _prisma_migrations, .* and \d+ more tables of the schema "public"/,
    );
  });
});

describe.skipIf(!pgbouncerIsInstalled())('a pooler', () => {
  it.each(['transaction', 'statement'] as const)('by %s is refused before a table is made', async (mode) => {
    const database = await emptyDatabase();
    const pooler = await startTemporaryPgbouncer(database.url, mode);
    undo.push(() => pooler.stop());
    for (let time = 0; time < 3; time++) {
      await expectRefused(database, pooler.url, /pooler such as PgBouncer in transaction mode.*pool_mode = session/);
    }
    await expectRefused(database, withParameters(pooler.url, { options: '-c statement_timeout=60000' }), /pooler such as PgBouncer/);
  });

  it('by session is as good as none', async () => {
    const database = await emptyDatabase();
    const pooler = await startTemporaryPgbouncer(database.url, 'session');
    undo.push(() => pooler.stop());
    await expectWhole(withParameters(pooler.url, { schema: 'air' }), (await emptyDatabase()).url);
    expect(await tablesOf(database)).toEqual([{ place: 'air' }]);
  });
});

describe('a database works', () => {
  it.each([
    ['?schema=', { schema: 'air' }, 'air'],
    ['a schema whose name has to be quoted', { schema: 'Air_Lab$1' }, 'Air_Lab$1'],
    ['options=-c search_path', { options: '-c search_path=air' }, 'air'],
    ['a path of several schemas among other options', { options: '-c statement_timeout=60000 -c search_path=air,public' }, 'air'],
    ['--search_path', { options: '--search_path=air' }, 'air'],
    ['both, saying the same', { schema: 'air', options: '-c search_path=air' }, 'air'],
  ])('in another schema, by %s, from the first start to a backup and back', async (_, parameters, schema) => {
    const database = await emptyDatabase();
    await expectWhole(withParameters(database.url, parameters), (await emptyDatabase()).url);
    expect(await tablesOf(database)).toEqual([{ place: schema }]);
    const back = await emptyDatabase();
    await expectWhole(back.url, withParameters(database.url, { schema: 'second' }));
    expect(await tablesOf(database)).toEqual([{ place: schema }, { place: 'second' }]);
  });

  it('in the schema that its user’s search path begins with', async () => {
    const database = await emptyDatabase();
    const user = await newUser(database);
    await database.query(`CREATE SCHEMA ${user.name} AUTHORIZATION ${user.name}`);
    await expectWhole(user.url, (await emptyDatabase()).url);
    expect(await tablesOf(database)).toEqual([{ place: user.name }]);
  });

  it('whatever dates, numbers and texts look like for its user, and whatever a password holds', async () => {
    const database = await emptyDatabase();
    const user = await newUser(database);
    await database.query(`GRANT CREATE ON SCHEMA public TO ${user.name}`);
    for (const setting of [
      "datestyle = 'German'",
      "timezone = 'Asia/Kolkata'",
      'extra_float_digits = -10',
      "bytea_output = 'escape'",
      'standard_conforming_strings = off',
      "default_transaction_isolation = 'serializable'",
      "intervalstyle = 'sql_standard'",
    ]) {
      await asAdmin(`ALTER ROLE ${user.name} SET ${setting}`);
    }
    await expectWhole(user.url, (await emptyDatabase()).url);
  });

  it('without TLS when TLS is only preferred', async () => {
    const database = await emptyDatabase();
    for (const sslmode of ['prefer', 'allow']) {
      const { connectionString } = await settleDatabase(withParameters(database.url, { sslmode }));
      expect(new URL(connectionString).searchParams.get('sslmode')).toBe('disable');
    }
    await expectWhole(withParameters(database.url, { sslmode: 'prefer' }), (await emptyDatabase()).url);
  });
});

describe('a migration that the database refuses', () => {
  it('is told in PostgreSQL’s words, in one line', async () => {
    const database = await emptyDatabase();
    await migrateDatabase(database.url);
    await database.query('TRUNCATE _prisma_migrations');
    const error: unknown = await migrateDatabase(database.url).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'migration-failed' });
    expect((error as Error).message).toBe('the database could not be migrated: type "experiment_state" already exists');
  });

  it('for want of rights names what was refused', async () => {
    const database = await emptyDatabase();
    await migrateDatabase(database.url);
    const user = await newUser(database);
    await database.query(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${user.name}`);
    await database.query(`DELETE FROM _prisma_migrations WHERE migration_name > '20261128'`);
    await expect(migrateDatabase(user.url)).rejects.toThrow(/^the database could not be migrated: must be owner of (table|type) [a-z_]+$/);
  });
});

it('a run survives beside another lab in the same database', async () => {
  const database = await emptyDatabase();
  const [one, two] = ['one', 'two'].map((schema) => withParameters(database.url, { schema }));
  await Promise.all([migrateDatabase(one), migrateDatabase(two)]);
  const labs = await Promise.all([one, two].map((connectionString) => openPersistence({ connectionString })));
  await labs[0].experiments.create(planOf({ name: 'first' }));
  expect(await labs[1].runs.admit(10)).toEqual([]);
  const [held] = await admitAndClaim(labs[0].runs, 1);
  expect(await labs[0].runs.finish(held, { kind: 'completed', rounds: 100 }, NOTHING)).toBe(true);
  await Promise.all(labs.map((lab) => lab.close()));
});
