/** Taking parameters and checkpoints of ended experiments away. Results, which are records, figures and curves, are not touched. */
import type { Session } from '@airmeta/lab';
import type { PruneChoice, PrunedBody } from '@airmeta/spec';
import { appendAudit } from '../access/audit-log.js';
import { lockExperiment } from '../bookkeeping/experiment-lock.js';
import type { Database, Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';

interface CandidateRow {
  readonly id: string;
  readonly name: string;
  readonly owner: string | null;
  readonly endedAt: Date;
  readonly runs: number;
  readonly parameterBytes: number;
  readonly checkpointBytes: number;
  readonly keptBytes: number;
}

const EXPERIMENTS = Prisma.sql`experiments`;

const endedAt = (experiments: Prisma.Sql) => Prisma.sql`coalesce(${experiments}.finished_at, ${experiments}.created_at)`;

/** The condition on experiments that the choice comes to; a bound on bytes is for who adds them up. @param experiments alias of the table */
function chosenBy({ olderThanDays, archived }: PruneChoice, experiments: Prisma.Sql): Prisma.Sql {
  return Prisma.join(
    [
      Prisma.sql`${experiments}.state <> 'running'`,
      ...(olderThanDays === undefined ? [] : [Prisma.sql`${endedAt(experiments)} <= now() - ${olderThanDays} * interval '1 day'`]),
      ...(archived === undefined ? [] : [Prisma.sql`${experiments}.archived_at IS NOT NULL`]),
    ],
    ' AND ',
  );
}

/** Whether nobody has the parameters and the checkpoint of one of `runs` whose experiment is not chosen. */
function unshared(choice: PruneChoice): Prisma.Sql {
  return Prisma.sql`NOT EXISTS (
    SELECT FROM runs AS heir JOIN experiments AS other ON other.id = heir.experiment_id
    WHERE heir.shared_from_id = runs.id AND NOT (${chosenBy(choice, Prisma.sql`other`)})
  )`;
}

/** Oldest end first. */
async function candidates(client: Queryable, choice: PruneChoice): Promise<CandidateRow[]> {
  return client.$queryRaw<CandidateRow[]>(Prisma.sql`
    SELECT
      experiments.id, experiments.name, members.name AS owner, ${endedAt(EXPERIMENTS)} AS "endedAt",
      count(*)::int AS runs,
      coalesce(sum(octet_length(run_parameters.theta)), 0)::float8 AS "parameterBytes",
      coalesce(sum(checkpoints.size), 0)::float8 AS "checkpointBytes",
      experiments.kept_bytes::float8 AS "keptBytes"
    FROM experiments
    JOIN runs ON runs.experiment_id = experiments.id
    LEFT JOIN run_parameters ON run_parameters.run_id = runs.id
    LEFT JOIN checkpoints ON checkpoints.run_id = runs.id
    LEFT JOIN members ON members.id = experiments.owner_id
    WHERE ${chosenBy(choice, EXPERIMENTS)} AND (run_parameters.run_id IS NOT NULL OR checkpoints.run_id IS NOT NULL) AND ${unshared(choice)}
    GROUP BY experiments.id, members.name
    ORDER BY "endedAt", experiments.id`);
}

async function chosen(client: Queryable, choice: PruneChoice): Promise<CandidateRow[]> {
  const all = await candidates(client, choice);
  if (choice.keepBytes === undefined) return all;
  const [{ kept }] = await client.$queryRaw<{ kept: number }[]>(Prisma.sql`
    SELECT coalesce(sum(kept_bytes), 0)::float8 AS kept FROM experiments`);
  let left = kept;
  let count = 0;
  while (count < all.length && left > choice.keepBytes) {
    const { keptBytes, parameterBytes, checkpointBytes } = all[count++];
    left -= Math.min(keptBytes, parameterBytes + checkpointBytes);
  }
  return all.slice(0, count);
}

function toldOf(rows: readonly CandidateRow[]): PrunedBody {
  return {
    bytes: rows.reduce((sum, { parameterBytes, checkpointBytes }) => sum + parameterBytes + checkpointBytes, 0),
    experiments: rows.map(({ keptBytes: _, endedAt, ...row }) => ({ ...row, endedAt: endedAt.toISOString() })),
  };
}

export async function previewPrune({ client }: Database, choice: PruneChoice): Promise<PrunedBody> {
  return toldOf(await chosen(client, choice));
}

interface TakenRow {
  readonly runs: number;
  readonly parameterBytes: number;
  readonly checkpointBytes: number;
}

/** Undefined when there is nothing to take any more, or it is not to be taken any more, as when it was resumed meanwhile. */
async function takeAway(tx: Queryable, id: string, choice: PruneChoice): Promise<TakenRow | undefined> {
  if (!(await lockExperiment(tx, id))) return undefined;
  const [taken] = await tx.$queryRaw<TakenRow[]>(Prisma.sql`
    WITH run AS (
      SELECT runs.id FROM runs JOIN experiments ON experiments.id = runs.experiment_id
      WHERE experiments.id = ${id}::uuid AND ${chosenBy(choice, EXPERIMENTS)} AND ${unshared(choice)}
    ),
    parameter AS (DELETE FROM run_parameters USING run WHERE run_id = run.id RETURNING run_id, octet_length(theta) AS bytes),
    checkpoint AS (DELETE FROM checkpoints USING run WHERE run_id = run.id RETURNING run_id, size AS bytes)
    SELECT
      (SELECT count(*)::int FROM (SELECT run_id FROM parameter UNION SELECT run_id FROM checkpoint) AS taken) AS runs,
      (SELECT coalesce(sum(bytes), 0)::float8 FROM parameter) AS "parameterBytes",
      (SELECT coalesce(sum(bytes), 0)::float8 FROM checkpoint) AS "checkpointBytes"`);
  if (taken.runs === 0) return undefined;
  await tx.$executeRaw(Prisma.sql`
    UPDATE experiments SET kept_bytes = coalesce((
      SELECT sum(coalesce(octet_length(theta), 0) + coalesce(checkpoints.size, 0)) FROM runs
      LEFT JOIN run_parameters ON run_parameters.run_id = runs.id
      LEFT JOIN checkpoints ON checkpoints.run_id = runs.id
      WHERE runs.experiment_id = ${id}::uuid AND runs.state IN ('completed', 'diverged')
    ), 0)
    WHERE id = ${id}::uuid`);
  return taken;
}

/** One transaction for each experiment, with its row in the audit log. Gives what was taken away. */
export async function prune(database: Database, session: Session, choice: PruneChoice): Promise<PrunedBody> {
  const pruned: CandidateRow[] = [];
  for (const row of await chosen(database.client, choice)) {
    const taken = await database.transaction(async (tx) => {
      const found = await takeAway(tx, row.id, choice);
      if (found) await appendAudit(tx, session, { operation: 'disk:prune', target: row.id, outcome: 'done' });
      return found;
    });
    if (taken) pruned.push({ ...row, ...taken });
  }
  return toldOf(pruned);
}
