import { Redis } from 'ioredis';

import { CONNECT_TIMEOUT_MS, RECONNECT_DELAY_MS } from './backend.js';
import { within } from './deadline.js';
import { QueueUnsuitableError } from './queue-unsuitable-error.js';

/** What Redis answers to who may not ask; the queue needs no such right, so the question is left open. */
const MAY_NOT_ASK = /^NOPERM/;
const WRONG_PASSWORD = /^(WRONGPASS|NOAUTH|ERR AUTH)/;

/**
 * A job's keys lie on one server: a node of a cluster holds some of them, and answers that nothing is there for the others. A replica takes
 * no job.
 *
 * @throws QueueUnsuitableError; an Error when nobody answers in time
 */
export async function requireSingleRedis(url: string): Promise<void> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), RECONNECT_DELAY_MS),
  });
  let lastError: Error | undefined;
  client.on('error', (error: Error) => {
    lastError = error;
  });
  try {
    refuse(await within(client.info(), CONNECT_TIMEOUT_MS, 'Redis did not answer'));
  } catch (error) {
    const { message } = error as Error;
    if (MAY_NOT_ASK.test(message)) return;
    if (error instanceof QueueUnsuitableError) throw error;
    const reason = lastError?.message || message;
    if (WRONG_PASSWORD.test(reason)) throw new QueueUnsuitableError(`Redis does not take the name and password in REDIS_URL: ${reason}`);
    throw new Error(`the queue's database cannot be reached: ${reason}`, { cause: error });
  } finally {
    client.disconnect();
  }
}

function refuse(info: string): void {
  const facts = new Map(info.split(/\r?\n/).map((line) => line.split(':', 2) as [string, string | undefined]));
  if (facts.get('cluster_enabled') === '1' || facts.get('redis_mode') === 'cluster') {
    throw new QueueUnsuitableError(
      'REDIS_URL names a node of a Redis Cluster, which would hold a part of the queue: name a single Redis server',
    );
  }
  if (facts.get('role') === 'slave' || facts.get('role') === 'replica') {
    throw new QueueUnsuitableError('REDIS_URL names a replica, which takes no jobs: name its primary');
  }
  if (facts.get('redis_mode') === 'sentinel') {
    throw new QueueUnsuitableError('REDIS_URL names a Sentinel, which holds no jobs: name the Redis server that it watches');
  }
}
