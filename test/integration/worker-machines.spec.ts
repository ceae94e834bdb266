/** Worker machines as docs/deployment says: any number, each started with three variables. */
import { LabClient } from '@airmeta/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis } from '../../libs/queue/test/redis-server.js';
import { ended, sinusoidSweep } from '../support/experiments.js';
import { queueKinds } from '../support/fault-form.js';
import { startApi, startWorker, type LabProcess } from '../support/lab-processes.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

describe.skipIf(!queueKinds().includes('Redis'))('worker machines', () => {
  let database: TestDatabase;
  let redis: Awaited<ReturnType<typeof startRedis>>;
  const processes: LabProcess[] = [];
  beforeAll(async () => {
    [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
  });
  afterAll(async () => {
    await Promise.all(processes.map((running) => running.stop()));
    await redis.stop();
    await database.drop();
  }, 60_000);

  it('share the runs of an experiment, and stop with code 0', { timeout: 120_000 }, async () => {
    const { backend } = redis;
    if (backend.kind !== 'redis') throw new Error('this test is about Redis');
    const variables = { databaseUrl: database.url, redisUrl: backend.url, datasetsDirectory: '/nowhere' };
    const api = await startApi(variables);
    const workers = await Promise.all([startWorker(variables), startWorker(variables)]);
    processes.push(api, ...workers);
    const client = new LabClient(api.url);
    const { id } = await client.submit(sinusoidSweep({ replicates: 4, rounds: 5_000 }));
    expect(await ended(client, id)).toMatchObject({ state: 'finished', runs: { completed: 12, failed: 0 } });
    const shares = await database.query('SELECT worker_id, count(*) FROM runs GROUP BY 1');
    expect(shares).toHaveLength(2);
    expect(await Promise.all(workers.map((worker) => worker.stop()))).toEqual([0, 0]);
    expect(await api.stop()).toBe(0);
  });
});
