/** The runs as dispatcher and workers see them. Every write is conditional: on the dispatch number, or on the fence. */
import type { RunStore } from '@airmeta/lab';
import { admitRuns, admittedRuns, readmitRuns } from './admit-runs.js';
import { appendRecords } from './append-records.js';
import { claimRun } from './claim-run.js';
import type { Database } from './database.js';
import { finishRun, releaseRun } from './finish-run.js';
import { isUuid } from './identifier.js';
import { recoverStaleRuns } from './recover-runs.js';
import { countLiveSlots, registerWorker, removeWorker } from './worker-registry.js';

export function createRunStore(database: Database): RunStore {
  return {
    admit: (limit) => admitRuns(database, limit),
    admitted: () => admittedRuns(database),
    readmit: (admissions) => readmitRuns(database, admissions),
    claim: (admission, worker, leaseMs) => claimRun(database, admission, worker, leaseMs),
    report: async (claim, progress, leaseMs) => (isUuid(claim.runId) ? appendRecords(database.client, claim, progress, leaseMs) : 'lost'),
    finish: (claim, end, progress) => finishRun(database, claim, end, progress),
    release: (claim, reason) => releaseRun(database, claim, reason),
    recoverStale: (maxLosses) => recoverStaleRuns(database, maxLosses),
    heartbeat: (worker) => registerWorker(database, worker),
    deregister: (workerId) => removeWorker(database, workerId),
    liveSlots: (withinMs) => countLiveSlots(database, withinMs),
  };
}
