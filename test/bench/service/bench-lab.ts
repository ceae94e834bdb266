/** A lab of real processes for the service benchmark: PostgreSQL that waits for the disk, a server, workers. */
import { LabClient } from '@airmeta/client';
import { startApi, startWorker, type LabProcess, type LabSettings } from '../../support/lab-processes.js';
import { startTemporaryPostgres } from '../../support/temporary-postgres.js';
import { redisIsInstalled, startTemporaryRedis } from '../../support/temporary-redis.js';

export const QUEUES = ['postgres', 'redis'] as const;
/** Where the queue is. */
export type Queue = (typeof QUEUES)[number];

/** Those that can be measured here. */
export function availableQueues(): readonly Queue[] {
  return redisIsInstalled() ? QUEUES : ['postgres'];
}

export interface BenchLab {
  readonly client: LabClient;
  readonly databaseUrl: string;
  readonly api: LabProcess & { readonly url: string };
  /** Starts workers with one slot each. */
  startWorkers(count: number): Promise<readonly LabProcess[]>;
}

/** Limits that are for strangers, not for a benchmark. */
const NO_LIMITS = { AIRMETA_RATE_LIMIT: '1000000000', AIRMETA_RATE_LIMIT_ANONYMOUS: '1000000000' };

/** Starts a lab without workers, lets `work` use it, and stops everything. @param environment more of the lab's settings */
export async function withLab<T>(
  queue: Queue,
  work: (lab: BenchLab) => Promise<T>,
  environment: Readonly<Record<string, string>> = {},
): Promise<T> {
  const ending: (() => Promise<unknown>)[] = [];
  try {
    const postgres = await startTemporaryPostgres([]);
    ending.unshift(() => postgres.stop());
    const settings: { -readonly [Key in keyof LabSettings]: LabSettings[Key] } = {
      databaseUrl: postgres.adminUrl,
      environment: { ...NO_LIMITS, ...environment },
    };
    if (queue === 'redis') {
      const redis = await startTemporaryRedis();
      ending.unshift(() => redis.stop());
      settings.redisUrl = redis.url;
    }
    const api = await startApi(settings);
    ending.unshift(() => api.stop());
    return await work({
      client: new LabClient(api.url),
      databaseUrl: postgres.adminUrl,
      api,
      startWorkers: async (count) => {
        const workers = await Promise.all(Array.from({ length: count }, () => startWorker(settings)));
        ending.unshift(...workers.map((worker) => () => worker.stop()));
        return workers;
      },
    });
  } finally {
    for (const end of ending) await end();
  }
}
