import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

import { Redis } from 'ioredis';

import type { QueueServer } from './queue-conformance.js';

/** Whether a `redis-server` is on the PATH. */
export function redisIsInstalled(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0;
}

/** A Redis of its own on a free port, kept in memory only. */
export async function startRedis(): Promise<QueueServer> {
  const port = await freePort();
  let server = await launch(port);
  const admin = new Redis(port, '127.0.0.1', { lazyConnect: true });
  admin.on('error', () => undefined); // it is cut off with the others
  return {
    backend: { kind: 'redis', url: `redis://127.0.0.1:${port}` },
    async wipe() {
      await admin.flushall();
    },
    async cutOff() {
      await end(server);
    },
    async restore() {
      server = await launch(port);
    },
    async endLocks() {
      const locks = await admin.keys('*:lock');
      await admin.del(locks);
    },
    async stop() {
      admin.disconnect();
      await end(server);
    },
  };
}

async function launch(port: number): Promise<ChildProcess> {
  const server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: server.stdout })) {
    if (line.includes('Ready to accept connections')) break;
  }
  server.stdout.resume();
  return server;
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
