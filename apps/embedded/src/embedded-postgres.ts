import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { backoffMs } from './backoff.js';
import { probePort } from './free-port.js';
import { postgresAccount } from './postgres-account.js';
import { postgresBinaries } from './postgres-binaries.js';
import { C_MESSAGES, ensureCluster, LAB_DATABASE, LAB_USER, setPassword } from './postgres-cluster.js';
import { settlePostmaster } from './postmaster-file.js';
import { describeEnd, SupervisedProcess, type StopStep } from './supervised-process.js';

const LOOPBACK = '127.0.0.1';

export interface EmbeddedPostgresOptions {
  /** Its owner holds the lab's lock; the cluster is `postgres` in it, the password `postgres-password`. */
  readonly dataDirectory: string;
  readonly maxConnections: number;
  readonly signal: AbortSignal;
  /** Told in a sentence what was found or done that is out of the ordinary. */
  readonly report: (sentence: string) => void;
  /** Told every line of PostgreSQL's own log. */
  readonly onLine: (line: string) => void;
}

/** A PostgreSQL of the lab's own. It is started again on the same port when it dies. */
export interface EmbeddedPostgres {
  readonly connectionString: string;
  readonly port: number;
  readonly process: SupervisedProcess;
}

/**
 * Starts PostgreSQL on `<dataDirectory>/postgres`, which is created on the first start, on a free port of the loopback
 * interface, for one user with a random password. Resolves when it accepts connections. Stop it with `process.stop()`:
 * clients are disconnected, data is written, and it resolves when the server has ended.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDirectory, signal, report } = options;
  await mkdir(dataDirectory, { recursive: true });
  const directory = path.join(dataDirectory, 'postgres');
  const binaries = postgresBinaries();
  const account = await postgresAccount(binaries.postgres, dataDirectory);
  const context = { binaries, account, signal };
  const { password, isNew: passwordIsNew } = await keepPassword(path.join(dataDirectory, 'postgres-password'));
  const clusterIsNew = await ensureCluster(directory, password, context);
  if (clusterIsNew) report(`created the database in ${directory}`);
  await settlePostmaster(directory, report);
  if (passwordIsNew && !clusterIsNew) await setPassword(directory, password, context); // the file was lost
  signal.throwIfAborted();

  for (let attempt = 0; ; attempt++) {
    const port = await probePort(0, LOOPBACK);
    const args = ['-D', directory, ...settings(port, options.maxConnections)];
    const server = new SupervisedProcess({
      launch: () =>
        account.spawn(binaries.postgres, args, { cwd: '/', env: C_MESSAGES, stdio: ['ignore', 'ignore', 'pipe'], detached: true }),
      stopSteps: STOP_STEPS,
    });
    server.on('line', options.onLine);
    try {
      await accepting(server, signal);
      return { connectionString: `postgresql://${LAB_USER}:${password}@${LOOPBACK}:${port}/${LAB_DATABASE}`, port, process: server };
    } catch (error) {
      if (attempt === LAST_ATTEMPT || !(error instanceof Error) || !PASSING.test(error.message)) throw error;
      await delay(backoffMs({ initialMs: 50, maxMs: 2_000 }, attempt), undefined, { signal });
    }
  }
}

const STOP_STEPS: readonly StopStep[] = [
  { signal: 'SIGINT', graceMs: 6_000 }, // "fast": roll back, write everything, end
  { signal: 'SIGQUIT', graceMs: 2_000 }, // "immediate": the next start recovers
  { signal: 'SIGKILL', graceMs: 1_000 },
];

/** Faults that pass: server processes of a killed PostgreSQL are still ending; the free port was taken meanwhile. */
const PASSING = /still in use|could not create any TCP\/IP sockets/;
const LAST_ATTEMPT = 7;

function settings(port: number, maxConnections: number): string[] {
  const values = {
    port,
    listen_addresses: LOOPBACK,
    unix_socket_directories: '',
    max_connections: maxConnections,
    max_parallel_workers_per_gather: 0, // the cores belong to simulations, and small containers lack shared memory
    log_checkpoints: 'off',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Starts the server and waits until it takes connections; one that ends before is not tried again. */
async function accepting(server: SupervisedProcess, signal: AbortSignal): Promise<void> {
  const lines: string[] = [];
  const over = new AbortController();
  try {
    await new Promise<void>((resolve, reject) => {
      const onLine = (line: string): void => {
        lines.push(line);
        if (line.includes('ready to accept connections')) resolve();
      };
      server.on('line', onLine);
      over.signal.addEventListener('abort', () => server.off('line', onLine));
      server.once('failed', (end) => reject(new Error(`PostgreSQL ended before it was ready (${describeEnd(end)})${lastFatal(lines)}`)));
      signal.addEventListener('abort', () => reject(signal.reason as Error), { signal: over.signal });
      server.start();
    });
  } catch (error) {
    await server.stop();
    throw error;
  } finally {
    over.abort();
  }
}

function lastFatal(lines: readonly string[]): string {
  const fatal = lines.map((line) => /FATAL:\s*(.*)/.exec(line)?.[1]).findLast((message) => message !== undefined);
  return fatal === undefined ? '' : `: ${fatal}`;
}

interface Password {
  readonly password: string;
  readonly isNew: boolean;
}

/** The password outlives restarts; only the owner of the data directory may read it. */
async function keepPassword(file: string): Promise<Password> {
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (kept !== '') return { password: kept, isNew: false };
  const password = randomBytes(24).toString('base64url');
  const unfinished = `${file}.new`;
  await writeFile(unfinished, password, { mode: 0o600, flush: true });
  await rename(unfinished, file);
  return { password, isNew: true };
}
