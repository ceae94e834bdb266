import { Redis } from 'ioredis';
import { redisIsInstalled, startTemporaryRedis } from '../../../test/support/temporary-redis.js';
import type { QueueServer } from './queue-conformance.js';

export { redisIsInstalled };

/** A Redis of its own on a free port, kept in memory only. */
export async function startRedis(): Promise<QueueServer> {
  const server = await startTemporaryRedis();
  const admin = new Redis(server.url, { lazyConnect: true });
  admin.on('error', () => undefined); // it is cut off with the others
  return {
    backend: { kind: 'redis', url: server.url },
    async wipe() {
      await admin.flushall();
    },
    cutOff: () => server.kill(),
    restore: () => server.restart(),
    async endLocks() {
      const locks = await admin.keys('*:lock');
      await admin.del(locks);
    },
    async stop() {
      admin.disconnect();
      await server.stop();
    },
  };
}
