/** Which data a run is of. */
import type { TaskSpec } from './task-spec.js';

/** Name of the data set that a task reads; null for families that draw their own data. */
export function datasetOf(task: TaskSpec): string | null {
  return 'dataset' in task ? task.dataset : null;
}

/** Hexadecimal digits of a fingerprint that people are shown. */
const SHOWN_DIGITS = 12;

/** The beginning of a fingerprint, for sentences and tables. @param fingerprint null: not recorded */
export function shortFingerprint(fingerprint: string | null): string {
  return fingerprint === null ? 'unknown' : fingerprint.slice(0, SHOWN_DIGITS);
}
