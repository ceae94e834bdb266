/** running -> completed, diverged, failed or cancelled: everything that a run leaves behind, in one statement. */
import type { Checkpoint, RunEnd, RunFailure, RunProgress } from '@airmeta/lab';
import { appended, attemptMs, heldBy, lastRecordedRound, type ClaimKey } from './append-records.js';
import { changedMeanwhile } from './changed-meanwhile.js';
import { insertChunks, savedCheckpoint } from './checkpoints.js';
import { countedDown } from '../bookkeeping/count-down.js';
import type { Queryable } from '../database/database.js';
import { insertCurves } from '../results/fine-tuning-curves.js';
import { Prisma } from '../generated/client.js';
import { insertParameters, roomFor } from '../results/run-parameters.js';

export interface EndedRun {
  /** The run was given more rounds meanwhile than it has completed: nothing was written. */
  readonly extended: boolean;
  /** Another run waits for the same computation. */
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
      return end.warning ?? null;
  }
}

const NO_ROOM = Prisma.sql`room AS (SELECT 0::bigint AS bytes)`;

/** What is kept of a run without results: its latest checkpoint, for another attempt; the beginning takes the place of an older one. */
function keptForAnotherAttempt(checkpoint: Checkpoint | undefined): Prisma.Sql {
  if (checkpoint === undefined) return NO_ROOM;
  if (checkpoint.round > 0) return Prisma.sql`${NO_ROOM}, ${savedCheckpoint(checkpoint, Prisma.sql`held`)}`;
  return Prisma.sql`${NO_ROOM}, dropped AS (DELETE FROM checkpoints USING held WHERE checkpoints.run_id = held.id)`;
}

/**
 * What is kept of a run with results, as far as there is room: curves, parameters, and the checkpoint of its last round, which may have been
 * written before. Another checkpoint is dropped.
 * @param lastRound of a run that completed; null when there is nothing to go on from
 */
function keptResults({ trained, checkpoint }: RunProgress, lastRound: number | null): Prisma.Sql {
  const final = checkpoint !== undefined && checkpoint.round === lastRound ? checkpoint : undefined;
  const bytes = final
    ? Prisma.sql`${final.bytes.byteLength}`
    : Prisma.sql`(SELECT checkpoints.size FROM checkpoints JOIN held ON held.id = run_id WHERE checkpoints.round = ${lastRound}::int)`;
  return Prisma.join([
    roomFor(trained, bytes),
    ...(final ? [savedCheckpoint(final, Prisma.sql`held CROSS JOIN room WHERE room.checkpoint`)] : []),
    Prisma.sql`dropped AS (DELETE FROM checkpoints USING held CROSS JOIN room WHERE checkpoints.run_id = held.id AND NOT room.checkpoint)`,
    ...(trained
      ? [Prisma.sql`curves AS (${insertCurves(trained.fineTuning)})`, Prisma.sql`parameters AS (${insertParameters(trained)})`]
      : []),
  ]);
}

function kept(end: RunEnd, progress: RunProgress): Prisma.Sql {
  if (end.kind === 'completed') return keptResults(progress, end.rounds);
  return end.kind === 'diverged' ? keptResults(progress, null) : keptForAnotherAttempt(progress.checkpoint);
}

/**
 * Ends a run that the claim holds, in a transaction when it leaves a large checkpoint: with its last records, its results, its experiment's count-down and the events that tell of it; undefined,
 * and nothing is written, when the claim is lost.
 */
export async function endRun(client: Queryable, claim: ClaimKey, end: RunEnd, progress: RunProgress): Promise<EndedRun | undefined> {
  const failure = failureOf(end);
  const storedFailure = failure === null ? null : JSON.stringify(failure);
  const toldFailure = failure === null ? Prisma.empty : Prisma.sql`, 'failure', ${storedFailure}::json`;
  const rounds = end.kind === 'completed' ? end.rounds : null;
  const [ended] = await client.$queryRaw<(EndedRun & { readonly stale: boolean })[]>(Prisma.sql`
    WITH experiment AS MATERIALIZED (
      SELECT id, kept_bytes FROM experiments
      WHERE id = (SELECT experiment_id FROM runs WHERE ${heldBy(claim)})
      FOR NO KEY UPDATE
    ),
    found AS MATERIALIZED ( -- tested again, as another transaction may have changed it before the lock was granted
      SELECT runs.id, runs.worker_engine, runs.recorded_round, ${attemptMs(RUNS)} AS attempt_ms,
        coalesce(runs.rounds > ${rounds}::int, false) AS extended, ${AWAITED} AS awaited, ${changedMeanwhile(claim.runId)} AS stale
      FROM runs JOIN experiment ON experiment.id = runs.experiment_id
      WHERE ${heldBy(claim)}
      FOR NO KEY UPDATE OF runs
    ),
    held AS MATERIALIZED (SELECT * FROM found WHERE NOT extended AND NOT stale),
    ${appended(progress.records)},
    ${kept(end, progress)},
    ended AS (
      UPDATE runs
      SET
        state = ${end.kind}::run_state,
        failure = ${storedFailure}::json,
        round = greatest(runs.round, ${progress.round}, ${rounds ?? 0}),
        engine = coalesce(${progress.engine ?? null}, runs.engine),
        recorded_round = greatest(runs.recorded_round, ${lastRecordedRound(progress.records)}),
        refused_checkpoint_bytes = coalesce(${progress.refusedCheckpointBytes ?? null}::bigint, runs.refused_checkpoint_bytes),
        compute_ms = runs.compute_ms + held.attempt_ms,
        lease_expires_at = NULL,
        finished_at = clock_timestamp()
      FROM held
      WHERE runs.id = held.id
      RETURNING runs.id, runs.experiment_id, runs.point_id, runs.replicate, runs.round, held.attempt_ms
    ),
    counted AS (
      UPDATE experiments
      SET ${countedDown(1, Prisma.sql`ended.attempt_ms`)},
        kept_bytes = experiments.kept_bytes + room.bytes,
        event_sequence = experiments.event_sequence + CASE WHEN experiments.open_runs > 1 THEN 1 ELSE 2 END
      FROM ended CROSS JOIN room
      WHERE experiments.id = ended.experiment_id
      RETURNING experiments.id, experiments.state, experiments.event_sequence, experiments.state <> 'running' AS finished
    ),
    told AS (
      INSERT INTO events (experiment_id, sequence, type, run_id, data, at)
      SELECT counted.id, counted.event_sequence - counted.finished::int, ${`run-${end.kind}`}, ended.id,
        json_build_object('pointId', ended.point_id, 'replicate', ended.replicate, 'round', ended.round${toldFailure}), clock_timestamp()
      FROM counted CROSS JOIN ended
      UNION ALL
      SELECT counted.id, counted.event_sequence, 'experiment-finished', NULL, json_build_object('state', counted.state), clock_timestamp()
      FROM counted WHERE counted.finished
    )
    SELECT extended, awaited, stale FROM found`);
  if (ended?.stale) return endRun(client, claim, end, progress);
  if (ended && !ended.extended && progress.checkpoint) await insertChunks(client, claim, progress.checkpoint);
  return ended;
}
