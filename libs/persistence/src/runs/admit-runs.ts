/** Which runs go to the queue next. */
import type { Admission } from '@airmeta/lab';
import { hasResultsToShare, inFlight } from '../bookkeeping/computation.js';
import type { Database, Queryable } from '../database/database.js';
import { STARTS_RUNS } from '../bookkeeping/experiment-lock.js';
import { Prisma } from '../generated/client.js';
import { isUuid } from '../database/identifier.js';
import { shareResultsIn } from '../bookkeeping/share-results.js';
import { liveSlots } from './worker-registry.js';

/** Stands for the lab among those who have turns: its turn is the latest of all. */
const LAB = Prisma.sql`'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid`;

/** Stands for the owner of experiments that nobody owns. */
export const NOBODY = Prisma.sql`'00000000-0000-0000-0000-000000000000'::uuid`;

const RUNS = Prisma.sql`runs`;

/** Waits for its turn: queued, not in the queue, and not put off. */
export const WAITING = Prisma.sql`runs.state = 'queued' AND runs.admitted_at IS NULL AND (runs.not_before IS NULL OR runs.not_before <= now())`;

/** Whether there is a run of the same computation of which a condition holds: one look-up by key, which EXISTS might turn into a scan. */
function equalRun(condition: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(NOT runs.forced AND (
    SELECT true FROM runs AS other WHERE other.computation = runs.computation AND ${condition} LIMIT 1
  ) IS NOT NULL)`;
}

/** Whether an equal computation is under way, whose results this run will get. */
export const SAME_UNDER_WAY = equalRun(Prisma.sql`NOT other.forced AND ${inFlight(Prisma.sql`other`)}`);

/** Whether its computation has been done. */
const DONE = equalRun(hasResultsToShare(Prisma.sql`other`));

/**
 * Experiments that may start runs, as `open`, and their owners, as `holder`, each with its runs in flight and the number of its last
 * turn. Runs of experiments that may start none count as in flight too.
 */
export const CONTENDERS = Prisma.sql`
  flight AS (
    SELECT runs.experiment_id, coalesce(experiments.owner_id, ${NOBODY}) AS owner, count(*) AS count
    FROM runs JOIN experiments ON experiments.id = runs.experiment_id
    WHERE ${inFlight(RUNS)}
    GROUP BY runs.experiment_id, experiments.owner_id
  ),
  open AS (
    SELECT
      experiments.id, experiments.created_at, experiments.priority,
      coalesce(experiments.owner_id, ${NOBODY}) AS owner,
      coalesce(flight.count, 0) AS in_flight,
      coalesce(admission_turns.turn, 0) AS last_turn
    FROM experiments
    LEFT JOIN flight ON flight.experiment_id = experiments.id
    LEFT JOIN admission_turns ON admission_turns.holder = experiments.id
    WHERE experiments.state = 'running' AND ${STARTS_RUNS}
  ),
  holder AS (
    SELECT
      contender.owner,
      coalesce((SELECT sum(count) FROM flight WHERE flight.owner = contender.owner), 0) AS in_flight,
      coalesce((SELECT turn FROM admission_turns WHERE admission_turns.holder = contender.owner), 0) AS last_turn,
      (SELECT max_running FROM members WHERE members.id = contender.owner) AS cap
    FROM (SELECT DISTINCT owner FROM open) AS contender
  )`;

interface Candidate extends Admission {
  readonly experimentId: string;
  /** Its computation has been done: its results are to be shared rather than computed. */
  readonly done: boolean;
  /** Another dispatcher had its turn first, and what was counted here no longer holds. */
  readonly late: boolean;
}

/** Slots of workers seen within `workersWithinMs`, less the runs in flight. */
function freeSlots(workersWithinMs: number): Prisma.Sql {
  return Prisma.sql`${liveSlots(workersWithinMs)} - (SELECT count(*) FROM runs WHERE ${inFlight(RUNS)})`;
}

/**
 * A run's place is its owner's: experiments of the highest priority first, then by turns, counted on from the runs they have in flight,
 * then in the experiment's order. Its turn is that place counted on from what the owner has in flight: whether runs are admitted one by one
 * or many at a time, the owner with the fewest runs in flight is next, and of equals the one whose last turn is longest ago.
 * Every experiment offers at most `limit` runs, found by index, so the cost does not grow with the number of runs.
 *
 * Dispatchers take turns without waiting for each other while they hold anything: whoever advances the lab's turn from what it was when
 * the statement began has counted right, and the others are late. An admission that a crash of the database forgets is made again, so it need
 * not wait for the disk. Runs that a cancellation has locked are skipped rather than waited for.
 */
async function admitOnce(client: Queryable, limit: number, free: Prisma.Sql | undefined): Promise<Candidate[]> {
  const room = free ? Prisma.sql`greatest(0, least(${limit}, ${free}))` : Prisma.sql`${limit}`;
  return client.$queryRaw<Candidate[]>(Prisma.sql`
    WITH ${CONTENDERS},
    lab AS MATERIALIZED (
      SELECT
        coalesce((SELECT turn FROM admission_turns WHERE holder = ${LAB}), (SELECT max(turn) FROM admission_turns), 0) AS turn,
        (${room})::bigint AS room,
        set_config('synchronous_commit', 'off', true)
    ),
    next AS (
      SELECT
        open.*, offered.run_id, offered.dispatch, offered.ordinal, offered.computation, offered.forced, offered.done,
        open.in_flight + row_number() OVER (PARTITION BY open.id ORDER BY offered.ordinal) AS own_turn
      FROM open
      CROSS JOIN LATERAL (
        SELECT runs.id AS run_id, runs.dispatch, runs.ordinal, runs.computation, runs.forced, ${DONE} AS done
        FROM runs
        WHERE runs.experiment_id = open.id AND ${WAITING} AND NOT ${SAME_UNDER_WAY}
        ORDER BY runs.ordinal
        LIMIT (SELECT room FROM lab)
      ) AS offered
    ),
    placed AS (
      SELECT next.*, row_number() OVER (
        PARTITION BY owner ORDER BY priority DESC, own_turn, last_turn, created_at, id, ordinal
      ) AS place
      FROM next
    ),
    ordered AS (
      SELECT placed.*, row_number() OVER (
        ORDER BY holder.in_flight + placed.place, holder.last_turn, placed.created_at, placed.id, placed.ordinal
      ) AS position
      FROM placed
      JOIN holder ON holder.owner = placed.owner
      WHERE holder.cap IS NULL OR holder.in_flight + placed.place <= holder.cap
      ORDER BY position
      LIMIT (SELECT room FROM lab)
    ),
    candidate AS MATERIALIZED ( -- of runs that are the same computation, the first
      SELECT DISTINCT ON (CASE WHEN forced THEN run_id::text ELSE encode(computation, 'hex') END) *
      FROM ordered
      ORDER BY CASE WHEN forced THEN run_id::text ELSE encode(computation, 'hex') END, position
    ),
    taken AS (
      INSERT INTO admission_turns (holder, turn)
      SELECT ${LAB}, lab.turn + max(candidate.position) FROM lab CROSS JOIN candidate WHERE NOT candidate.done GROUP BY lab.turn
      ON CONFLICT (holder) DO UPDATE SET turn = excluded.turn WHERE admission_turns.turn = (SELECT turn FROM lab)
      RETURNING date_trunc('milliseconds', clock_timestamp()) AS at
    ),
    available AS ( -- as it was seen; the dispatch number tells, as well as admitted_at, and is found by key rather than by a partial index
      SELECT runs.id, taken.at FROM taken
      CROSS JOIN candidate
      JOIN runs ON runs.id = candidate.run_id AND runs.dispatch = candidate.dispatch
      WHERE runs.state = 'queued' AND runs.computation = candidate.computation AND NOT candidate.done
      FOR NO KEY UPDATE OF runs SKIP LOCKED
    ),
    admitted AS (
      UPDATE runs
      SET admitted_at = available.at, dispatch = runs.dispatch + 1
      FROM available
      WHERE runs.id = available.id
      RETURNING runs.id, runs.dispatch
    ),
    noted AS (
      INSERT INTO admission_turns (holder, turn)
      SELECT held.holder, max(lab.turn + candidate.position)
      FROM lab CROSS JOIN admitted JOIN candidate ON candidate.run_id = admitted.id
      CROSS JOIN LATERAL (VALUES (candidate.id), (candidate.owner)) AS held (holder)
      GROUP BY held.holder
      ON CONFLICT (holder) DO UPDATE SET turn = excluded.turn
    )
    SELECT
      candidate.run_id AS "runId",
      coalesce(admitted.dispatch, candidate.dispatch) AS dispatch,
      candidate.id AS "experimentId",
      candidate.done,
      NOT candidate.done AND NOT EXISTS (SELECT FROM taken) AS late
    FROM candidate
    LEFT JOIN admitted ON admitted.id = candidate.run_id
    WHERE admitted.id IS NOT NULL OR candidate.done OR NOT EXISTS (SELECT FROM taken)
    ORDER BY candidate.position`);
}

/** Admits runs in fair order: at most `limit`, and no more than there are free slots at workers seen within `workersWithinMs`. */
export async function admitRuns(database: Database, limit: number, workersWithinMs?: number): Promise<Admission[]> {
  const free = workersWithinMs === undefined ? undefined : freeSlots(workersWithinMs);
  for (;;) {
    const candidates = await admitOnce(database.client, limit, free);
    if (candidates.some(({ late }) => late)) continue;
    const admissions = candidates.filter(({ done }) => !done).map(({ runId, dispatch }) => ({ runId, dispatch }));
    const settled = [...new Set(candidates.filter(({ done }) => done).map(({ experimentId }) => experimentId))];
    for (const experimentId of settled) await shareResultsIn(database, experimentId);
    if (admissions.length > 0 || settled.length === 0) return admissions;
  }
}

/** Runs that are in the queue, as far as Postgres knows, for at least `sinceMs`. */
export async function admittedRuns(database: Database, sinceMs = 0): Promise<Admission[]> {
  return database.client.$queryRaw<Admission[]>(Prisma.sql`
    SELECT id AS "runId", dispatch FROM runs
    WHERE state = 'queued' AND admitted_at <= clock_timestamp() - ${sinceMs} * interval '1 millisecond'
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
