/**
 * Where the queue lives: the embedded lab keeps it in PostgreSQL, in a schema of its own beside the lab's tables; the
 * shared deployment keeps it in Redis. Everything that differs between the two is in this file.
 */
import { type BackendFactory, type IQueueBackend } from 'bullmq';
export type QueueBackend = {
    readonly kind: 'postgres';
    readonly connectionString: string;
} | {
    readonly kind: 'redis';
    readonly url: string;
};
/** PostgreSQL schema that holds BullMQ's own tables; the lab's tables stay in theirs. */
export declare const QUEUE_SCHEMA = "bullmq";
/** The one queue of the lab; BullMQ forbids colons in it. */
export declare const QUEUE_NAME = "airmeta-runs";
/** Bound on how long a connection may take to come up. */
export declare const CONNECT_TIMEOUT_MS = 10000;
/** While the database is away: how soon the next attempt follows, at most. */
export declare const RECONNECT_DELAY_MS = 1000;
/**
 * Builds BullMQ's backend for either kind. A consumer asks for a blocking connection (`BZPOPMIN`, or `LISTEN`), a
 * producer does not: a producer fails after a few attempts, so that its caller can try again later, while a consumer
 * has nothing better to do than to wait.
 */
export declare const queueBackendFactory: BackendFactory<IQueueBackend, QueueBackend>;
//# sourceMappingURL=backend.d.ts.map