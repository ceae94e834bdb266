import { assertSchemaCompatibility, LATEST_SCHEMA_VERSION, runMigrations, SchemaMigrationRequiredError, type PgQueryable } from 'bullmq';
import pg from 'pg';

import { CONNECT_TIMEOUT_MS, queueSchema, withServerOptions, type QueueBackend } from './backend.js';
import { QueueUnsuitableError } from './queue-unsuitable-error.js';
import { requireSingleRedis } from './require-single-redis.js';

/**
 * Finds out whether a queue can live there and brings BullMQ's tables up to date. Usually this is one read. When there is something to do,
 * `runMigrations` does it in one transaction behind an advisory lock, so of several processes that start together one
 * migrates and the others find it done.
 *
 * @throws QueueUnsuitableError with one sentence about what is in the way
 */
export async function prepareBackend(backend: QueueBackend): Promise<void> {
  switch (backend.kind) {
    case 'redis':
      return requireSingleRedis(backend.url);
    case 'postgres':
      return preparePostgres(backend.connectionString);
  }
}

async function preparePostgres(connectionString: string): Promise<void> {
  const schema = queueSchema(connectionString);
  const client = new pg.Client({
    ...withServerOptions(connectionString),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'airmeta-queue',
  });
  client.on('error', () => undefined); // the query that was running rejects; an idle loss needs no second report
  try {
    await client.connect();
    await requireServerOptions(client);
    if ((await schemaVersion(client, schema)) >= LATEST_SCHEMA_VERSION) return;
    await requireRights(client, schema);
    await runMigrations(client, schema);
  } catch (error) {
    throw error instanceof Error && OPTIONS_REFUSED.test(error.message) ? new QueueUnsuitableError(OPTIONS_LOST) : error;
  } finally {
    await client.end().catch(() => undefined); // it has answered, or failed with a reason
  }
}

const OPTIONS_REFUSED = /unsupported startup parameter/;
const OPTIONS_LOST =
  'the queue cannot live behind the pooler that DATABASE_URL names, which drops the options of a session: name PostgreSQL itself, or set REDIS_URL';

/** BullMQ finds its tables by an option of the session, which some poolers take out without a word. */
async function requireServerOptions(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ kept: boolean }>(`SELECT current_setting('synchronous_commit') = 'off' AS kept`);
  if (!rows[0].kept) throw new QueueUnsuitableError(OPTIONS_LOST);
}

async function schemaVersion(client: PgQueryable, schema: string): Promise<number> {
  try {
    return await assertSchemaCompatibility(client, schema);
  } catch (error) {
    if (error instanceof SchemaMigrationRequiredError) return 0;
    throw error;
  }
}

async function requireRights(client: pg.Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ may: boolean; user: string; database: string }>(
    `SELECT coalesce(has_schema_privilege(to_regnamespace(quote_ident($1))::oid, 'CREATE'), has_database_privilege(current_database(), 'CREATE')) AS may,
       current_user::text AS "user", current_database()::text AS database`,
    [schema],
  );
  const [{ may, user, database }] = rows;
  if (may) return;
  const [role, place] = [user, database].map((name) => client.escapeIdentifier(name));
  throw new QueueUnsuitableError(
    `the user "${user}" may not make the queue’s schema "${schema}" in the database "${database}": as its owner, ` +
      `CREATE SCHEMA ${client.escapeIdentifier(schema)} AUTHORIZATION ${role}, or GRANT CREATE ON DATABASE ${place} TO ${role}, or set REDIS_URL`,
  );
}
