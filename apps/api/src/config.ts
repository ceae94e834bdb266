/** The server's configuration, read from the environment once. */
import { imageCacheDirectory } from '@airmeta/compute';
import {
  authFault,
  authMode,
  authVariable,
  ConfigError,
  parseEnvironment,
  serviceConfig,
  serviceEnvironment,
  type AuthMode,
  type ServiceConfig,
} from '@airmeta/service';
import { z } from 'zod';

const wholeNumber = (least: number, most: number, standard: number) =>
  z.coerce
    .number({ error: `must be a whole number from ${least} to ${most}` })
    .int({ error: 'must be a whole number' })
    .min(least, { error: `must be at least ${least}` })
    .max(most, { error: `must be at most ${most}` })
    .default(standard);

const environmentSchema = serviceEnvironment.extend({
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  NODE_ENV: z.string().optional(),
  AIRMETA_AUTH: authVariable,
  AIRMETA_RATE_LIMIT: wholeNumber(1, 1_000_000_000, 6_000),
  AIRMETA_RATE_LIMIT_ANONYMOUS: wholeNumber(1, 1_000_000_000, 600),
  AIRMETA_TRUSTED_PROXIES: wholeNumber(0, 100, 0),
  AIRMETA_MEMBER_REQUESTS: wholeNumber(1, 1_000_000, 500),
  AIRMETA_MEMBER_LIVE_VIEWS: wholeNumber(1, 1_000_000, 100),
  AIRMETA_MEMBER_CONNECTIONS: wholeNumber(1, 1_000_000, 1_000),
  AIRMETA_MEMBER_TOKENS: wholeNumber(1, 1_000_000, 100),
  AIRMETA_GRAPHQL_MAX_COST: wholeNumber(1, 1_000_000_000, 50_000),
  AIRMETA_GRAPHQL_MAX_VALUES: wholeNumber(1, 1_000_000_000, 1_000_000),
  AIRMETA_GRAPHQL_MAX_MB: wholeNumber(1, 10_000, 32),
  AIRMETA_GRAPHQL_MAX_DEPTH: wholeNumber(1, 100, 10),
});

export interface ApiConfig extends ServiceConfig {
  readonly imageCacheDirectory: string;
  readonly port: number;
  readonly host: string;
  readonly auth: AuthMode;
  /** Requests a minute: of one token (of one address, where there are no accounts), and of one address without a token. */
  readonly rateLimit: { readonly perCaller: number; readonly perStranger: number };
  /** Most that one member may have at a time. */
  readonly memberCaps: { readonly requests: number; readonly liveViews: number; readonly connections: number; readonly tokens: number };
  /** Proxies before the server that say in X-Forwarded-For who asks. */
  readonly trustedProxies: number;
  readonly graphql: {
    readonly maxCost: number;
    readonly maxDepth: number;
    /** Of one answer: numbers in series, and bytes. */
    readonly maxValues: number;
    readonly maxBytes: number;
    readonly introspection: boolean;
  };
}

/** @throws ConfigError naming every wrong variable, or when the lab would be open to everybody */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): ApiConfig {
  const data = parseEnvironment(environmentSchema, environment);
  const fault = authFault(data.AIRMETA_AUTH, data.HOST);
  if (fault !== undefined) throw new ConfigError(fault);
  return Object.freeze({
    ...serviceConfig(data),
    imageCacheDirectory: imageCacheDirectory(environment),
    port: data.PORT,
    host: data.HOST,
    auth: authMode(data.AIRMETA_AUTH, data.HOST),
    rateLimit: { perCaller: data.AIRMETA_RATE_LIMIT, perStranger: data.AIRMETA_RATE_LIMIT_ANONYMOUS },
    memberCaps: {
      requests: data.AIRMETA_MEMBER_REQUESTS,
      liveViews: data.AIRMETA_MEMBER_LIVE_VIEWS,
      connections: data.AIRMETA_MEMBER_CONNECTIONS,
      tokens: data.AIRMETA_MEMBER_TOKENS,
    },
    trustedProxies: data.AIRMETA_TRUSTED_PROXIES,
    graphql: {
      maxCost: data.AIRMETA_GRAPHQL_MAX_COST,
      maxDepth: data.AIRMETA_GRAPHQL_MAX_DEPTH,
      maxValues: data.AIRMETA_GRAPHQL_MAX_VALUES,
      maxBytes: data.AIRMETA_GRAPHQL_MAX_MB * 2 ** 20,
      introspection: data.NODE_ENV !== 'production',
    },
  });
}
