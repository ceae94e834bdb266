/** The runs as dispatcher and workers see them. Every write is conditional: on the dispatch number, or on the fence. */
import type { RunStore } from '@airmeta/lab';
import { admitRuns, admittedRuns, readmitRuns } from './admit-runs.js';
import { reportProgress } from './report-progress.js';
import { claimRun } from './claim-run.js';
import type { Database } from '../database/database.js';
import { finishRun, refuseRun, releaseRun } from './finish-run.js';
import { recoverStaleRuns } from './recover-runs.js';
import { registerWorker, removeWorker } from './worker-registry.js';

export function createRunStore(database: Database): RunStore {
  return {
    admit: (limit, workersWithinMs) => admitRuns(database, limit, workersWithinMs),
    admitted: (sinceMs) => admittedRuns(database, sinceMs),
    readmit: (admissions) => readmitRuns(database, admissions),
    claim: (admission, worker, leaseMs) => claimRun(database, admission, worker, leaseMs),
    report: (claim, progress, leaseMs) => reportProgress(database, claim, progress, leaseMs),
    finish: (claim, end, progress) => finishRun(database, claim, end, progress),
    release: (claim, reason, progress, why) => releaseRun(database, claim, reason, progress, why),
    refuse: (claim, failure, workersWithinMs) => refuseRun(database, claim, failure, workersWithinMs),
    recoverStale: (maxLosses) => recoverStaleRuns(database, maxLosses),
    heartbeat: (worker) => registerWorker(database, worker),
    deregister: (workerId) => removeWorker(database, workerId),
  };
}
