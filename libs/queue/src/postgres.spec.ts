import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { pgbouncerIsInstalled, startTemporaryPgbouncer } from '../../../test/support/temporary-pgbouncer.js';
import { createPostgresDatabase } from '../test/postgres-database.js';
import { describeJobQueue, type QueueServer } from '../test/queue-conformance.js';
import { openJobQueue } from './bullmq-job-queue.js';
import { prepareBackend } from './prepare-backend.js';

const createDatabase = (): Promise<QueueServer> => createPostgresDatabase(inject('postgresAdminUrl'));

describeJobQueue('PostgreSQL', createDatabase);

describe('the queue in a new database', () => {
  let server: QueueServer;
  let connectionString: string;

  beforeAll(async () => {
    server = await createDatabase();
    if (server.backend.kind !== 'postgres') throw new Error('a PostgreSQL server was asked for');
    ({ connectionString } = server.backend);
  });
  afterAll(async () => server?.stop());

  it('is created once when many start together', async () => {
    await Promise.all(Array.from({ length: 8 }, () => prepareBackend(server.backend)));
    const client = new pg.Client({ connectionString });
    await client.connect();
    const { rows } = await client.query<{ applied: number; versions: number }>(
      'SELECT count(*)::int AS applied, count(DISTINCT version)::int AS versions FROM bullmq.migration',
    );
    await client.end();
    expect(rows[0]?.applied).toBeGreaterThan(0);
    expect(rows[0]?.applied).toBe(rows[0]?.versions);
  });

  it('works with an address that carries server options of its own', async () => {
    const address = new URL(connectionString);
    address.searchParams.set('options', '-c statement_timeout=10000');
    const queue = await openJobQueue({ kind: 'postgres', connectionString: address.href });
    const admission = { runId: 'b4c5e1a0-0000-4000-8000-000000000001', dispatch: 1 };
    await queue.enqueue([admission]);
    expect(await queue.missing([admission])).toEqual([]);
    await queue.close();
  });

  it('is one of its own for each lab in the database', async () => {
    const labs = ['one', 'two'].map((schema) => `${connectionString}?schema=${schema}`);
    const [one, two] = await Promise.all(labs.map((address) => openJobQueue({ kind: 'postgres', connectionString: address })));
    const admission = { runId: 'b4c5e1a0-0000-4000-8000-000000000002', dispatch: 1 };
    await one.enqueue([admission]);
    expect([await one.missing([admission]), await two.missing([admission])]).toEqual([[], [admission]]);
    await Promise.all([one.close(), two.close()]);
  });

  it('is refused with a sentence where its user may not make it, and nothing is made', async () => {
    const place = await createDatabase();
    if (place.backend.kind !== 'postgres') throw new Error('a PostgreSQL server was asked for');
    const admin = new pg.Client({ connectionString: place.backend.connectionString });
    await admin.connect();
    const name = `queue_user_${process.pid}`;
    await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD 'x'`);
    const address = new URL(place.backend.connectionString);
    address.username = name;
    address.password = 'x';
    await expect(openJobQueue({ kind: 'postgres', connectionString: address.href })).rejects.toMatchObject({
      code: 'queue-unsuitable',
      message: expect.stringMatching(/may not make the queue’s schema "bullmq".*or set REDIS_URL$/) as string,
    });
    await admin.query(`DROP ROLE ${name}`);
    await admin.end();
    await place.stop();
  });

  it.skipIf(!pgbouncerIsInstalled())('is refused behind a pooler, which drops what it needs', async () => {
    const pooler = await startTemporaryPgbouncer(connectionString, 'session');
    await expect(openJobQueue({ kind: 'postgres', connectionString: pooler.url })).rejects.toMatchObject({
      code: 'queue-unsuitable',
      message: expect.stringContaining('name PostgreSQL itself, or set REDIS_URL') as string,
    });
    await pooler.stop();
  });

  it('refuses to open when the server cannot be reached', async () => {
    const nowhere = new URL(connectionString);
    nowhere.port = '1';
    await expect(openJobQueue({ kind: 'postgres', connectionString: nowhere.href })).rejects.toThrow('ECONNREFUSED');
  });
});
