/** Brings a database to the schema of this version. */
import { databaseFailure } from '../database/database-failure.js';
import { DatabaseNewerError, MigrationFailedError, PersistenceError } from '../database/errors.js';
import { openLabSession } from '../database/lab-session.js';
import { settleDatabase, type SettledDatabase } from '../database/settle-database.js';
import { readMigrations } from './migration-files.js';
import { NO_FILTER, withSchemaEngine, type MigrationList, type SchemaEngine } from './schema-engine.js';

/** Session lock that keeps processes that start together from migrating together; "airmeta" in ASCII. */
const MIGRATION_LOCK = '27419012923487329';

async function withMigrationLock<T>(settled: SettledDatabase, run: () => Promise<T>): Promise<T> {
  const client = await openLabSession(settled);
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const { rows } = await client.query<{ there: boolean }>('SELECT to_regnamespace(quote_ident($1)) IS NOT NULL AS there', [
      settled.schema,
    ]);
    if (!rows[0].there) await client.query(`CREATE SCHEMA ${client.escapeIdentifier(settled.schema)}`);
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
 * @param migrations by default, all that this version has
 * @throws DatabaseUnavailableError, DatabaseUnsuitableError, DatabaseNewerError, MigrationFailedError, StorageFullError
 */
export async function migrateDatabase(connectionString: string, migrations?: MigrationList): Promise<string[]> {
  const wanted = migrations ?? (await readMigrations());
  const settled = await settleDatabase(connectionString);
  try {
    return await withMigrationLock(settled, () => withSchemaEngine(settled, (engine) => applyMissing(engine, wanted)));
  } catch (error) {
    const failure = databaseFailure(error);
    throw failure instanceof PersistenceError ? failure : new MigrationFailedError(firstLine(error), { cause: error });
  }
}

/** The engine adds its own stack to what it says. */
function firstLine(error: unknown): string {
  const [line] = (error instanceof Error ? error.message : String(error)).trim().split('\n');
  return line;
}
