import { Queue } from 'bullmq';
import { QUEUE_NAME, queueBackendFactory } from './backend.js';
import { hangUp, ready } from './connection.js';
import { prepareBackend } from './prepare-backend.js';
import { RUN_JOB_NAME, runJobId } from './run-job.js';
/** BullMQ records an event for every step of every job; nobody reads them here. */
const KEPT_EVENTS = 1_000;
/** Opens the producing side of the queue; rejects when its database cannot be reached. */
export async function openJobQueue(backend, { onError = () => undefined } = {}) {
    await prepareBackend(backend);
    const queue = new Queue(QUEUE_NAME, { connection: backend, streams: { events: { maxLen: KEPT_EVENTS } } }, queueBackendFactory);
    queue.on('error', onError);
    await ready(queue);
    return new BullmqJobQueue(queue);
}
/** Keeps a job only while it waits or runs: attempts are Postgres's business, and so is the history. */
class BullmqJobQueue {
    #queue;
    constructor(queue) {
        this.#queue = queue;
    }
    async enqueue(admissions) {
        if (admissions.length === 0)
            return;
        await this.#queue.addBulk(admissions.map(({ runId, dispatch }) => ({
            name: RUN_JOB_NAME,
            data: { runId, dispatch },
            opts: { jobId: runJobId({ runId, dispatch }), attempts: 1, removeOnComplete: true, removeOnFail: true },
        })));
    }
    /**
     * Reads the ids of all jobs, which are few: the dispatcher admits about two per worker slot. One round trip on Redis,
     * one per state on PostgreSQL, in the order in which a job passes through the states, so that none slips through.
     */
    async missing(admissions) {
        if (admissions.length === 0)
            return [];
        const present = new Set(await this.#queue.getRanges(['wait', 'active'], 0, -1));
        return admissions.filter((admission) => !present.has(runJobId(admission)));
    }
    async close() {
        await hangUp(this.#queue, this.#queue.close());
    }
}
//# sourceMappingURL=bullmq-job-queue.js.map