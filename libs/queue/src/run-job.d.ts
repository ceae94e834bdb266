import type { Admission } from '@airmeta/lab';
/** What a job carries: ids only, everything else is read from Postgres when the run is claimed. */
export type RunJobData = Admission;
export declare const RUN_JOB_NAME = "run";
/**
 * The job of one admission. BullMQ ignores a job whose id it holds already, so admitting twice does nothing; the next
 * dispatch of the same run is another job. BullMQ forbids colons and all-digit ids.
 */
export declare function runJobId({ runId, dispatch }: Admission): string;
/** Reads a job's payload; throws on anything but an admission, which only a foreign producer can have written. */
export declare function parseRunJob(data: unknown): Admission;
//# sourceMappingURL=run-job.d.ts.map