/** Everything the laboratory keeps, into one file. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { connectionFault } from '../database/availability.js';
import { FORMAT, FORMAT_VERSION, newDigest, type Manifest, type ManifestTable } from './backup-file.js';
import { DatabaseUnavailableError } from '../database/errors.js';
import { appliedMigrations, catalogueTables, copyTarget, sequenceStates } from './table-catalogue.js';

/** What is in a backup. */
export interface BackupContents {
  readonly migrations: readonly string[];
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
}

/** Text of values that every PostgreSQL reads back to the same value. */
export const PORTABLE_TEXT = `SET client_encoding = 'UTF8'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601'; SET TimeZone = 'UTC';
  SET extra_float_digits = 3; SET bytea_output = 'hex'`;

/**
 * Writes every table of the lab, as it is at one moment, to a file that only its owner may read. The lab may go on working. There is no
 * file when it fails.
 * @throws DatabaseUnavailableError
 */
export async function backupDatabase(connectionString: string, file: string): Promise<BackupContents> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined); // a lost connection also fails the query under way, which reports it
  const unfinished = `${file}.unfinished`;
  try {
    await client.connect();
    await client.query(PORTABLE_TEXT);
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
    const fault = connectionFault(error);
    throw fault === undefined ? error : new DatabaseUnavailableError(fault, { cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function manifestOf(client: pg.Client): Promise<Manifest> {
  const tables: ManifestTable[] = [];
  for (const { name, columns } of await catalogueTables(client)) {
    const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM public.${client.escapeIdentifier(name)}`);
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
