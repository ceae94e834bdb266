export { assessGainClaim } from './assess-gain-claim.js';
export { dispatchRuns, MAX_LOSSES, reconcileRuns, WORKER_TIMEOUT_MS, type DispatchDependencies } from './dispatch-runs.js';
export { estimateFrom, estimateOf } from './estimate.js';
export { executeRun, LEASE_MS, type ExecutionDependencies, type ExecutionResult } from './execute-run.js';
export { pointLabel } from './point-label.js';
export * from './ports.js';
export { previewExperiment, type ExperimentPreview } from './preview-experiment.js';
export { checkExperiment, submitExperiment } from './submit-experiment.js';
export { replicateSeed } from '@airmeta/numerics';
