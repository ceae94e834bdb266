/** A PgBouncer before a PostgreSQL server, where one is installed. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.js';

/** Whether a `pgbouncer` is on the PATH. */
export function pgbouncerIsInstalled(): boolean {
  return spawnSync('pgbouncer', ['--version']).status === 0;
}

export interface TemporaryPgbouncer {
  /** The database that was named, through the pooler. */
  readonly url: string;
  stop(): Promise<void>;
}

/** @param database address of what it pools */
export async function startTemporaryPgbouncer(
  database: string,
  mode: 'session' | 'transaction' | 'statement',
): Promise<TemporaryPgbouncer> {
  const { hostname, port, username, password, pathname } = new URL(database);
  const folder = await mkdtemp(path.join(tmpdir(), 'airmeta-pgbouncer-'));
  await chmod(folder, 0o755); // under root it runs as another user
  const own = await freePort();
  const name = pathname.slice(1);
  const file = path.join(folder, 'pgbouncer.ini');
  await writeFile(
    file,
    `[databases]
${name} = host=${hostname} port=${port} dbname=${name} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
max_client_conn = 100
default_pool_size = 20
`,
  );
  const asNobody = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const server = spawn('pgbouncer', [...asNobody, file], { stdio: ['ignore', 'ignore', 'pipe'] });
  for await (const line of createInterface({ input: server.stderr })) if (line.includes('process up')) break;
  server.stderr.resume();
  if (server.exitCode !== null) throw new Error('pgbouncer ended before it was ready');
  return {
    url: `postgresql://${username}:${password}@127.0.0.1:${own}/${name}`,
    async stop() {
      const exited = once(server, 'exit');
      server.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}
