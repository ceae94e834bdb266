/** Brings a database to the schema of this version. */
import pg from 'pg';
import { connectionFault } from '../database/availability.js';
import { DatabaseNewerError, DatabaseUnavailableError, MigrationFailedError } from '../database/errors.js';
import { readMigrations } from './migration-files.js';
import { NO_FILTER, withSchemaEngine, type MigrationList, type SchemaEngine } from './schema-engine.js';

/** Session lock that keeps processes that start together from migrating together; "airmeta" in ASCII. */
const MIGRATION_LOCK = '27419012923487329';

async function withMigrationLock<T>(connectionString: string, run: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined); // a lost connection also fails the query under way, which reports it
  try {
    await client.connect();
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    return await run();
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function applyMissing(engine: SchemaEngine, migrationsList: MigrationList): Promise<string[]> {
  const { history, failedMigrationNames } = await engine.diagnoseMigrationHistory({
    migrationsList,
    optInToShadowDatabase: false,
    filters: NO_FILTER,
  });
  if (history !== null && history.diagnostic !== 'databaseIsBehind') throw new DatabaseNewerError(history.unpersistedMigrationNames);
  // A script is one transaction: an unfinished one, of a process that was killed for example, has left nothing behind.
  for (const migrationName of failedMigrationNames) await engine.markMigrationRolledBack({ migrationName });
  const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: NO_FILTER });
  return appliedMigrationNames;
}

/**
 * Applies the migrations the database does not have yet, as `prisma migrate deploy` would, and returns their names.
 * Several processes may call it at once.
 * @throws DatabaseUnavailableError, DatabaseNewerError, MigrationFailedError
 */
export async function migrateDatabase(connectionString: string): Promise<string[]> {
  const migrations = await readMigrations();
  try {
    return await withMigrationLock(connectionString, () =>
      withSchemaEngine(connectionString, (engine) => applyMissing(engine, migrations)),
    );
  } catch (error) {
    if (error instanceof DatabaseNewerError) throw error;
    const fault = connectionFault(error);
    throw fault === undefined ? new MigrationFailedError({ cause: error }) : new DatabaseUnavailableError(fault, { cause: error });
  }
}
