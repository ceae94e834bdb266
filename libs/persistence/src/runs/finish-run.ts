/** running -> ended, with what that means for others; and back to queued when the worker stops. */
import { COMPUTE_TIME_OVER, type Refusal, type ReleaseReason, type RunEnd, type RunFailure, type RunProgress } from '@airmeta/lab';
import { appendRecords, attemptMs, heldBy, type ClaimKey } from './append-records.js';
import { cancellation } from './cancellation.js';
import { cancelQueuedRuns } from '../bookkeeping/cancel-queued-runs.js';
import { addComputeTime } from '../bookkeeping/compute-time.js';
import { saveCheckpoint } from './checkpoints.js';
import { refusedCheckpoint } from './refused-checkpoint.js';
import type { Database, Queryable } from '../database/database.js';
import { endRun, type EndedRun } from './end-run.js';
import { appendEvents } from '../bookkeeping/event-log.js';
import { lockExperimentOfRun, type LockedExperiment } from '../bookkeeping/experiment-lock.js';
import { Prisma } from '../generated/client.js';
import { holdAfterFailures } from '../bookkeeping/hold-experiment.js';
import { isUuid } from '../database/identifier.js';
import { storableText } from '../database/storable-text.js';
import { retryDelay } from './retry-delay.js';
import { completeFigures, storeFigures } from '../results/run-figures.js';
import { shareResultsOf } from '../bookkeeping/share-results.js';

const RUNS = Prisma.sql`runs`;

/** Why a run that was running is queued again: given back by its worker, given more rounds, or of other data than the worker has. */
type RequeueReason = ReleaseReason | 'extended' | 'other-data';

/** What each costs of the attempts that a run has. */
const LOSSES: Readonly<Record<RequeueReason, 0 | 1>> = { stopping: 0, paused: 0, extended: 0, 'other-data': 0, fault: 1, checkpoint: 1 };

/** Back to queued, to go on from its checkpoint. The experiment must be locked, and the claim hold. */
async function requeue(tx: Queryable, experiment: LockedExperiment, claim: ClaimKey, reason: RequeueReason, why?: string): Promise<void> {
  const lost = LOSSES[reason];
  const [{ attemptMs: ms, refused }] = await tx.$queryRaw<{ attemptMs: number; refused: bigint | null }[]>(Prisma.sql`
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
    RETURNING ${attemptMs(RUNS)} AS "attemptMs", refused_checkpoint_bytes AS refused`);
  await addComputeTime(tx, experiment.id, ms);
  const said = reason === 'stopping' ? 'released' : reason;
  const data = {
    reason: said,
    fence: claim.fence,
    ...refusedCheckpoint(refused),
    ...(why === undefined ? {} : { message: storableText(why) }),
  };
  await appendEvents(tx, experiment.id, [{ type: 'run-requeued', runId: claim.runId, data }]);
}

/** Locks the experiment of a run that the claim holds, and the run; undefined when the claim is lost. */
async function lockHeld(tx: Queryable, claim: ClaimKey): Promise<LockedExperiment | undefined> {
  const experiment = await lockExperimentOfRun(tx, heldBy(claim));
  const held = await tx.$queryRaw<unknown[]>(Prisma.sql`SELECT id FROM runs WHERE ${heldBy(claim)} FOR NO KEY UPDATE`);
  return held.length > 0 ? experiment : undefined;
}

/** Writes what the run has got to and puts it back into the queue; or cancels it where no run is to go on. False when the claim is lost. */
function giveBack(
  database: Database,
  claim: ClaimKey,
  reason: ReleaseReason | 'extended',
  progress: RunProgress,
  why?: string,
): Promise<boolean> {
  return database.transaction(async (tx) => {
    const experiment = await lockHeld(tx, claim);
    if (experiment === undefined) return false;
    const cancelled = cancellation(experiment);
    if (cancelled) return (await endRun(tx, claim, cancelled, progress)) !== undefined;
    await appendRecords(tx, claim, progress, 0);
    if (progress.checkpoint) await saveCheckpoint(tx, claim, progress.checkpoint);
    await requeue(tx, experiment, claim, reason, why);
    return true;
  });
}

/** Ends a run that failed, which may hold its experiment, which must be locked. */
async function failHeld(
  tx: Queryable,
  experiment: LockedExperiment,
  claim: ClaimKey,
  end: RunEnd,
  progress: RunProgress,
): Promise<EndedRun | undefined> {
  const ended = await endRun(tx, claim, end, progress);
  await appendEvents(tx, experiment.id, await holdAfterFailures(tx, experiment));
  return ended;
}

function endFailed(database: Database, claim: ClaimKey, end: RunEnd, progress: RunProgress): Promise<EndedRun | undefined> {
  return database.transaction(async (tx) => {
    const experiment = await lockHeld(tx, claim);
    return experiment && failHeld(tx, experiment, claim, end, progress);
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
  if (end.kind === 'cancelled') return database.transaction((tx) => endRun(tx, claim, end, progress));
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
export async function releaseRun(
  database: Database,
  claim: ClaimKey,
  reason: ReleaseReason,
  progress: RunProgress,
  why?: string,
): Promise<boolean> {
  return isUuid(claim.runId) && giveBack(database, claim, reason, progress, why);
}

/** Nothing was computed. */
const NOTHING: RunProgress = { round: 0, records: [] };

/** Hands a run on to workers that have not refused it, or fails it when none of those that are there is left. */
export async function refuseRun(database: Database, claim: ClaimKey, failure: RunFailure, workersWithinMs: number): Promise<Refusal> {
  if (!isUuid(claim.runId)) return 'lost';
  return database.transaction(async (tx) => {
    const experiment = await lockHeld(tx, claim);
    if (experiment === undefined) return 'lost';
    const cancelled = cancellation(experiment);
    if (cancelled) return (await endRun(tx, claim, cancelled, NOTHING)) ? 'cancelled' : 'lost';
    const [{ elsewhere }] = await tx.$queryRaw<{ elsewhere: boolean }[]>(Prisma.sql`
      UPDATE runs SET refused_by = array_append(refused_by, worker_id) WHERE ${heldBy(claim)}
      RETURNING EXISTS (
        SELECT FROM workers WHERE seen_at > now() - ${workersWithinMs} * interval '1 millisecond' AND slots > 0 AND id <> ALL (runs.refused_by)
      ) AS elsewhere`);
    if (elsewhere) {
      await requeue(tx, experiment, claim, 'other-data', failure.message);
      return 'requeued';
    }
    const message = `${failure.message}; no worker that is there has others. Put the images back as they were and retry, or submit the experiment again`;
    return (await failHeld(tx, experiment, claim, { kind: 'failed', failure: { ...failure, message } }, NOTHING)) ? 'failed' : 'lost';
  });
}
