import type { JobQueue } from '@airmeta/lab';
import { type QueueBackend } from './backend.js';
import { type ErrorListener } from './connection.js';
export interface JobQueueOptions {
    /** Told about a lost connection; calls in progress reject on their own. */
    readonly onError?: ErrorListener;
}
/** Opens the producing side of the queue; rejects when its database cannot be reached. */
export declare function openJobQueue(backend: QueueBackend, { onError }?: JobQueueOptions): Promise<JobQueue>;
//# sourceMappingURL=bullmq-job-queue.d.ts.map