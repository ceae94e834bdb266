/** The worker's configuration, read from the environment once. */
import { z } from 'zod';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const address = (...schemes: string[]) =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)), {
    error: `must be an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  });

const environmentSchema = z.object({
  DATABASE_URL: z.string({ error: 'is required: the lab’s PostgreSQL' }).pipe(address('postgresql', 'postgres')),
  REDIS_URL: address('redis', 'rediss').optional(),
  AIRMETA_DATASETS_DIR: z.string().default('datasets'),
  AIRMETA_WORKER_SLOTS: z.coerce.number().int().min(1).max(256).default(1),
  AIRMETA_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
});

export interface WorkerConfig {
  readonly databaseUrl: string;
  /** Moves the queue from PostgreSQL to Redis. */
  readonly redisUrl: string | undefined;
  readonly datasetsDirectory: string;
  /** Runs at once, each in a thread of its own. */
  readonly slots: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/** The environment is not usable; the message is for the user. */
export class ConfigError extends Error {}

/** @throws ConfigError naming every wrong variable */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): WorkerConfig {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = environmentSchema.safeParse(given);
  if (!result.success) {
    throw new ConfigError(result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '));
  }
  const { data } = result;
  return Object.freeze({
    databaseUrl: data.DATABASE_URL,
    redisUrl: data.REDIS_URL,
    datasetsDirectory: data.AIRMETA_DATASETS_DIR,
    slots: data.AIRMETA_WORKER_SLOTS,
    logLevel: data.AIRMETA_LOG_LEVEL,
  });
}
