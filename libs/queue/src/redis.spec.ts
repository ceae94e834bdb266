import { describe, it } from 'vitest';

import { describeJobQueue } from '../test/queue-conformance.js';
import { redisIsInstalled, startRedis } from '../test/redis-server.js';

if (redisIsInstalled()) {
  describeJobQueue('Redis', startRedis);
} else if (process.env.CI) {
  it('finds redis-server', () => {
    throw new Error('redis-server is not on the PATH: install it, so that the queue is tested on Redis too');
  });
} else {
  console.warn('redis-server is not on the PATH: the queue is tested on PostgreSQL only');
  describe.skip('run queue on Redis', () => it('needs redis-server on the PATH', () => undefined));
}
