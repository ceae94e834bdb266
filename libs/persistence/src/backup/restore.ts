/** Everything a backup holds, into a database that has the tables and nothing of anybody's in them. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FIRST_ADMIN } from '@airmeta/lab';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { databaseFailure } from '../database/database-failure.js';
import { openLabSession } from '../database/lab-session.js';
import { settleDatabase } from '../database/settle-database.js';
import type { Manifest } from './backup-file.js';
import { BackupReader, type TableBytes } from './backup-reader.js';
import type { BackupContents } from './backup.js';
import { BackupRefusedError } from '../database/errors.js';
import { appliedMigrations, catalogueTables, copyTarget } from './table-catalogue.js';

/** Whoever else writes has so long to finish. */
const LOCK_TIMEOUT_MS = 5_000;
const LOCK_NOT_AVAILABLE = '55P03';
/** SQLSTATE: data exceptions and violated constraints, which rows of a whole backup do not raise. */
const BAD_ROWS = /^2[23]/;

/** What is in the database after a restore. */
export interface RestoredContents extends BackupContents {
  /**
   * The member whom the first start of a lab with accounts makes, and its token: `replaced` by the members of the backup; `kept`, as the
   * backup has none; `none` where no such lab had been started.
   */
  readonly firstAdmin: 'replaced' | 'kept' | 'none';
}

/**
 * Fills the tables in one transaction: all of the backup is there afterwards, or nothing. A lab with accounts that was started and not used
 * yet has a first admin; otherwise the tables are to be empty.
 * @throws BackupRefusedError when the file is no backup, cut or damaged; when the database has data, or the tables of another version
 * @throws DatabaseUnavailableError, DatabaseUnsuitableError, StorageFullError
 */
export async function restoreDatabase(connectionString: string, file: string): Promise<RestoredContents> {
  const reader = new BackupReader(file);
  try {
    const manifest = await reader.manifest();
    const firstAdmin = await onSession(connectionString, (client) => restore(client, manifest, reader));
    return { ...manifest, firstAdmin };
  } finally {
    await reader.close();
  }
}

/** What `work` has not committed when it fails is undone. */
async function onSession<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await openLabSession(await settleDatabase(connectionString));
  try {
    return await work(client);
  } catch (error) {
    throw databaseFailure(error);
  } finally {
    await client.end().catch(() => undefined); // ends a transaction that was not committed
  }
}

async function restore(client: pg.Client, manifest: Manifest, reader: BackupReader): Promise<RestoredContents['firstAdmin']> {
  await client.query('BEGIN');
  await requireSameTables(client, manifest);
  const firstAdmin = await makeWay(client, manifest);
  await fillTables(client, manifest, reader);
  for (const { name, value, called } of manifest.sequences) {
    await client.query('SELECT setval($1::regclass, $2::bigint, $3)', [client.escapeIdentifier(name), value, called]);
  }
  await client.query('COMMIT');
  return firstAdmin;
}

async function requireSameTables(client: pg.Client, manifest: Manifest): Promise<void> {
  const present = await appliedMigrations(client);
  if (present.length === 0) throw new BackupRefusedError('the database has no tables yet: run "airmeta admin migrate" first');
  const missing = manifest.migrations.filter((name) => !present.includes(name));
  const further = present.filter((name) => !manifest.migrations.includes(name));
  if (missing.length + further.length > 0) {
    const which = missing.length > 0 ? `lacks ${missing.join(', ')}` : `has ${further.join(', ')}, which the backup does not know`;
    throw new BackupRefusedError(
      `the backup is of another version of the tables: the database ${which}. Restore with the version that made the backup, then migrate`,
    );
  }
  const shape = (tables: readonly { readonly name: string; readonly columns: readonly string[] }[]) =>
    JSON.stringify(tables.map(({ name, columns }) => [name, ...[...columns].sort()]).sort());
  if (shape(await catalogueTables(client)) !== shape(manifest.tables)) {
    throw new BackupRefusedError(
      'the tables of the database are not those of the backup, though the migrations are: it was changed by hand',
    );
  }
}

async function makeWay(client: pg.Client, { tables }: Manifest): Promise<RestoredContents['firstAdmin']> {
  const names = tables.map(({ name }) => client.escapeIdentifier(name));
  await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
  await client.query(`LOCK TABLE ${names.join(', ')} IN EXCLUSIVE MODE`).catch((error: unknown) => {
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
    throw new BackupRefusedError('the database is in use: stop the server and the workers first');
  });
  const filled: string[] = [];
  for (const [index, { name }] of tables.entries()) {
    const { rows } = await client.query<{ there: boolean }>(`SELECT EXISTS (SELECT 1 FROM ${names[index]}) AS there`);
    if (rows[0].there) filled.push(name);
  }
  if (filled.length === 0) return 'none';
  if (!(await hasFirstAdminOnly(client, filled))) {
    throw new BackupRefusedError(
      `the database has data already, in ${filled.join(', ')}: restore into a new database, after "airmeta admin migrate", or into a lab that ` +
        'was started and not used yet',
    );
  }
  const hasMembers = tables.some(({ name, rows }) => name === 'members' && rows > 0);
  if (!hasMembers) return 'kept';
  await client.query('DELETE FROM api_tokens');
  await client.query('DELETE FROM members');
  return 'replaced';
}

/** What the first start of a lab with accounts leaves; whatever a member changes is in the audit log as well. */
async function hasFirstAdminOnly(client: pg.Client, filled: readonly string[]): Promise<boolean> {
  if (!filled.every((name) => name === 'members' || name === 'api_tokens')) return false;
  const { rows } = await client.query<{ only: boolean }>(
    `SELECT (SELECT count(*) FROM members) = 1 AND (SELECT count(*) FROM api_tokens) = 1
       AND EXISTS (SELECT 1 FROM members WHERE name = $1 AND role = 'admin') AS only`,
    [FIRST_ADMIN],
  );
  return rows[0].only;
}

async function fillTables(client: pg.Client, { tables }: Manifest, reader: BackupReader): Promise<void> {
  const blocks = reader.blocks();
  let next = await blocks.next();
  async function* bytesOf(table: string): AsyncGenerator<TableBytes['bytes']> {
    for (; !next.done && next.value.table === table; next = await blocks.next()) yield next.value.bytes;
  }
  for (const table of tables) {
    const copy = client.query(copyFrom(`COPY ${copyTarget(client, table)} FROM STDIN`));
    try {
      await pipeline(Readable.from(bytesOf(table.name), { objectMode: false }), copy);
    } catch (error) {
      throw BAD_ROWS.test(sqlState(error) ?? '') ? reader.damaged(error) : error;
    }
    if (copy.rowCount !== table.rows) throw reader.damaged();
  }
  if (!next.done) throw reader.damaged();
}

function sqlState(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
