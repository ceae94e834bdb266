/** running -> completed, diverged, failed or cancelled; and back to queued when the worker stops. */
import type { ReleaseReason, RunEnd, RunFailure, RunProgress } from '@airmeta/lab';
import { appendRecords, heldBy, type ClaimKey } from './append-records.js';
import { countDown } from './count-down.js';
import type { Database, Queryable } from './database.js';
import { appendEvents } from './event-log.js';
import { lockExperimentOfRun } from './experiment-lock.js';
import { insertCurves } from './fine-tuning-curves.js';
import { Prisma } from './generated/client.js';
import { isUuid } from './identifier.js';
import { insertParameters } from './run-parameters.js';

interface EndedRow {
  readonly pointId: string;
  readonly replicate: number;
  readonly round: number;
}

function failureOf(end: RunEnd): RunFailure | null {
  switch (end.kind) {
    case 'diverged':
      return { code: 'divergence', message: end.reason, round: end.round };
    case 'failed':
      return end.failure;
    case 'completed':
    case 'cancelled':
      return null;
  }
}

/** Ends a run that the claim holds; the experiment must be locked. */
async function endRun(tx: Queryable, experimentId: string, claim: ClaimKey, end: RunEnd): Promise<void> {
  const failure = failureOf(end);
  const [ended] = await tx.$queryRaw<EndedRow[]>(Prisma.sql`
    UPDATE runs
    SET
      state = ${end.kind}::run_state,
      failure = ${failure === null ? null : JSON.stringify(failure)}::json,
      round = greatest(round, ${end.kind === 'completed' ? end.rounds : 0}),
      lease_expires_at = NULL,
      finished_at = clock_timestamp()
    WHERE ${heldBy(claim)}
    RETURNING point_id AS "pointId", replicate, round`);
  const data = { ...ended, ...(failure === null ? {} : { failure: { ...failure } }) };
  const finished = await countDown(tx, experimentId, 1);
  await appendEvents(tx, experimentId, [{ type: `run-${end.kind}`, runId: claim.runId, data }, ...finished]);
}

/** Writes the last records and the end of the run; false, and nothing is written, when the claim is lost. */
export async function finishRun(database: Database, claim: ClaimKey, end: RunEnd, progress: RunProgress): Promise<boolean> {
  if (!isUuid(claim.runId)) return false;
  return database.transaction(async (tx) => {
    const experiment = await lockExperimentOfRun(tx, heldBy(claim));
    if (experiment === undefined || (await appendRecords(tx, claim, progress, 0)) === 'lost') return false;
    const hasResult = end.kind === 'completed' || end.kind === 'diverged';
    if (hasResult && progress.trained) {
      await insertCurves(tx, claim.runId, progress.trained.fineTuning);
      await insertParameters(tx, experiment.id, claim.runId, progress.trained);
    }
    await endRun(tx, experiment.id, claim, end);
    return true;
  });
}

/** Puts the run back into the queue, or cancels it when that was asked for meanwhile; false when the claim is lost. */
export async function releaseRun(database: Database, claim: ClaimKey, reason: ReleaseReason): Promise<boolean> {
  if (!isUuid(claim.runId)) return false;
  return database.transaction(async (tx) => {
    const experiment = await lockExperimentOfRun(tx, heldBy(claim));
    if (experiment === undefined) return false;
    const [held] = await tx.$queryRaw<object[]>(Prisma.sql`SELECT 1 FROM runs WHERE ${heldBy(claim)} FOR NO KEY UPDATE`);
    if (held === undefined) return false;
    if (experiment.cancelRequested) {
      await endRun(tx, experiment.id, claim, { kind: 'cancelled' });
      return true;
    }
    await tx.$executeRaw(Prisma.sql`
      UPDATE runs
      SET state = 'queued', losses = losses + ${reason === 'fault' ? 1 : 0}, admitted_at = NULL, lease_expires_at = NULL, worker_id = NULL, round = 0
      WHERE ${heldBy(claim)}`);
    await appendEvents(tx, experiment.id, [
      { type: 'run-requeued', runId: claim.runId, data: { reason: reason === 'fault' ? 'fault' : 'released', fence: claim.fence } },
    ]);
    return true;
  });
}
