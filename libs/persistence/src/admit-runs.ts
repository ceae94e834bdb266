/** Which runs go to the queue next. */
import type { Admission } from '@airmeta/lab';
import type { Database } from './database.js';
import { Prisma } from './generated/client.js';
import { isUuid } from './identifier.js';

/** Dispatchers admit one after the other; "admit" in ASCII. */
const ADMISSION_LOCK = 418296719732n;

/**
 * Admits up to `limit` runs, in the order in which experiments take turns. A run's turn is its place among the
 * experiment's next runs, counted on from the runs that are in the queue or running already: whether runs are admitted
 * one by one or many at a time, the experiment with the fewest runs in flight is next, and a new experiment does not
 * wait for the end of an old one. Every experiment offers at most `limit` runs, found by index, so the cost does not
 * grow with the number of runs.
 */
export async function admitRuns(database: Database, limit: number): Promise<Admission[]> {
  if (limit <= 0) return [];
  return database.transaction(async (tx) => {
    // One at a time, and each with a snapshot that has the admissions of the one before. Runs that a cancellation has
    // locked are skipped rather than waited for.
    await tx.$executeRaw(Prisma.sql`SELECT pg_advisory_xact_lock(${ADMISSION_LOCK})`);
    return tx.$queryRaw<Admission[]>(Prisma.sql`
      WITH open AS (
        SELECT id, created_at, (
          SELECT count(*) FROM runs
          WHERE runs.experiment_id = experiments.id AND state IN ('queued', 'running') AND admitted_at IS NOT NULL
        ) AS in_flight
        FROM experiments
        WHERE state = 'running' AND cancel_requested_at IS NULL
      ),
      candidate AS (
        SELECT next.id, next.dispatch, open.created_at, open.id AS experiment_id,
          open.in_flight + row_number() OVER (PARTITION BY open.id ORDER BY next.ordinal) AS turn
        FROM open
        CROSS JOIN LATERAL (
          SELECT id, dispatch, ordinal FROM runs
          WHERE runs.experiment_id = open.id AND state = 'queued' AND admitted_at IS NULL
          ORDER BY ordinal
          LIMIT ${limit}
        ) AS next
        ORDER BY turn, open.created_at, open.id
        LIMIT ${limit}
      ),
      available AS ( -- the dispatch number tells, as well as admitted_at, and is found by key rather than by a partial index
        SELECT runs.id FROM runs
        JOIN candidate ON candidate.id = runs.id AND candidate.dispatch = runs.dispatch
        WHERE runs.state = 'queued'
        FOR NO KEY UPDATE OF runs SKIP LOCKED
      ),
      admitted AS (
        UPDATE runs
        SET admitted_at = clock_timestamp(), dispatch = dispatch + 1
        FROM available
        WHERE runs.id = available.id
        RETURNING runs.id, runs.dispatch
      )
      SELECT admitted.id AS "runId", admitted.dispatch
      FROM admitted
      JOIN candidate ON candidate.id = admitted.id
      ORDER BY candidate.turn, candidate.created_at, candidate.experiment_id`);
  });
}

/** Runs that are in the queue, as far as Postgres knows. */
export async function admittedRuns(database: Database): Promise<Admission[]> {
  return database.client.$queryRaw<Admission[]>(Prisma.sql`
    SELECT id AS "runId", dispatch FROM runs
    WHERE state = 'queued' AND admitted_at IS NOT NULL
    ORDER BY admitted_at, experiment_id, ordinal`);
}

/** Takes admissions back. A run that somebody else is just changing is no longer ours to take. */
export async function readmitRuns(database: Database, admissions: readonly Admission[]): Promise<number> {
  const known = admissions.filter(({ runId }) => isUuid(runId));
  if (known.length === 0) return 0;
  return database.client.$executeRaw(Prisma.sql`
    WITH current AS (
      SELECT runs.id FROM runs
      JOIN unnest(${known.map(({ runId }) => runId)}::uuid[], ${known.map(({ dispatch }) => dispatch)}::int[]) AS given (id, dispatch)
        ON given.id = runs.id AND given.dispatch = runs.dispatch
      WHERE runs.state = 'queued' AND runs.admitted_at IS NOT NULL
      FOR NO KEY UPDATE OF runs SKIP LOCKED
    )
    UPDATE runs SET admitted_at = NULL FROM current WHERE runs.id = current.id`);
}
