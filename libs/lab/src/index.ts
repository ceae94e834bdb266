export { AccessConflictError, LastAdminError, MemberExistsError, NotAllowedError, TooManyTokensError } from './access-errors.js';
export { ACCESS_POLICY, effectiveRole, maySee, OPERATIONS, reachOf, refusalOf, type Operation, type Standing } from './access-policy.js';
export * from './access-ports.js';
export { isTokenSecret, tokenHash, withoutTokens } from './api-token.js';
export { arithmeticNote, type ArithmeticShare } from './arithmetic-note.js';
export * from './caller.js';
export type { ClaimCounts, ClaimDecision, ClaimFinding, ClaimPoint, ClaimQuestion, ClaimRun } from './claim-run.js';
export { COMPUTE_TIME_OVER } from './compute-time-over.js';
export { decideGainClaim } from './decide-gain-claim.js';
export { ControlConflictError, DamagedParametersError, IdempotencyConflictError } from './control-errors.js';
export {
  cancelExperiment,
  changeExperiment,
  deleteRun,
  pauseExperiment,
  resumeExperiment,
  retryFailedRuns,
  stopExperiment,
} from './control-experiment.js';
export { checkData, dataNeedsOf, type DataNeed, type DataNeeds } from './data-needs.js';
export { dispatchRuns, MAX_LOSSES, reconcileRuns, WORKER_TIMEOUT_MS, type DispatchDependencies } from './dispatch-runs.js';
export { estimateOf, meanFrom } from './estimate.js';
export { estimateRemaining, type RemainingTime } from './estimate-remaining.js';
export { explainWait } from './explain-wait.js';
export { extendExperiment } from './extend-experiment.js';
export { BAD_CHECKPOINT, executeRun, LEASE_MS, OTHER_DATA, type ExecutionDependencies, type ExecutionResult } from './execute-run.js';
export { addMember, changeMember, FIRST_ADMIN, issueFirstToken, issueToken, listTokens, revokeToken } from './manage-access.js';
export * from './figures/index.js';
export { claimScoreOf, claimSubject, decideClaim, gainClaim } from './gain-claim.js';
export { inSteps } from './in-steps.js';
export { DURATION_BOUNDS_S, type EndedRuns, type LabFigures, type LabFiguresReader } from './lab-figures.js';
export { packExperiment, type PackedExperiment, type PackedPoints } from './packed-experiment.js';
export { pointLabels } from './point-label.js';
export * from './ports.js';
export { diskWarnings, type DiskStore } from './disk.js';
export { previewCautions, type CheckpointAllowance, type PreviewCaution } from './preview-cautions.js';
export { previewExperiment, type ExperimentPreview } from './preview-experiment.js';
export { dataChange } from './same-data.js';
export { datasetTasksOf, summarizeDatasets } from './summarize-datasets.js';
export {
  checkExperiment,
  replicateSeedsOf,
  submitExperiment,
  type CheckedExperiment,
  type SubmissionOptions,
} from './submit-experiment.js';
export * from './trade-off/index.js';
export { replicateSeed } from '@airmeta/numerics';
