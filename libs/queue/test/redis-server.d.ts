import type { QueueServer } from './queue-conformance.js';
/** Whether a `redis-server` is on the PATH. */
export declare function redisIsInstalled(): boolean;
/** A Redis of its own on a free port, kept in memory only. */
export declare function startRedis(): Promise<QueueServer>;
//# sourceMappingURL=redis-server.d.ts.map