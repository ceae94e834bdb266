/** running -> completed, diverged, failed or cancelled; and back to queued when the worker stops. */
import type { ReleaseReason, RunEnd, RunFailure, RunProgress } from '@airmeta/lab';
import { appendRecords, attemptMs, heldBy, type ClaimKey } from './append-records.js';
import { cancelQueuedRuns } from './cancel-queued-runs.js';
import { saveCheckpoint } from './checkpoints.js';
import { countDown } from './count-down.js';
import type { Database, Queryable } from './database.js';
import { appendEvents, type NewEvent } from './event-log.js';
import { lockExperimentOfRun, type LockedExperiment } from './experiment-lock.js';
import { insertCurves } from './fine-tuning-curves.js';
import { Prisma } from './generated/client.js';
import { holdAfterFailures } from './hold-experiment.js';
import { isUuid } from './identifier.js';
import { retryDelay } from './retry-delay.js';
import { keepResults } from './run-parameters.js';
import { shareResultsOf } from './share-results.js';

interface EndedRow {
  readonly pointId: string;
  readonly replicate: number;
  readonly round: number;
  readonly attemptMs: number;
  readonly awaited: boolean;
}

const RUNS = Prisma.sql`runs`;

/** Whether a queued run is the same computation; one that is queued at this very moment is found when its turn comes. */
const AWAITED = Prisma.sql`(
  SELECT true FROM runs AS other
  WHERE other.computation = runs.computation AND other.state = 'queued' AND other.admitted_at IS NULL AND NOT other.forced LIMIT 1
) IS NOT NULL`;

function failureOf(end: RunEnd): RunFailure | null {
  switch (end.kind) {
    case 'diverged':
      return { code: 'divergence', message: end.reason, round: end.round };
    case 'failed':
      return end.failure;
    case 'cancelled':
      return end.failure ?? null;
    case 'completed':
      return null;
  }
}

/** The code of the failure of a run that ends because its experiment has used up its compute time. */
const COMPUTE_TIME_OVER = 'compute-time-over';

/** Adds the time of an attempt that has just ended to its experiment's. */
async function addComputeTime(tx: Queryable, experimentId: string, ms: number): Promise<void> {
  await tx.$executeRaw(
    Prisma.sql`UPDATE experiments SET compute_ms = compute_ms + ${ms}::double precision WHERE id = ${experimentId}::uuid`,
  );
}

/** What the end of one run means for the rest of its experiment. */
async function consequences(tx: Queryable, experiment: LockedExperiment, failure: RunFailure | null, end: RunEnd): Promise<NewEvent[]> {
  if (end.kind === 'failed') return holdAfterFailures(tx, experiment);
  if (failure?.code !== COMPUTE_TIME_OVER || experiment.ending !== null) return [];
  await tx.$executeRaw(Prisma.sql`UPDATE experiments SET ending = 'budget' WHERE id = ${experiment.id}::uuid`);
  return cancelQueuedRuns(tx, experiment.id, failure);
}

/** Ends a run that the claim holds; the experiment must be locked. Returns whether another run waits for the same computation. */
async function endRun(tx: Queryable, experiment: LockedExperiment, claim: ClaimKey, end: RunEnd): Promise<boolean> {
  const failure = failureOf(end);
  const [{ attemptMs: ms, awaited, ...ended }] = await tx.$queryRaw<EndedRow[]>(Prisma.sql`
    UPDATE runs
    SET
      state = ${end.kind}::run_state,
      failure = ${failure === null ? null : JSON.stringify(failure)}::json,
      round = greatest(round, ${end.kind === 'completed' ? end.rounds : 0}),
      compute_ms = compute_ms + ${attemptMs(RUNS)},
      lease_expires_at = NULL,
      finished_at = clock_timestamp()
    WHERE ${heldBy(claim)}
    RETURNING point_id AS "pointId", replicate, round, ${attemptMs(RUNS)} AS "attemptMs", ${AWAITED} AS awaited`);
  const data = { ...ended, ...(failure === null ? {} : { failure: { ...failure } }) };
  const others = await consequences(tx, experiment, failure, end);
  const finished = await countDown(tx, experiment.id, 1, ms);
  await appendEvents(tx, experiment.id, [{ type: `run-${end.kind}`, runId: claim.runId, data }, ...others, ...finished]);
  return awaited;
}

/** Back to queued, to go on from its checkpoint. */
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

/** Writes the last records and the end of the run; false, and nothing is written, when the claim is lost. */
export async function finishRun(database: Database, claim: ClaimKey, end: RunEnd, progress: RunProgress): Promise<boolean> {
  if (!isUuid(claim.runId)) return false;
  let awaited = false;
  const written = await database.transaction(async (tx) => {
    const experiment = await lockExperimentOfRun(tx, heldBy(claim));
    if (experiment === undefined) return false;
    const { lease, rounds } = await appendRecords(tx, claim, progress, 0);
    if (lease === 'lost') return false;
    if (progress.checkpoint && end.kind !== 'diverged') await saveCheckpoint(tx, claim, progress.checkpoint);
    if (end.kind === 'completed' && end.rounds < rounds) {
      await requeue(tx, experiment, claim, 'extended');
      return true;
    }
    if (end.kind === 'completed' || end.kind === 'diverged') {
      if (progress.trained) await insertCurves(tx, claim.runId, progress.trained.fineTuning);
      await keepResults(tx, experiment.id, claim.runId, progress.trained, end.kind === 'completed' ? end.rounds : null);
    }
    awaited = await endRun(tx, experiment, claim, end);
    return true;
  });
  if (awaited && (end.kind === 'completed' || end.kind === 'diverged')) await shareResultsOf(database, claim.runId);
  return written;
}

/** Puts the run back into the queue, or cancels it when that was asked for meanwhile; false when the claim is lost. */
export async function releaseRun(database: Database, claim: ClaimKey, reason: ReleaseReason, progress: RunProgress): Promise<boolean> {
  if (!isUuid(claim.runId)) return false;
  return database.transaction(async (tx) => {
    const experiment = await lockExperimentOfRun(tx, heldBy(claim));
    if (experiment === undefined || (await appendRecords(tx, claim, progress, 0)).lease === 'lost') return false;
    if (progress.checkpoint) await saveCheckpoint(tx, claim, progress.checkpoint);
    if (experiment.ending === 'cancel') await endRun(tx, experiment, claim, { kind: 'cancelled' });
    else await requeue(tx, experiment, claim, reason);
    return true;
  });
}
