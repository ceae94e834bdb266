export const RUN_JOB_NAME = 'run';
/**
 * The job of one admission. BullMQ ignores a job whose id it holds already, so admitting twice does nothing; the next
 * dispatch of the same run is another job. BullMQ forbids colons and all-digit ids.
 */
export function runJobId({ runId, dispatch }) {
    return `run-${runId}-d${dispatch}`;
}
/** Reads a job's payload; throws on anything but an admission, which only a foreign producer can have written. */
export function parseRunJob(data) {
    if (typeof data === 'object' && data !== null && 'runId' in data && 'dispatch' in data) {
        const { runId, dispatch } = data;
        if (typeof runId === 'string' && typeof dispatch === 'number')
            return { runId, dispatch };
    }
    throw new TypeError(`a job of the run queue must carry { runId, dispatch }, this one carries ${JSON.stringify(data)}`);
}
//# sourceMappingURL=run-job.js.map