/**
 * Vitest global setup: one PostgreSQL for the whole run, with a migrated template database that test files clone.
 * `AIRMETA_TEST_DATABASE_URL` names an outside server instead (its user may create databases).
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrateDatabase } from '../../libs/persistence/src/schema/migrate.js';
import { startTemporaryPostgres } from './temporary-postgres.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Connection string of a user who may create databases. */
    postgresAdminUrl: string;
    /** Name of a migrated, empty database that nobody is connected to. */
    postgresTemplate: string;
  }
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
  const server = outside ? { adminUrl: outside, stop: async () => undefined } : await startTemporaryPostgres();
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
