/** The worker's configuration, read from the environment once. */
import { imageCacheDirectory } from '@airmeta/compute';
import { parseEnvironment, serviceConfig, serviceEnvironment, type ServiceConfig } from '@airmeta/service';
import { z } from 'zod';

const environmentSchema = serviceEnvironment.extend({
  AIRMETA_WORKER_SLOTS: z.coerce.number().int().min(1).max(256).default(1),
});

export interface WorkerConfig extends ServiceConfig {
  readonly imageCacheDirectory: string;
  /** Runs at once, each in a thread of its own. */
  readonly slots: number;
}

/** @throws ConfigError naming every wrong variable */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): WorkerConfig {
  const data = parseEnvironment(environmentSchema, environment);
  return Object.freeze({ ...serviceConfig(data), imageCacheDirectory: imageCacheDirectory(environment), slots: data.AIRMETA_WORKER_SLOTS });
}

/** Sessions of PostgreSQL for the runs, the heartbeat and the dispatch. */
export function poolSizeOf({ slots }: WorkerConfig): number {
  return slots + 3;
}
