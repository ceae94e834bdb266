/** Progress of a running run: its records, its round, its lease. */
import type { Claim, LeaseState, RunProgress } from '@airmeta/lab';
import { METRIC_NAMES, type EvaluationRecord } from '@airmeta/spec';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';

export type ClaimKey = Pick<Claim, 'runId' | 'fence'>;

/** The run, as long as this claim holds it. */
export function heldBy({ runId, fence }: ClaimKey): Prisma.Sql {
  return Prisma.sql`runs.id = ${runId}::uuid AND runs.fence = ${fence} AND runs.state = 'running'`;
}

/** A text array literal keeps what JSON parameters lose: NaN and the infinities. */
function arrayLiteral(values: readonly (number | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : String(value))).join(',')}}`;
}

/** Time since the current attempt began [ms]. @param runs alias of the table */
export function attemptMs(runs: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`extract(epoch FROM clock_timestamp() - ${runs}.started_at) * 1000`;
}

/** What the worker is told, from the row `held` of the run and that of its experiment. */
const LEASE_STATE = Prisma.sql`CASE
  WHEN experiments.ending = 'cancel' THEN 'cancel-requested'
  WHEN experiments.ending = 'budget' THEN 'compute-time-over'
  WHEN experiments.compute_ms + (
    SELECT sum(${attemptMs(Prisma.sql`runs`)}) FROM runs
    WHERE runs.experiment_id = experiments.id AND runs.state = 'running' AND runs.admitted_at IS NOT NULL
  ) >= experiments.compute_time_limit_ms THEN 'compute-time-over'
  WHEN held.compute_ms + ${attemptMs(Prisma.sql`held`)} >= experiments.run_time_limit_ms THEN 'run-time-over'
  WHEN experiments.hold = 'paused' THEN 'pause-requested'
  ELSE 'held'
END`;

/** What the worker is to know, and how many rounds the run is to have by now. */
export interface Appended {
  readonly lease: LeaseState;
  readonly rounds: number;
}

/** The last round of which there are records; -1 without any. */
export function lastRecordedRound(records: readonly EvaluationRecord[]): number {
  return records.at(-1)?.round ?? -1;
}

/**
 * `appended`: writes the records behind those that the row `held` of a run, which is locked, says are stored; others are skipped, so that
 * a report whose answer was lost can be sent again.
 */
export function appended(records: readonly EvaluationRecord[]): Prisma.Sql {
  const rounds = records.map((record) => record.round);
  const columns = METRIC_NAMES.map((metric) => arrayLiteral(records.map((record) => record.metrics[metric] ?? null)));
  return Prisma.sql`
    fresh AS ( -- position of the first record that is not stored yet
      SELECT held.id, count(*) FILTER (WHERE new.round <= held.recorded_round) + 1 AS first, count(*) AS last
      FROM held
      CROSS JOIN unnest(${rounds}::int[]) AS new (round)
      GROUP BY held.id
    ),
    appended AS (
      INSERT INTO series (run_id, metric, rounds, values)
      SELECT fresh.id, new.metric, (${rounds}::int[])[fresh.first:], (new.literal::double precision[])[fresh.first:]
      FROM fresh
      CROSS JOIN unnest(${METRIC_NAMES}::text[], ${columns}::text[]) AS new (metric, literal)
      WHERE fresh.first <= fresh.last
      ON CONFLICT (run_id, metric) DO UPDATE
      SET rounds = series.rounds || excluded.rounds, values = series.values || excluded.values
    )`;
}

/** Appends records, moves progress and renews the lease in one statement, unless the claim is lost. */
export async function appendRecords(tx: Queryable, claim: ClaimKey, progress: RunProgress, leaseMs: number): Promise<Appended> {
  const [held] = await tx.$queryRaw<Appended[]>(Prisma.sql`
    WITH held AS (
      SELECT id, experiment_id, recorded_round, compute_ms, started_at, rounds
      FROM runs
      WHERE ${heldBy(claim)}
      FOR NO KEY UPDATE
    ),
    moved AS (
      UPDATE runs
      SET
        round = greatest(runs.round, ${progress.round}),
        engine = coalesce(${progress.engine ?? null}, runs.engine),
        recorded_round = greatest(runs.recorded_round, ${lastRecordedRound(progress.records)}),
        refused_checkpoint_bytes = coalesce(${progress.refusedCheckpointBytes ?? null}::bigint, runs.refused_checkpoint_bytes),
        lease_expires_at = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
      FROM held
      WHERE runs.id = held.id
    ),
    ${appended(progress.records)}
    SELECT ${LEASE_STATE} AS lease, held.rounds
    FROM held
    JOIN experiments ON experiments.id = held.experiment_id`);
  return held ?? { lease: 'lost', rounds: 0 };
}
