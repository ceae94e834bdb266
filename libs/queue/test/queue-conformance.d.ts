import { type QueueBackend } from '../src/index.js';
/** A real database with an empty queue in it, and what can happen to it. */
export interface QueueServer {
    readonly backend: QueueBackend;
    /** Forgets every job, as an operator would. */
    wipe(): Promise<void>;
    /** Drops every connection and admits none. */
    cutOff(): Promise<void>;
    restore(): Promise<void>;
    /** Makes the lock of every running job look as if its worker had died. */
    endLocks(): Promise<void>;
    stop(): Promise<void>;
}
/** The ports' contract, on any backend. */
export declare function describeJobQueue(name: string, startServer: () => Promise<QueueServer>): void;
//# sourceMappingURL=queue-conformance.d.ts.map