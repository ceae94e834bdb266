import { randomUUID } from 'node:crypto';

import pg from 'pg';

import type { QueueServer } from './queue-conformance.js';

/** A database of its own on a running PostgreSQL. */
export async function createPostgresDatabase(adminUrl: string): Promise<QueueServer> {
  const name = `queue_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(adminUrl);
  url.pathname = name;
  const connectionString = url.href;
  const admin = new pg.Pool({ connectionString: adminUrl, max: 1 });
  await admin.query(`CREATE DATABASE ${name}`);
  const run = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  return {
    backend: { kind: 'postgres', connectionString },
    wipe: () => run('TRUNCATE bullmq.job CASCADE'),
    async cutOff() {
      await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
      await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    },
    async restore() {
      await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    },
    endLocks: () => run(`UPDATE bullmq.job SET locked_until_ms = 0, lock_token = 'nobody' WHERE state = 'active'`),
    async stop() {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await admin.end();
    },
  };
}
