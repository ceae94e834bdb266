import type { JobConsumer, JobHandler } from '@airmeta/lab';
import { type QueueBackend } from './backend.js';
import { type ErrorListener } from './connection.js';
export interface JobConsumerOptions {
    /** Handlers that run at once. */
    readonly concurrency: number;
    readonly handler: JobHandler;
    /** Told about a lost connection, a handler that threw and a job that was dropped; must not throw. */
    readonly onError: ErrorListener;
}
/** Opens the consuming side of the queue and starts taking jobs; rejects when its database cannot be reached. */
export declare function openJobConsumer(backend: QueueBackend, options: JobConsumerOptions): Promise<JobConsumer>;
//# sourceMappingURL=bullmq-job-consumer.d.ts.map