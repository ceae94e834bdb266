import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

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

  it('refuses to open when the server cannot be reached', async () => {
    const nowhere = new URL(connectionString);
    nowhere.port = '1';
    await expect(openJobQueue({ kind: 'postgres', connectionString: nowhere.href })).rejects.toThrow('ECONNREFUSED');
  });
});
