/** A database of one's own: a clone of the migrated template that the global setup made. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

export interface TestDatabase {
  readonly url: string;
  /** Runs SQL directly, behind the back of the code under test. */
  query<Row extends pg.QueryResultRow>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  /** Closes every connection, one's own and others', and drops the database. */
  drop(): Promise<void>;
}

async function asAdmin(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgresAdminUrl') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** A database that is there, over a pool; `drop` only closes it. */
export function databaseAt(url: string): TestDatabase {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  pool.on('error', () => undefined); // dropping the database, or killing the server, ends idle sessions
  return {
    url,
    query: async <Row extends pg.QueryResultRow>(sql: string, parameters: unknown[] = []) => (await pool.query<Row>(sql, parameters)).rows,
    drop: () => pool.end(),
  };
}

const DEADLOCK = '40P01';

/** Empties it of experiments and workers while a server works on it, which may lock tables in another order. */
export async function clearLab(database: TestDatabase): Promise<void> {
  for (;;) {
    try {
      await database.query('TRUNCATE experiments, workers CASCADE');
      return;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== DEADLOCK) throw error;
    }
  }
}

/** `migrated: false` gives an empty database instead. */
export async function createTestDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const name = `airmeta_test_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(`CREATE DATABASE ${name} TEMPLATE ${migrated ? inject('postgresTemplate') : 'template0'}`);
  const url = new URL(inject('postgresAdminUrl'));
  url.pathname = `/${name}`;
  const database = databaseAt(url.href);
  return {
    ...database,
    drop: async () => {
      await database.drop();
      await asAdmin(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}
