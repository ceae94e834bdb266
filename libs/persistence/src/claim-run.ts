/** queued -> running. */
import type { Admission, Claim, WorkerRegistration } from '@airmeta/lab';
import type { PointSpec } from '@airmeta/spec';
import type { Database, Queryable } from './database.js';
import { appendEvents } from './event-log.js';
import { lockExperimentOfRun } from './experiment-lock.js';
import { Prisma } from './generated/client.js';
import { isUuid } from './identifier.js';
import { storableText } from './storable-text.js';

interface ClaimedRow {
  readonly fence: number;
  readonly losses: number;
  readonly seed: bigint;
  readonly pointId: string;
  readonly replicate: number;
  readonly config: PointSpec;
  /** 0 without a checkpoint that is good here. */
  readonly round: number;
  readonly bytes: Uint8Array | null;
}

/** Keeps the records before a round. Returns the last one's, -1 when there is none. */
async function truncateSeries(tx: Queryable, runId: string, round: number): Promise<number> {
  if (round === 0) {
    await tx.$executeRaw(Prisma.sql`DELETE FROM series WHERE run_id = ${runId}::uuid`);
    return -1;
  }
  const [{ last }] = await tx.$queryRaw<{ last: number | null }[]>(Prisma.sql`
    WITH kept AS (
      SELECT metric, (SELECT count(*)::int FROM unnest(rounds) AS recorded (round) WHERE recorded.round < ${round}) AS count
      FROM series WHERE run_id = ${runId}::uuid
    ),
    cut AS (
      UPDATE series SET rounds = rounds[:kept.count], values = values[:kept.count]
      FROM kept
      WHERE series.run_id = ${runId}::uuid AND series.metric = kept.metric
      RETURNING rounds[kept.count] AS last
    )
    SELECT max(last)::int AS last FROM cut`);
  return last ?? -1;
}

/**
 * Gives the run to the worker under a new fencing token, unless the admission is no longer the current one or its experiment starts no
 * runs. It goes on from its checkpoint when that was made on what this worker computes on.
 */
export async function claimRun(
  database: Database,
  admission: Admission,
  worker: WorkerRegistration,
  leaseMs: number,
): Promise<Claim | undefined> {
  const { runId, dispatch } = admission;
  if (!isUuid(runId)) return undefined;
  const current = Prisma.sql`runs.id = ${runId}::uuid AND runs.dispatch = ${dispatch} AND runs.state = 'queued' AND runs.admitted_at IS NOT NULL`;
  const workerId = storableText(worker.id);
  const engine = storableText(worker.engine);

  return database.transaction(async (tx) => {
    const experiment = await lockExperimentOfRun(tx, current);
    if (experiment === undefined || experiment.hold !== null || experiment.ending !== null) return undefined;
    const [run] = await tx.$queryRaw<ClaimedRow[]>(Prisma.sql`
      UPDATE runs
      SET
        state = 'running',
        fence = runs.fence + 1,
        worker_id = ${workerId},
        engine = ${engine},
        worker_engine = ${engine},
        round = coalesce(checkpoints.round, 0),
        recorded_round = -1,
        not_before = NULL,
        started_at = clock_timestamp(),
        lease_expires_at = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
      FROM points
      LEFT JOIN checkpoints ON checkpoints.run_id = ${runId}::uuid AND checkpoints.engine = ${engine}
      WHERE ${current} AND points.id = runs.point_id
      RETURNING runs.fence, runs.losses, runs.seed, runs.replicate, points.id AS "pointId", points.config, runs.round, checkpoints.bytes`);
    if (run === undefined) return undefined;
    const { fence, losses, seed, pointId, replicate, config, round, bytes } = run;
    if (fence > 1) {
      const recorded = await truncateSeries(tx, runId, round);
      if (recorded >= 0) await tx.$executeRaw(Prisma.sql`UPDATE runs SET recorded_round = ${recorded} WHERE id = ${runId}::uuid`);
    }
    const data = { pointId, replicate, fence, workerId, engine, ...(round > 0 ? { fromRound: round } : {}) };
    await appendEvents(tx, experiment.id, [{ type: 'run-started', runId, data }]);
    const checkpoint = bytes === null ? null : { round, bytes };
    return { runId, experimentId: experiment.id, fence, losses, seed: Number(seed), config, checkpoint };
  });
}
