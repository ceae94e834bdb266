/** Everything the laboratory keeps, into one file. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { databaseFailure } from '../database/database-failure.js';
import { openLabSession } from '../database/lab-session.js';
import { settleDatabase } from '../database/settle-database.js';
import { FORMAT, FORMAT_VERSION, newDigest, type Manifest, type ManifestTable } from './backup-file.js';
import { appliedMigrations, catalogueTables, copyTarget, sequenceStates } from './table-catalogue.js';

/** What is in a backup. */
export interface BackupContents {
  readonly migrations: readonly string[];
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
}

/**
 * Writes every table of the lab, as it is at one moment, to a file that only its owner may read. The lab may go on working. There is no
 * file when it fails.
 * @throws DatabaseUnavailableError, DatabaseUnsuitableError
 */
export async function backupDatabase(connectionString: string, file: string): Promise<BackupContents> {
  const client = await openLabSession(await settleDatabase(connectionString));
  const unfinished = `${file}.unfinished`;
  try {
    await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const manifest = await manifestOf(client);
    await pipeline(
      Readable.from(contents(client, manifest), { objectMode: false }),
      createGzip(),
      createWriteStream(unfinished, { mode: 0o600 }),
    );
    await rename(unfinished, file);
    return manifest;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw databaseFailure(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function manifestOf(client: pg.Client): Promise<Manifest> {
  const tables: ManifestTable[] = [];
  for (const { name, columns } of await catalogueTables(client)) {
    const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM ${client.escapeIdentifier(name)}`);
    tables.push({ name, columns: [...columns], rows: Number(rows[0].count) });
  }
  return {
    ...{ format: FORMAT, version: FORMAT_VERSION, createdAt: new Date().toISOString() },
    migrations: await appliedMigrations(client),
    tables,
    // Not part of the snapshot: they can only be ahead of it, which leaves a gap in the numbers and no number twice.
    sequences: await sequenceStates(client),
  };
}

async function* contents(client: pg.Client, manifest: Manifest): AsyncGenerator<Buffer> {
  const digest = newDigest();
  const hashed = (bytes: Buffer): Buffer => {
    digest.update(bytes);
    return bytes;
  };
  yield hashed(line(manifest));
  for (const table of manifest.tables) {
    for await (const bytes of client.query(copyTo(`COPY ${copyTarget(client, table)} TO STDOUT`)) as AsyncIterable<Buffer>) {
      yield hashed(line({ table: table.name, bytes: bytes.length }));
      yield hashed(bytes);
    }
  }
  yield line({ end: true, digest: digest.digest('hex') });
}

function line(value: object): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}
