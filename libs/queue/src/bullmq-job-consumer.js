import { Worker } from 'bullmq';
import { QUEUE_NAME, queueBackendFactory, RECONNECT_DELAY_MS } from './backend.js';
import { hangUp, ready } from './connection.js';
import { prepareBackend } from './prepare-backend.js';
import { parseRunJob } from './run-job.js';
/**
 * The lock is BullMQ's own sign of life of a worker; it says nothing about the run, whose lease is in Postgres. A job
 * whose lock has ended is dropped, never run again (`maxStalledCount: 0`): its run is either claimed, then the lease
 * in Postgres decides, or it is not, then the dispatcher finds it missing and admits it anew. So a lock lost to a slow
 * moment costs a log line and nothing else. What remains is speed: a worker that was killed between taking a job and
 * claiming its run holds it up for at most lock + two checks, about 25 s; and 15 s, renewed every 7.5 s, is long for
 * an event loop that only moves messages (simulations compute in threads of their own).
 */
const LOCK_DURATION_MS = 15_000;
const STALLED_CHECK_MS = 5_000;
/** Seconds an idle consumer waits for a notification before it looks by itself. */
const IDLE_POLL_SECONDS = 2;
/** Opens the consuming side of the queue and starts taking jobs; rejects when its database cannot be reached. */
export async function openJobConsumer(backend, options) {
    await prepareBackend(backend);
    const consumer = new BullmqJobConsumer(backend, options);
    await consumer.start();
    return consumer;
}
class BullmqJobConsumer {
    #worker;
    #handler;
    #onError;
    #running = 0;
    constructor(backend, { concurrency, handler, onError }) {
        this.#handler = handler;
        this.#onError = onError;
        this.#worker = new Worker(QUEUE_NAME, (job) => this.#process(job.data), {
            connection: backend,
            autorun: false,
            concurrency,
            lockDuration: LOCK_DURATION_MS,
            stalledInterval: STALLED_CHECK_MS,
            maxStalledCount: 0,
            drainDelay: IDLE_POLL_SECONDS,
            runRetryDelay: RECONNECT_DELAY_MS,
        }, queueBackendFactory);
        this.#worker.on('error', onError);
        this.#worker.on('stalled', (jobId) => onError(new Error(`${jobId} was dropped from the queue: its worker no longer renews the lock`)));
    }
    async start() {
        await ready(this.#worker);
        void this.#worker.run().catch(this.#onError);
    }
    async close() {
        await hangUp(this.#worker, this.#worker.close(), () => this.#running > 0);
    }
    /** Never throws: to the queue a job is done when its handler is, what became of the run is written in Postgres. */
    async #process(data) {
        this.#running += 1;
        try {
            await this.#handler(parseRunJob(data));
        }
        catch (error) {
            this.#onError(error instanceof Error ? error : new Error(String(error)));
        }
        finally {
            this.#running -= 1;
        }
    }
}
//# sourceMappingURL=bullmq-job-consumer.js.map