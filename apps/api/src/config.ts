/** The server's configuration, read from the environment once. */
import { z } from 'zod';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const address = (...schemes: string[]) =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)), {
    error: `must be an address that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  });

const environmentSchema = z.object({
  DATABASE_URL: z.string({ error: 'is required: the lab’s PostgreSQL' }).pipe(address('postgresql', 'postgres')),
  REDIS_URL: address('redis', 'rediss').optional(),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  AIRMETA_DATASETS_DIR: z.string().default('datasets'),
  AIRMETA_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
});

export interface ApiConfig {
  readonly databaseUrl: string;
  /** Moves the queue from PostgreSQL to Redis. */
  readonly redisUrl: string | undefined;
  readonly port: number;
  readonly host: string;
  readonly datasetsDirectory: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/** The environment is not usable; the message is for the user. */
export class ConfigError extends Error {}

/** @throws ConfigError naming every wrong variable */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): ApiConfig {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = environmentSchema.safeParse(given);
  if (!result.success) {
    throw new ConfigError(result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '));
  }
  const { data } = result;
  return Object.freeze({
    databaseUrl: data.DATABASE_URL,
    redisUrl: data.REDIS_URL,
    port: data.PORT,
    host: data.HOST,
    datasetsDirectory: data.AIRMETA_DATASETS_DIR,
    logLevel: data.AIRMETA_LOG_LEVEL,
  });
}
