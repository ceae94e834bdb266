import { migrateDatabase, POOL_SIZE, settleDatabase } from '@airmeta/persistence';
import { prepareBackend, queueBackend, queueSessions } from '@airmeta/queue';

import type { Config } from './config.js';

/** Sessions of a worker beside those of its queue; see poolSizeOf of apps/worker. */
const WORKER_POOL_SIZE = 4;

/**
 * Finds out whether the whole lab can live in a database, before anything is made there, and brings its tables up to date. Resolves with the
 * names of the migrations applied; rejects with a sentence for the user.
 */
export async function prepareLab(
  databaseUrl: string,
  { redisUrl, workers, databaseUrl: outside }: Pick<Config, 'redisUrl' | 'workers' | 'databaseUrl'>,
): Promise<string[]> {
  const backend = queueBackend({ databaseUrl, redisUrl });
  const ofWorkers = workers * (WORKER_POOL_SIZE + queueSessions(backend, ['producer', 'consumer']));
  // The lab's own PostgreSQL is started with as many sessions as it takes.
  const counted = outside === undefined ? {} : { sessions: POOL_SIZE + queueSessions(backend, ['producer']) + ofWorkers };
  const { connectionString } = await settleDatabase(databaseUrl, counted);
  await prepareBackend(queueBackend({ databaseUrl: connectionString, redisUrl }));
  return migrateDatabase(connectionString);
}
