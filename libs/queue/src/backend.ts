/**
 * Where the queue lives: the embedded lab keeps it in PostgreSQL, in a schema of its own beside the lab's tables; the
 * shared deployment keeps it in Redis. Everything that differs between the two is in this file.
 */
import {
  createPostgresBackend,
  createRedisBackend,
  type BackendFactory,
  type IQueueBackend,
  type PostgresPoolConfig,
  type RedisOptions,
} from 'bullmq';

import { patient } from './patient-backend.js';

export type QueueBackend =
  { readonly kind: 'postgres'; readonly connectionString: string } | { readonly kind: 'redis'; readonly url: string };

/** The queue of a lab: in Redis when there is one, otherwise beside the lab's tables. */
export function queueBackend({
  databaseUrl,
  redisUrl,
}: {
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
}): QueueBackend {
  return redisUrl === undefined ? { kind: 'postgres', connectionString: databaseUrl } : { kind: 'redis', url: redisUrl };
}

/** Sessions of PostgreSQL that one side of a queue may hold: a consumer listens on one more than it works on. */
const POOL_SIZE = { producer: 2, consumer: 4 } as const;

/** Sessions of PostgreSQL that a process may hold for its queue. */
export function queueSessions(backend: QueueBackend, sides: readonly (keyof typeof POOL_SIZE)[]): number {
  if (backend.kind === 'redis') return 0;
  return sides.reduce((sum, side) => sum + POOL_SIZE[side] + (side === 'consumer' ? 1 : 0), 0);
}

/** Of the lab's tables in PostgreSQL, when the address names no other. */
const USUAL_LAB_SCHEMA = 'public';

/**
 * PostgreSQL schema that holds BullMQ's own tables; the lab's tables stay in theirs, which the address names by `?schema=`. Two labs in one
 * database have a queue each.
 */
export function queueSchema(connectionString: string): string {
  const lab = (URL.canParse(connectionString) && new URL(connectionString).searchParams.get('schema')) || USUAL_LAB_SCHEMA;
  return lab === USUAL_LAB_SCHEMA ? 'bullmq' : `${lab}_bullmq`;
}

/** The one queue of the lab; BullMQ forbids colons in it. */
export const QUEUE_NAME = 'airmeta-runs';

/** Bound on how long a connection may take to come up. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** While the database is away: how soon the next attempt follows, at most. */
export const RECONNECT_DELAY_MS = 1_000;

/**
 * Builds BullMQ's backend for either kind. A consumer asks for a blocking connection (`BZPOPMIN`, or `LISTEN`), a
 * producer does not: a producer fails after a few attempts, so that its caller can try again later, while a consumer
 * has nothing better to do than to wait.
 */
export const queueBackendFactory: BackendFactory<IQueueBackend, QueueBackend> = (name, options, roles = {}) => {
  const backend = options.connection;
  const consumes = roles.withBlockingConnection === true;
  switch (backend.kind) {
    case 'postgres':
      return patient(
        createPostgresBackend(name, { ...options, connection: postgresPool(backend.connectionString, consumes) }, roles),
        RECONNECT_DELAY_MS,
      );
    case 'redis':
      return patient(createRedisBackend(name, { ...options, connection: redisClient(backend.url, consumes) }, roles), RECONNECT_DELAY_MS);
  }
};

/**
 * A consumer needs a connection for each command in flight (fetch, finish, lock renewal), a producer hardly ever two;
 * a small pool leaves the server's connections to the lab's own queries.
 */
function postgresPool(connectionString: string, consumes: boolean): PostgresPoolConfig {
  return {
    ...withServerOptions(connectionString),
    schema: queueSchema(connectionString),
    max: POOL_SIZE[consumes ? 'consumer' : 'producer'],
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'airmeta-queue',
  };
}

/** The queue may lose its last moments, so its commits need not wait for the disk; and a user's settings are for eyes, not for drivers. */
const SERVER_OPTIONS = '-c synchronous_commit=off -c DateStyle=ISO -c TimeZone=UTC';

/**
 * `pg` lets `?options=` of the address win over the options beside it, and BullMQ puts its search path there; taken out
 * of the address, all of them apply.
 */
export function withServerOptions(connectionString: string): { connectionString: string; options: string } {
  const url = URL.canParse(connectionString) ? new URL(connectionString) : undefined;
  const given = url?.searchParams.get('options');
  if (url === undefined || !given) return { connectionString, options: SERVER_OPTIONS };
  url.searchParams.delete('options');
  return { connectionString: url.href, options: `${given} ${SERVER_OPTIONS}` };
}

function redisClient(url: string, consumes: boolean): RedisOptions {
  return {
    url,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 10), RECONNECT_DELAY_MS),
    ...(consumes ? {} : { maxRetriesPerRequest: 3 }),
  };
}
