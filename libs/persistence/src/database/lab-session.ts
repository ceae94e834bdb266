/** One session of the lab, for what does not go through Prisma: locks, backups. */
import pg from 'pg';
import { sessionSettings } from './session-settings.js';
import type { SettledDatabase } from './settle-database.js';

/** Names of tables mean those of the lab's schema, and values are written as every session of the lab writes them. */
export async function openLabSession({ connectionString, schema }: SettledDatabase): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined); // a lost connection also fails the query under way, which reports it
  await client.connect();
  await client.query(sessionSettings(schema));
  return client;
}
