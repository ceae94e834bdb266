/** running -> ended, with what that means for others; and back to queued when the worker stops. */
import { COMPUTE_TIME_OVER, type ReleaseReason, type RunEnd, type RunFailure, type RunProgress } from '@airmeta/lab';
import { appendRecords, attemptMs, heldBy, type ClaimKey } from './append-records.js';
import { cancellation } from './cancellation.js';
import { cancelQueuedRuns } from '../bookkeeping/cancel-queued-runs.js';
import { addComputeTime } from '../bookkeeping/compute-time.js';
import { saveCheckpoint } from './checkpoints.js';
import type { Database, Queryable } from '../database/database.js';
import { endRun, type EndedRun } from './end-run.js';
import { appendEvents } from '../bookkeeping/event-log.js';
import { lockExperimentOfRun, type LockedExperiment } from '../bookkeeping/experiment-lock.js';
import { Prisma } from '../generated/client.js';
import { holdAfterFailures } from '../bookkeeping/hold-experiment.js';
import { isUuid } from '../database/identifier.js';
import { retryDelay } from './retry-delay.js';
import { completeFigures, storeFigures } from '../results/run-figures.js';
import { shareResultsOf } from '../bookkeeping/share-results.js';

const RUNS = Prisma.sql`runs`;

/** Back to queued, to go on from its checkpoint. The experiment must be locked, and the claim hold. */
async function requeue(tx: Queryable, experiment: LockedExperiment, claim: ClaimKey, reason: ReleaseReason | 'extended'): Promise<void> {
  const lost = reason === 'fault' ? 1 : 0;
  const [{ attemptMs: ms }] = await tx.$queryRaw<{ attemptMs: number }[]>(Prisma.sql`
    UPDATE runs
    SET
      state = 'queued',
      losses = losses + ${lost},
      not_before = CASE WHEN ${lost} = 1 THEN clock_timestamp() + ${retryDelay(Prisma.sql`losses + 1`)} END,
      compute_ms = compute_ms + ${attemptMs(RUNS)},
      admitted_at = NULL,
      lease_expires_at = NULL,
      worker_id = NULL,
      round = coalesce((SELECT round FROM checkpoints WHERE run_id = runs.id), 0)
    WHERE ${heldBy(claim)}
    RETURNING ${attemptMs(RUNS)} AS "attemptMs"`);
  await addComputeTime(tx, experiment.id, ms);
  const said = reason === 'stopping' ? 'released' : reason;
  await appendEvents(tx, experiment.id, [{ type: 'run-requeued', runId: claim.runId, data: { reason: said, fence: claim.fence } }]);
}

/** Locks the experiment of a run that the claim holds, and the run; undefined when the claim is lost. */
async function lockHeld(tx: Queryable, claim: ClaimKey): Promise<LockedExperiment | undefined> {
  const experiment = await lockExperimentOfRun(tx, heldBy(claim));
  const held = await tx.$queryRaw<unknown[]>(Prisma.sql`SELECT id FROM runs WHERE ${heldBy(claim)} FOR NO KEY UPDATE`);
  return held.length > 0 ? experiment : undefined;
}

/** Writes what the run has got to and puts it back into the queue; or cancels it where no run is to go on. False when the claim is lost. */
function giveBack(database: Database, claim: ClaimKey, reason: ReleaseReason | 'extended', progress: RunProgress): Promise<boolean> {
  return database.transaction(async (tx) => {
    const experiment = await lockHeld(tx, claim);
    if (experiment === undefined) return false;
    const cancelled = cancellation(experiment);
    if (cancelled) return (await endRun(tx, claim, cancelled, progress)) !== undefined;
    await appendRecords(tx, claim, progress, 0);
    if (progress.checkpoint) await saveCheckpoint(tx, claim, progress.checkpoint);
    await requeue(tx, experiment, claim, reason);
    return true;
  });
}

/** Ends a run that failed, which may hold its experiment. */
function endFailed(database: Database, claim: ClaimKey, end: RunEnd, progress: RunProgress): Promise<EndedRun | undefined> {
  return database.transaction(async (tx) => {
    const experiment = await lockHeld(tx, claim);
    if (experiment === undefined) return undefined;
    const ended = await endRun(tx, claim, end, progress);
    await appendEvents(tx, experiment.id, await holdAfterFailures(tx, experiment));
    return ended;
  });
}

/** Ends a run because its experiment has used up its compute time, which ends all of its runs. */
function endOverBudget(
  database: Database,
  claim: ClaimKey,
  end: RunEnd,
  failure: RunFailure,
  progress: RunProgress,
): Promise<EndedRun | undefined> {
  return database.transaction(async (tx) => {
    const experiment = await lockHeld(tx, claim);
    if (experiment === undefined) return undefined;
    const isFirst = experiment.ending === null;
    if (isFirst) await tx.$executeRaw(Prisma.sql`UPDATE experiments SET ending = 'budget' WHERE id = ${experiment.id}::uuid`);
    const ended = await endRun(tx, claim, end, progress);
    if (isFirst) await appendEvents(tx, experiment.id, await cancelQueuedRuns(tx, experiment.id, failure));
    return ended;
  });
}

/** Ends a run with its result and figures, and computes those of the runs that it is the ideal twin of. */
async function endWithResult(database: Database, claim: ClaimKey, end: RunEnd, progress: RunProgress): Promise<EndedRun | undefined> {
  const { ended, due } = await database.transaction(async (tx) => {
    const ended = await endRun(tx, claim, end, progress);
    if (ended === undefined || ended.extended) return { ended };
    const { experimentId, due } = await storeFigures(tx, claim.runId);
    return { ended, due: due ? experimentId : undefined };
  });
  if (due !== undefined) await completeFigures(database, due);
  return ended;
}

function endWithConsequences(database: Database, claim: ClaimKey, end: RunEnd, progress: RunProgress): Promise<EndedRun | undefined> {
  if (end.kind === 'failed') return endFailed(database, claim, end, progress);
  if (end.kind === 'cancelled' && end.failure?.code === COMPUTE_TIME_OVER.code)
    return endOverBudget(database, claim, end, end.failure, progress);
  if (end.kind === 'cancelled') return endRun(database.client, claim, end, progress);
  return endWithResult(database, claim, end, progress);
}

/** Writes the last records and the end of the run; false, and nothing is written, when the claim is lost. */
export async function finishRun(database: Database, claim: ClaimKey, end: RunEnd, progress: RunProgress): Promise<boolean> {
  if (!isUuid(claim.runId)) return false;
  const ended = await endWithConsequences(database, claim, end, progress);
  if (ended === undefined) return false;
  if (ended.extended) return giveBack(database, claim, 'extended', progress);
  if (ended.awaited && (end.kind === 'completed' || end.kind === 'diverged')) await shareResultsOf(database, claim.runId);
  return true;
}

/** Puts the run back into the queue, or cancels it when that was asked for meanwhile; false when the claim is lost. */
export async function releaseRun(database: Database, claim: ClaimKey, reason: ReleaseReason, progress: RunProgress): Promise<boolean> {
  return isUuid(claim.runId) && giveBack(database, claim, reason, progress);
}
