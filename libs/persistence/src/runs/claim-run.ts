/** queued -> running. */
import type { Admission, Claim, WorkerRegistration } from '@airmeta/lab';
import { ENGINE_VERSION, type PointSpec } from '@airmeta/spec';
import { computationOf, dataOf, inFlight, scopeOf } from '../bookkeeping/computation.js';
import type { Database } from '../database/database.js';
import { Prisma } from '../generated/client.js';
import { STARTS_RUNS } from '../bookkeeping/experiment-lock.js';
import { changedMeanwhile } from './changed-meanwhile.js';
import { wholeCheckpoint } from './checkpoints.js';
import { isUuid } from '../database/identifier.js';
import { storableText } from '../database/storable-text.js';

interface FoundRow {
  /** The rest is empty then. */
  readonly stale: boolean;
  readonly experimentId: string;
  readonly fence: number;
  readonly losses: number;
  readonly seed: bigint;
  readonly config: PointSpec;
  readonly dataFingerprint: string | null;
  /** 0 without a checkpoint that is good here. */
  readonly round: number;
  readonly bytes: Uint8Array | null;
  readonly size: bigint | null;
}

const VERSION = Prisma.sql`${ENGINE_VERSION}::int`;

/** What a run is when this version of the program computes it. */
const COMPUTATION = Prisma.sql`CASE WHEN runs.engine_version = ${VERSION} THEN runs.computation ELSE ${computationOf({
  hash: Prisma.sql`points.hash`,
  seed: Prisma.sql`runs.seed`,
  engineVersion: VERSION,
  data: dataOf(Prisma.sql`points`),
  scope: scopeOf(Prisma.sql`runs.experiment_id`),
})} END`;

/**
 * Puts off a run that this worker has refused before, so that another takes it.
 * @param current condition on `runs`: the admission is the current one
 */
async function passOn(database: Database, current: Prisma.Sql, workerId: string): Promise<void> {
  await database.client.$executeRaw(Prisma.sql`
    UPDATE runs SET admitted_at = NULL, not_before = clock_timestamp() + interval '1 second' WHERE ${current} AND ${workerId} = ANY (refused_by)`);
}

/**
 * Gives the run to the worker under a new fencing token, unless the admission is no longer the current one or its experiment starts no
 * runs, or the worker has refused it. It goes on from its checkpoint when that was made on what this worker computes on; of its records, those before are kept.
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

  const [found] = await database.client.$queryRaw<FoundRow[]>(Prisma.sql`
    WITH experiment AS MATERIALIZED (
      SELECT id FROM experiments
      WHERE id = (SELECT experiment_id FROM runs WHERE ${current}) AND ${STARTS_RUNS}
      FOR NO KEY UPDATE
    ),
    run AS MATERIALIZED ( -- tested again, as another transaction may have changed it before the lock was granted
      SELECT runs.*, ${changedMeanwhile(runId)} AS stale
      FROM runs JOIN experiment ON experiment.id = runs.experiment_id
      WHERE ${current} AND ${workerId} <> ALL (runs.refused_by)
      FOR NO KEY UPDATE OF runs
    ),
    beginning AS (
      SELECT runs.id, points.config, points.data_fingerprint, coalesce(checkpoints.round, 0) AS round, checkpoints.bytes, checkpoints.size, ${COMPUTATION} AS computation
      FROM run AS runs
      JOIN points ON points.id = runs.point_id
      LEFT JOIN checkpoints ON checkpoints.run_id = runs.id AND checkpoints.engine = ${engine}
      WHERE NOT runs.stale
    ),
    kept AS (
      SELECT series.metric, series.rounds, (SELECT count(*)::int FROM unnest(series.rounds) AS recorded (round) WHERE recorded.round < beginning.round) AS count
      FROM beginning JOIN series ON series.run_id = beginning.id
    ),
    cut AS (
      UPDATE series SET rounds = series.rounds[:kept.count], values = series.values[:kept.count]
      FROM kept
      WHERE series.run_id = ${runId}::uuid AND series.metric = kept.metric AND kept.count BETWEEN 1 AND cardinality(series.rounds) - 1
    ),
    dropped AS (
      DELETE FROM series USING kept WHERE series.run_id = ${runId}::uuid AND series.metric = kept.metric AND kept.count = 0
    ),
    claimed AS (
      UPDATE runs
      SET
        state = 'running',
        fence = runs.fence + 1,
        worker_id = ${workerId},
        engine = ${engine},
        worker_engine = ${engine},
        -- Under another version than it was queued by, it is another computation, which may be under way already.
        engine_version = ${VERSION},
        computation = beginning.computation,
        forced = runs.forced OR (runs.engine_version <> ${VERSION} AND EXISTS (
          SELECT 1 FROM runs AS other
          WHERE other.computation = beginning.computation AND other.id <> runs.id AND NOT other.forced AND ${inFlight(Prisma.sql`other`)}
        )),
        round = beginning.round,
        recorded_round = coalesce((SELECT max(rounds[count]) FROM kept), -1),
        refused_checkpoint_bytes = NULL,
        not_before = NULL,
        started_at = clock_timestamp(),
        lease_expires_at = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
      FROM beginning
      WHERE runs.id = beginning.id
      RETURNING runs.*
    ),
    numbered AS (
      UPDATE experiments SET event_sequence = event_sequence + 1
      FROM claimed
      WHERE experiments.id = claimed.experiment_id
      RETURNING event_sequence
    ),
    told AS (
      INSERT INTO events (experiment_id, sequence, type, run_id, data, at)
      SELECT claimed.experiment_id, numbered.event_sequence, 'run-started', claimed.id,
        json_strip_nulls(json_build_object(
          'pointId', claimed.point_id,
          'replicate', claimed.replicate,
          'fence', claimed.fence,
          'workerId', claimed.worker_id,
          'engine', claimed.engine,
          'fromRound', nullif(claimed.round, 0)
        )),
        clock_timestamp()
      FROM claimed CROSS JOIN numbered
    )
    SELECT
      run.stale, claimed.experiment_id AS "experimentId", claimed.fence, claimed.losses, claimed.seed,
      beginning.config, beginning.data_fingerprint AS "dataFingerprint", beginning.round, beginning.bytes, beginning.size
    FROM run
    LEFT JOIN claimed ON claimed.id = run.id
    LEFT JOIN beginning ON beginning.id = run.id`);
  if (found === undefined) {
    await passOn(database, current, workerId);
    return undefined;
  }
  if (found.stale) return claimRun(database, admission, worker, leaseMs);
  const { seed, round, bytes, size, stale: _, ...claimed } = found;
  const checkpoint = bytes === null ? null : { round, bytes: await wholeCheckpoint(database.client, runId, bytes, Number(size)) };
  return { ...claimed, runId, seed: Number(seed), checkpoint };
}
