/** What a run waits for. */
import type { Run, RunWait } from '@airmeta/lab';
import { CONTENDERS, NOBODY, SAME_UNDER_WAY, WAITING } from './admit-runs.js';
import { inFlight } from '../bookkeeping/computation.js';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';
import { liveSlots } from './worker-registry.js';

/** The facts but for the line before the run; `taken` slots are in use. */
type SituationRow = Omit<RunWait, 'run' | 'ahead' | 'freeSlots'> & { readonly taken: number };

async function situationOf(client: Queryable, runId: string, workersWithinMs: number): Promise<SituationRow | undefined> {
  const [row] = await client.$queryRaw<SituationRow[]>(Prisma.sql`
    SELECT
      experiments.hold,
      experiments.ending,
      runs.admitted_at IS NOT NULL AS admitted,
      CASE WHEN runs.not_before > now() THEN runs.not_before END AS "notBefore",
      cardinality(runs.refused_by) AS refusals,
      ${SAME_UNDER_WAY} AS "sameComputation",
      (SELECT max_running FROM members WHERE members.id = experiments.owner_id) AS cap,
      (
        SELECT count(*)::int FROM runs AS flying JOIN experiments AS own ON own.id = flying.experiment_id
        WHERE ${inFlight(Prisma.sql`flying`)} AND own.owner_id IS NOT DISTINCT FROM experiments.owner_id
      ) AS "runningOfOwner",
      ${liveSlots(workersWithinMs)}::int AS slots,
      (SELECT count(*)::int FROM runs AS flying WHERE ${inFlight(Prisma.sql`flying`)}) AS taken
    FROM runs
    JOIN experiments ON experiments.id = runs.experiment_id
    WHERE runs.id = ${runId}::uuid`);
  return row;
}

interface AheadRow {
  readonly member: string | null;
  readonly runs: number;
}

/**
 * Runs that start before this one if nothing else is submitted and every slot is as fast as any other: those before it among its owner's, and
 * of every other owner as many as have a lower turn. Experiments of one priority take turns, so a run is behind as many runs
 * of each of them as it has before it in its own.
 */
async function runsAhead(client: Queryable, runId: string): Promise<AheadRow[]> {
  return client.$queryRaw<AheadRow[]>(Prisma.sql`
    WITH ${CONTENDERS},
    target AS (
      SELECT open.*, runs.ordinal FROM runs JOIN open ON open.id = runs.experiment_id WHERE runs.id = ${runId}::uuid
    ),
    waiting AS (
      SELECT open.id, open.owner, open.priority, open.in_flight, open.last_turn, open.created_at,
        count(*) AS runs,
        count(*) FILTER (WHERE runs.ordinal < (SELECT ordinal FROM target)) AS earlier
      FROM open
      JOIN runs ON runs.experiment_id = open.id
      WHERE ${WAITING} AND NOT ${SAME_UNDER_WAY}
      GROUP BY open.id, open.owner, open.priority, open.in_flight, open.last_turn, open.created_at
    ),
    own AS ( -- its turn among its experiment's
      SELECT target.*, target.in_flight + waiting.earlier + 1 AS turn FROM target JOIN waiting ON waiting.id = target.id
    ),
    before_in AS (
      SELECT waiting.owner,
        CASE
          WHEN waiting.id = own.id THEN waiting.earlier
          WHEN waiting.priority > own.priority THEN waiting.runs
          WHEN waiting.priority < own.priority THEN 0
          ELSE least(waiting.runs, greatest(0, own.turn - waiting.in_flight
            - CASE WHEN (waiting.last_turn, waiting.created_at, waiting.id) < (own.last_turn, own.created_at, own.id) THEN 0 ELSE 1 END))
        END AS runs
      FROM waiting JOIN own ON own.owner = waiting.owner
    ),
    place AS (
      SELECT own.owner, holder.in_flight + 1 + (SELECT sum(runs) FROM before_in) AS turn, holder.last_turn
      FROM own JOIN holder ON holder.owner = own.owner
    ),
    others AS (
      SELECT holder.owner,
        least(
          (SELECT sum(waiting.runs) FROM waiting WHERE waiting.owner = holder.owner),
          coalesce(holder.cap, 2147483647) - holder.in_flight,
          place.turn - holder.in_flight - CASE WHEN holder.last_turn < place.last_turn THEN 0 ELSE 1 END
        ) AS runs
      FROM holder CROSS JOIN place
      WHERE holder.owner <> place.owner
    )
    SELECT members.name AS member, ahead.runs::int AS runs
    FROM (
      SELECT owner, sum(runs) AS runs FROM before_in GROUP BY owner
      UNION ALL
      SELECT owner, runs FROM others
    ) AS ahead
    LEFT JOIN members ON members.id = ahead.owner AND ahead.owner <> ${NOBODY}
    WHERE ahead.runs > 0
    ORDER BY ahead.runs DESC, members.name`);
}

export async function selectWait(client: Queryable, run: Run, workersWithinMs: number): Promise<RunWait | undefined> {
  const found = await situationOf(client, run.id, workersWithinMs);
  if (found === undefined) return undefined;
  const { taken, ...situation } = found;
  const waits = run.state === 'queued' && !situation.admitted;
  return { run, ...situation, freeSlots: Math.max(0, situation.slots - taken), ahead: waits ? await runsAhead(client, run.id) : [] };
}
