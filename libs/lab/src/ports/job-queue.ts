/** The queue that hands runs to workers. */
import type { Admission } from './run-store.js';

export interface JobQueue {
  /** Adds one job per admission; an admission that is there already is not added twice. */
  enqueue(admissions: readonly Admission[]): Promise<void>;
  /** Those of `admissions` that the queue has no waiting or active job for. */
  missing(admissions: readonly Admission[]): Promise<Admission[]>;
  close(): Promise<void>;
}

/** Takes jobs from the queue; one per free slot. */
export interface JobConsumer {
  /** Takes no new job and resolves once the running handlers have returned. */
  close(): Promise<void>;
}

export type JobHandler = (admission: Admission) => Promise<void>;
