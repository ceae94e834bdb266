/** `airmeta admin`: the database of a lab, for those who keep it. These speak to PostgreSQL, not to the server. */
import type * as persistence from '@airmeta/persistence';
import type { Command } from 'commander';
import { FailedError, UsageError } from '../exit.js';

type PersistenceLibrary = typeof persistence;

/** @param databaseUrl DATABASE_URL, when it is set */
export function addAdminCommands(program: Command, databaseUrl: string | undefined): void {
  const admin = program.command('admin').description('back up, restore and migrate the database that DATABASE_URL names');
  admin
    .command('backup')
    .description('write everything the lab keeps to one file, while it works')
    .argument('<file>', 'such as lab.backup.gz; it is replaced when it exists')
    .action((file: string) =>
      onDatabase(databaseUrl, async (url, { backupDatabase }) =>
        console.log(`wrote ${contentsOf(await backupDatabase(url, file))} to ${file}`),
      ),
    );
  admin
    .command('restore')
    .description('fill a new, migrated database from a backup: all of it, or nothing')
    .argument('<file>', 'what "airmeta admin backup" wrote')
    .action((file: string) =>
      onDatabase(databaseUrl, async (url, { restoreDatabase }) =>
        console.log(`restored ${contentsOf(await restoreDatabase(url, file))} from ${file}`),
      ),
    );
  admin
    .command('migrate')
    .description('bring the tables to this version, as the server does when it starts')
    .action(() =>
      onDatabase(databaseUrl, async (url, { migrateDatabase }) => {
        const applied = await migrateDatabase(url);
        console.log(applied.length === 0 ? 'the tables are up to date' : ['applied', ...applied].join('\n  '));
      }),
    );
}

/** The library is loaded when it is needed: other commands should not wait for it. */
async function onDatabase(
  databaseUrl: string | undefined,
  work: (url: string, library: PersistenceLibrary) => Promise<void>,
): Promise<void> {
  if (databaseUrl === undefined)
    throw new UsageError('set DATABASE_URL to the lab’s PostgreSQL, such as postgresql://user:password@host:5432/airmeta');
  if (!/^postgres(ql)?:\/\//.test(databaseUrl) || !URL.canParse(databaseUrl)) {
    throw new UsageError('DATABASE_URL must be an address that begins with postgresql:// or postgres://');
  }
  const library = await import('@airmeta/persistence');
  try {
    await work(databaseUrl, library);
  } catch (error) {
    if (error instanceof library.PersistenceError || isFileError(error)) throw new FailedError(error.message, { cause: error });
    throw error;
  }
}

function isFileError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && 'path' in error;
}

function contentsOf({ tables }: persistence.BackupContents): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return `${rows} rows of ${tables.length} tables`;
}
