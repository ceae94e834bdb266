import type { IQueueBackend, QueueBase } from 'bullmq';
import { type QueueBackend } from './backend.js';
/** Called for errors that no caller is waiting for: a lost connection, a handler that threw. */
export type ErrorListener = (error: Error) => void;
type Connected = QueueBase<IQueueBackend, QueueBackend>;
/**
 * Waits until the connection is up. ioredis would try for ever; whoever starts a process wants to know within seconds
 * that the address is wrong.
 */
export declare function ready<C extends Connected>(connected: C): Promise<C>;
/**
 * Waits for `closing`, but not for a database that has gone away: then the sockets are dropped. `busy` says that
 * something else still keeps it from closing, which is waited for without a limit.
 */
export declare function hangUp(connected: Connected, closing: Promise<void>, busy?: () => boolean): Promise<void>;
export {};
//# sourceMappingURL=connection.d.ts.map