/**
 * Hands a run to the queue whenever a worker has a free slot, and no earlier: which run that is, is decided in Postgres at that moment, in
 * fair order. So a newcomer's first run gets the next slot that becomes free, and pausing or cancelling finds nothing to search for
 * in the queue.
 *
 * Any process may dispatch at any time: the server does when something is submitted and as a heartbeat, workers do when
 * they finish a run. Admission never gives a run to two of them.
 */
import type { JobQueue, RunStore } from './ports.js';

/** Most runs that are admitted in one go. */
const MAX_BATCH = 500;
/** A worker that has not been seen for so long does not count. */
export const WORKER_TIMEOUT_MS = 15_000;
/** An admission is written before its job is: one that is younger may still be on its way to the queue. */
const ENQUEUEING_MS = 2_000;
/** Lost attempts after which a run that keeps losing its worker is given up as failed. */
export const MAX_LOSSES = 5;

export interface DispatchDependencies {
  readonly runs: RunStore;
  readonly queue: JobQueue;
}

/** Admits as many runs as there are free slots. Returns how many. */
export async function dispatchRuns({ runs, queue }: DispatchDependencies): Promise<number> {
  const admissions = await runs.admit(MAX_BATCH, WORKER_TIMEOUT_MS);
  if (admissions.length > 0) await queue.enqueue(admissions);
  return admissions.length;
}

/**
 * Brings queue and database back in step: runs whose worker died are queued again, and admitted runs whose job the
 * queue has lost are admitted anew.
 */
export async function reconcileRuns({
  runs,
  queue,
}: DispatchDependencies): Promise<{ requeued: number; cancelled: number; failed: number; readmitted: number }> {
  const stale = await runs.recoverStale(MAX_LOSSES);
  const lost = await queue.missing(await runs.admitted(ENQUEUEING_MS));
  const readmitted = lost.length > 0 ? await runs.readmit(lost) : 0;
  return { ...stale, readmitted };
}
