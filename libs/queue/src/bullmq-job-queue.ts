import type { Admission, JobQueue } from '@airmeta/lab';
import { Queue, type IQueueBackend } from 'bullmq';

import { QUEUE_NAME, queueBackendFactory, type QueueBackend } from './backend.js';
import { hangUp, ready, type ErrorListener } from './connection.js';
import { prepareBackend } from './prepare-backend.js';
import { RUN_JOB_NAME, runJobId, type RunJobData } from './run-job.js';

/** BullMQ records an event for every step of every job; nobody reads them here. */
const KEPT_EVENTS = 1_000;

export interface JobQueueOptions {
  /** Told about a lost connection; calls in progress reject on their own. */
  readonly onError?: ErrorListener;
}

/** Opens the producing side of the queue; rejects when its database cannot be reached. */
export async function openJobQueue(backend: QueueBackend, { onError = () => undefined }: JobQueueOptions = {}): Promise<JobQueue> {
  await prepareBackend(backend);
  const queue: RunQueue = new Queue(QUEUE_NAME, { connection: backend, streams: { events: { maxLen: KEPT_EVENTS } } }, queueBackendFactory);
  queue.on('error', onError);
  await ready(queue);
  return new BullmqJobQueue(queue);
}

/** On PostgreSQL the way for many makes temporary tables: it takes as long as fifteen or twenty jobs one by one, and fills its catalogue. */
const MOST_ONE_BY_ONE = 16;

type RunQueue = Queue<RunJobData, void, string, RunJobData, void, string, IQueueBackend, QueueBackend>;

/** Keeps a job only while it waits or runs: attempts are Postgres's business, and so is the history. */
class BullmqJobQueue implements JobQueue {
  readonly #queue: RunQueue;

  constructor(queue: RunQueue) {
    this.#queue = queue;
  }

  async enqueue(admissions: readonly Admission[]): Promise<void> {
    const jobs = admissions.map(({ runId, dispatch }) => ({
      name: RUN_JOB_NAME,
      data: { runId, dispatch },
      opts: { jobId: runJobId({ runId, dispatch }), attempts: 1, removeOnComplete: true, removeOnFail: true },
    }));
    if (jobs.length > MOST_ONE_BY_ONE) await this.#queue.addBulk(jobs);
    else for (const { name, data, opts } of jobs) await this.#queue.add(name, data, opts);
  }

  /**
   * Reads the ids of all jobs, which are few: the dispatcher admits one per free worker slot. One round trip on Redis,
   * one per state on PostgreSQL, in the order in which a job passes through the states, so that none slips through.
   */
  async missing(admissions: readonly Admission[]): Promise<Admission[]> {
    if (admissions.length === 0) return [];
    const present = new Set(await this.#queue.getRanges(['wait', 'active'], 0, -1));
    return admissions.filter((admission) => !present.has(runJobId(admission)));
  }

  async close(): Promise<void> {
    await hangUp(this.#queue, this.#queue.close());
  }
}
