/** A Redis server that keeps everything in memory, on a free port. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.js';

/** Whether a `redis-server` is on the PATH. */
export function redisIsInstalled(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0;
}

export interface TemporaryRedis {
  readonly url: string;
  /** Ends it without a word; it forgets everything. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** @param settings more arguments of redis-server */
export async function startTemporaryRedis(settings: readonly string[] = []): Promise<TemporaryRedis> {
  const port = await freePort();
  let server = await launch(port, settings);
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: () => end(server),
    restart: async () => {
      server = await launch(port, settings);
    },
    stop: () => end(server),
  };
}

async function launch(port: number, settings: readonly string[]): Promise<ChildProcess> {
  const server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: server.stdout })) {
    if (!line.includes('Ready to accept connections')) continue;
    server.stdout.resume();
    return server;
  }
  throw new Error('redis-server ended before it was ready');
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}
