/** `airmeta admin`: for those who keep a lab. Those here speak to PostgreSQL, not to the server. */
import type * as persistence from '@airmeta/persistence';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { CliEnvironment } from '../config.js';
import { embeddedDatabaseUrl } from '../embedded-database.js';
import { FailedError, UsageError } from '../exit.js';
import { line, print } from '../terminal.js';

type PersistenceLibrary = typeof persistence;

/** Which database: the one that is named, or that of the lab that runs in this folder. */
type DatabasePlace = Pick<CliEnvironment, 'databaseUrl' | 'dataDirectory'>;

export function addAdminCommands(program: Command, place: DatabasePlace): Command {
  const admin = program
    .command('admin')
    .description(
      'look after a lab: what it takes on disk, as the server says, and the database that DATABASE_URL names, or that of the lab running in this folder',
    );
  admin
    .command('backup')
    .description('write everything the lab keeps to one file, while it works')
    .argument('<file>', 'such as lab.backup.gz; it is replaced when it exists')
    .action((file: string) =>
      onDatabase(place, async (url, { backupDatabase }) => print(line`wrote ${contentsOf(await backupDatabase(url, file))} to ${file}`)),
    );
  admin
    .command('restore')
    .description('fill a new, migrated database from a backup: all of it, or nothing')
    .argument('<file>', 'what "airmeta admin backup" wrote')
    .action((file: string) =>
      onDatabase(place, async (url, { restoreDatabase }) => {
        const restored = await restoreDatabase(url, file);
        print(line`restored ${contentsOf(restored)} from ${file}`);
        print(ABOUT_TOKENS[restored.firstAdmin]);
      }),
    );
  admin
    .command('migrate')
    .description('bring the tables to this version, as the server does when it starts')
    .action(() =>
      onDatabase(place, async (url, { migrateDatabase }) => {
        const applied = await migrateDatabase(url);
        print(applied.length === 0 ? 'the tables are up to date' : ['applied', ...applied].join('\n  '));
      }),
    );
  return admin;
}

/** Whom the lab lets in now. */
const ABOUT_TOKENS: Readonly<Record<persistence.RestoredContents['firstAdmin'], string>> = {
  replaced: 'the token that this lab printed when it was first started is gone: the members and tokens of the backup are in force',
  kept: 'the backup has no members: the token that this lab printed when it was first started goes on being that of its admin',
  none: 'the members and tokens of the backup are in force; a lab with accounts that has none prints a first token at its next start',
};

/** The library is loaded when it is needed: other commands should not wait for it. */
async function onDatabase(place: DatabasePlace, work: (url: string, library: PersistenceLibrary) => Promise<void>): Promise<void> {
  const databaseUrl = place.databaseUrl ?? (await embeddedDatabaseUrl(place.dataDirectory));
  if (databaseUrl === undefined)
    throw new UsageError(
      `no lab runs in ${resolve(place.dataDirectory)} (AIRMETA_DATA_DIR): start it, or set DATABASE_URL to the lab’s PostgreSQL, such as postgresql://user:password@host:5432/airmeta`,
    );
  const { databaseAddressFault } = await import('@airmeta/service');
  const fault = databaseAddressFault(databaseUrl);
  if (fault !== undefined) throw new UsageError(`DATABASE_URL ${fault}`);
  const library = await import('@airmeta/persistence');
  try {
    await work(databaseUrl, library);
  } catch (error) {
    if (error instanceof library.PersistenceError || isFileError(error) || isSqlError(error))
      throw new FailedError(error.message, { cause: error });
    throw error;
  }
}

function isFileError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && 'path' in error;
}

/** What PostgreSQL itself refuses, such as a table that its user may not write. */
function isSqlError(error: unknown): error is Error {
  return error instanceof Error && 'severity' in error && 'code' in error;
}

function contentsOf({ tables }: persistence.BackupContents): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return `${rows} rows of ${tables.length} tables`;
}
