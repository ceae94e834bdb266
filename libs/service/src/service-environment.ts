/** What every service of the lab reads from its environment, and how a wrong value is reported. */
import { z } from 'zod';
import { databaseAddress, httpAddress, redisAddress } from './addresses.js';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The variables that server and workers share; each adds its own. */
export const serviceEnvironment = z.object({
  DATABASE_URL: z.string({ error: 'is required: the lab’s PostgreSQL' }).pipe(databaseAddress),
  REDIS_URL: redisAddress.optional(),
  AIRMETA_DATASETS_DIR: z.string().default('datasets'),
  AIRMETA_IMAGE_CACHE_MB: z.coerce
    .number({ error: 'must be a whole number from 0 to 1000000' })
    .int({ error: 'must be a whole number' })
    .min(0, { error: 'must be at least 0' })
    .max(1_000_000, { error: 'must be at most 1000000' })
    .default(4096),
  AIRMETA_CHECKPOINT_MB: z.coerce
    .number({ error: 'must be a whole number from 0 to 1024' })
    .int({ error: 'must be a whole number' })
    .min(0, { error: 'must be at least 0' })
    .max(1024, { error: 'must be at most 1024' })
    .default(512),
  AIRMETA_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpAddress.optional(),
});

export interface ServiceConfig {
  readonly databaseUrl: string;
  /** Moves the queue from PostgreSQL to Redis. */
  readonly redisUrl: string | undefined;
  readonly datasetsDirectory: string;
  /** What decoded images may take on disk; 0: none are kept. */
  readonly imageCacheBytes: number;
  /** Bytes of the largest checkpoint that is kept; 0: none is. */
  readonly checkpointLimit: number;
  readonly logLevel: LogLevel;
  /** Where spans are sent; undefined: there are none. */
  readonly otlpEndpoint: string | undefined;
}

/** The environment is not usable; the message is for the user. */
export class ConfigError extends Error {}

/** Parses an environment; a variable that is set but empty counts as not set. @throws ConfigError naming every wrong one */
export function parseEnvironment<Schema extends z.ZodType>(schema: Schema, environment: NodeJS.ProcessEnv): z.output<Schema> {
  const result = schema.safeParse(Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== '')));
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '));
}

/** The shared part of a service's configuration. */
export function serviceConfig(data: z.output<typeof serviceEnvironment>): ServiceConfig {
  return {
    databaseUrl: data.DATABASE_URL,
    redisUrl: data.REDIS_URL,
    datasetsDirectory: data.AIRMETA_DATASETS_DIR,
    imageCacheBytes: data.AIRMETA_IMAGE_CACHE_MB * 2 ** 20,
    checkpointLimit: data.AIRMETA_CHECKPOINT_MB * 2 ** 20,
    logLevel: data.AIRMETA_LOG_LEVEL,
    otlpEndpoint: data.OTEL_EXPORTER_OTLP_ENDPOINT,
  };
}
