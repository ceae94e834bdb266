import { availableParallelism } from 'node:os';
import path from 'node:path';

import { authFault, authVariable, databaseAddress, redisAddress } from '@airmeta/service';
import { z } from 'zod';

/** The embedded lab's configuration, read from the environment once. */
export interface Config {
  /** Port of the API; 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  /** Absolute path; everything the lab keeps is in here. */
  readonly dataDirectory: string;
  /** An outside PostgreSQL; undefined starts the embedded one. */
  readonly databaseUrl: string | undefined;
  /** Moves the queue from PostgreSQL to Redis. */
  readonly redisUrl: string | undefined;
  readonly workers: number;
  readonly logLevel: LogLevel;
  /** Absolute path of the folder of data sets. */
  readonly datasetsDirectory: string;
  /** Absolute path of the folder a command was typed in: npm runs scripts in the project's. */
  readonly directory: string;
  /** What the processes of the lab inherit. */
  readonly environment: Readonly<NodeJS.ProcessEnv>;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A value of the environment is wrong; the message is one line for the user. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most, {
      error: `must be a whole number from ${least} to ${most}`,
    })
    .transform(Number);

const Environment = z.object({
  PORT: wholeNumber(0, 65_535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  AIRMETA_AUTH: authVariable,
  AIRMETA_DATA_DIR: z.string().default('.airmeta'),
  DATABASE_URL: databaseAddress.optional(),
  REDIS_URL: redisAddress.optional(),
  AIRMETA_WORKERS: wholeNumber(1, 1_024).default(() => availableParallelism()),
  AIRMETA_DATASETS_DIR: z.string().default('datasets'),
  INIT_CWD: z.string().default('.'),
  AIRMETA_LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
});

/** Secrets may be in an address, so a wrong one is not repeated. */
const SECRET = new Set(['DATABASE_URL', 'REDIS_URL']);

/**
 * Parses the environment; a variable that is set but empty counts as not set.
 *
 * @throws ConfigError naming every wrong variable, in one line
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const result = Environment.safeParse(set);
  if (!result.success) {
    const faults = result.error.issues.map(({ path: [name], message }) => {
      const variable = String(name);
      return `${variable} ${message}${SECRET.has(variable) ? '' : `, not "${set[variable] ?? ''}"`}`;
    });
    throw new ConfigError(faults.join('; '));
  }
  const fault = authFault(result.data.AIRMETA_AUTH, result.data.HOST);
  if (fault !== undefined) throw new ConfigError(fault);
  const { PORT, HOST, AIRMETA_DATA_DIR, DATABASE_URL, REDIS_URL, AIRMETA_WORKERS, AIRMETA_LOG_LEVEL, AIRMETA_DATASETS_DIR, INIT_CWD } =
    result.data;
  return Object.freeze({
    port: PORT,
    host: HOST,
    dataDirectory: path.resolve(AIRMETA_DATA_DIR),
    databaseUrl: DATABASE_URL,
    redisUrl: REDIS_URL,
    workers: AIRMETA_WORKERS,
    logLevel: AIRMETA_LOG_LEVEL,
    datasetsDirectory: path.resolve(AIRMETA_DATASETS_DIR),
    directory: path.resolve(INIT_CWD),
    environment: Object.freeze({ ...environment }),
  });
}
