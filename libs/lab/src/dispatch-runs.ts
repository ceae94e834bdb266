/**
 * Keeps the queue short and full: runs are admitted from Postgres in fair order, about two jobs per worker slot, so that
 * a newcomer's first run waits for one slot only, and pausing or cancelling needs no search through a long queue.
 *
 * Any process may dispatch at any time: the server does when something is submitted and as a heartbeat, workers do when
 * they finish a run. Admission never gives a run to two of them.
 */
import type { JobQueue, RunStore } from './ports.js';

const JOBS_PER_SLOT = 2;
/** A worker that has not been seen for so long does not count. */
export const WORKER_TIMEOUT_MS = 15_000;
/** Lost attempts after which a run that keeps losing its worker is given up as failed. */
export const MAX_LOSSES = 5;

export interface DispatchDependencies {
  readonly runs: RunStore;
  readonly queue: JobQueue;
}

/** Admits as many runs as the queue has room for. Returns how many. */
export async function dispatchRuns({ runs, queue }: DispatchDependencies): Promise<number> {
  const slots = await runs.liveSlots(WORKER_TIMEOUT_MS);
  const room = slots * JOBS_PER_SLOT - (await runs.admitted()).length;
  if (room <= 0) return 0;
  const admissions = await runs.admit(room);
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
  const lost = await queue.missing(await runs.admitted());
  const readmitted = lost.length > 0 ? await runs.readmit(lost) : 0;
  return { ...stale, readmitted };
}
