import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { startTemporaryRedis } from '../../../test/support/temporary-redis.js';
import { openJobQueue } from './bullmq-job-queue.js';
import { describeJobQueue } from '../test/queue-conformance.js';
import { redisIsInstalled, startRedis } from '../test/redis-server.js';

if (redisIsInstalled()) {
  describeJobQueue('Redis', startRedis);

  describe('a Redis that cannot hold the queue is refused with a sentence:', () => {
    const refusal = async (url: string): Promise<string> => {
      const error: unknown = await openJobQueue({ kind: 'redis', url }).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'queue-unsuitable' });
      return (error as Error).message;
    };
    const folder = mkdtempSync(join(tmpdir(), 'airmeta-redis-'));
    afterAll(() => rmSync(folder, { recursive: true }));

    it('a node of a cluster', async () => {
      const node = await startTemporaryRedis(['--cluster-enabled', 'yes', '--dir', folder]);
      expect(await refusal(node.url)).toContain('names a node of a Redis Cluster');
      await node.stop();
    });

    it('a replica', async () => {
      const primary = await startTemporaryRedis();
      const replica = await startTemporaryRedis(['--replicaof', '127.0.0.1', new URL(primary.url).port]);
      expect(await refusal(replica.url)).toContain('names a replica');
      await Promise.all([replica.stop(), primary.stop()]);
    });

    it('one with another password, of which none is told', async () => {
      const closed = await startTemporaryRedis(['--requirepass', 'open/sesame']);
      for (const userinfo of ['', ':guess-42@', 'default:guess-42@']) {
        const sentence = await refusal(closed.url.replace('//', `//${userinfo}`));
        expect(sentence).toContain('does not take the name and password in REDIS_URL');
        expect(sentence).not.toContain('guess-42');
      }
      const queue = await openJobQueue({ kind: 'redis', url: closed.url.replace('//', `//:${encodeURIComponent('open/sesame')}@`) });
      await queue.close();
      await closed.stop();
    });
  });
} else if (process.env.CI) {
  it('finds redis-server', () => {
    throw new Error('redis-server is not on the PATH: install it, so that the queue is tested on Redis too');
  });
} else {
  console.warn('redis-server is not on the PATH: the queue is tested on PostgreSQL only');
  describe.skip('run queue on Redis', () => it('needs redis-server on the PATH', () => undefined));
}
