/** A PostgreSQL that can be killed like any other process, and keeps what it has committed. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrateDatabase } from '../../libs/persistence/src/schema/migrate.js';
import { databaseAt, type TestDatabase } from './test-database.js';
import { startTemporaryPostgres } from './temporary-postgres.js';
import { until } from './until.js';

export interface MortalPostgres {
  readonly database: TestDatabase;
  /** Where its files are. */
  readonly directory: string;
  /** SIGKILL to the server; resolves when it and all of its children have ended. */
  kill(): Promise<void>;
  /** On the same port and data; resolves when it has recovered. */
  restart(): Promise<void>;
}

/** Commits are in the log before they are told; the kernel, which lives on, brings them to the disk. */
const SURVIVES_A_KILL = ['synchronous_commit=on', 'full_page_writes=on', 'fsync=off'];

function pidOf(directory: string): number {
  return Number(readFileSync(join(directory, 'postmaster.pid'), 'utf8').split('\n')[0]);
}

/** Processes and their parents, by `ps`, which every Unix has. */
function childrenOf(parent: number): number[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, ppid]) => ppid === parent)
    .map(([pid]) => pid);
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Starts one with a migrated, empty database in it; dropping the database stops the server. */
export async function startMortalPostgres(): Promise<MortalPostgres> {
  const server = await startTemporaryPostgres(SURVIVES_A_KILL);
  await migrateDatabase(server.adminUrl);
  const database = databaseAt(server.adminUrl);
  return {
    directory: server.directory,
    database: {
      ...database,
      drop: async () => {
        await database.drop();
        await server.stop();
      },
    },
    async kill() {
      const postmaster = pidOf(server.directory);
      const processes = [postmaster, ...childrenOf(postmaster)];
      process.kill(postmaster, 'SIGKILL');
      // The children notice at their next step; until the last is gone, its shared memory keeps a new server away.
      await until('PostgreSQL has ended', () => !processes.some(lives));
    },
    restart: () => server.start(),
  };
}
