/** A computation is done once: runs that wait for one that another run has done get its results. */
import { countDown } from './count-down.js';
import { hasResultsToShare } from './computation.js';
import type { Database, Queryable } from '../database/database.js';
import { appendEvents, type NewEvent } from './event-log.js';
import { lockExperiment } from './experiment-lock.js';
import { Prisma } from '../generated/client.js';
import { figuresAreDue, forgetAimedAt } from '../results/run-figures.js';

interface SharedRow {
  readonly id: string;
  readonly state: 'completed' | 'diverged';
}

/**
 * Ends every waiting run of the experiment whose computation has been done; its results stay where they are, and are referred to. Its figures
 * are its own, as its target may be another; they are computed when somebody asks for them.
 * Forced runs are left alone. Returns the events to write. The experiment's row must be locked.
 */
export async function shareResults(tx: Queryable, experimentId: string): Promise<NewEvent[]> {
  const shared = await tx.$queryRaw<SharedRow[]>(Prisma.sql`
    WITH source AS (
      SELECT DISTINCT ON (waiting.id) waiting.id AS waiting_id, done.id, done.state, done.round, done.recorded_round, done.engine, done.worker_engine, done.failure
      FROM runs AS waiting
      JOIN runs AS done
        ON done.computation = waiting.computation AND ${hasResultsToShare(Prisma.sql`done`)}
      WHERE waiting.experiment_id = ${experimentId}::uuid
        AND waiting.state = 'queued' AND waiting.admitted_at IS NULL AND NOT waiting.forced
      ORDER BY waiting.id, done.finished_at, done.id
    )
    UPDATE runs
    SET
      state = source.state,
      shared_from_id = source.id,
      round = source.round,
      recorded_round = source.recorded_round,
      engine = source.engine,
      worker_engine = source.worker_engine,
      failure = source.failure,
      not_before = NULL,
      finished_at = clock_timestamp()
    FROM source
    WHERE runs.id = source.waiting_id AND runs.state = 'queued' AND runs.admitted_at IS NULL
    RETURNING runs.id, runs.state`);
  if (shared.length === 0) return [];
  await figuresAreDue(tx, experimentId);
  await forgetAimedAt(
    tx,
    experimentId,
    shared.map(({ id }) => id),
  );
  // What the runs had of their own is from attempts that did not end.
  await tx.$executeRaw(Prisma.sql`
    WITH shared AS (SELECT id FROM runs WHERE experiment_id = ${experimentId}::uuid AND shared_from_id IS NOT NULL),
    unseries AS (DELETE FROM series USING shared WHERE series.run_id = shared.id)
    DELETE FROM checkpoints USING shared WHERE checkpoints.run_id = shared.id`);
  const completed = shared.filter(({ state }) => state === 'completed').length;
  // One event for all of them: there can be 100,000.
  return [
    { type: 'runs-shared', data: { completed, diverged: shared.length - completed } },
    ...(await countDown(tx, experimentId, shared.length)),
  ];
}

/** The same, in a transaction of its own. */
export async function shareResultsIn(database: Database, experimentId: string): Promise<void> {
  await database.transaction(async (tx) => {
    if (!(await lockExperiment(tx, experimentId))) return;
    await appendEvents(tx, experimentId, await shareResults(tx, experimentId));
  });
}

/** Gives the results of a run that has just ended to all that wait for them: one transaction per experiment. */
export async function shareResultsOf(database: Database, runId: string): Promise<void> {
  const experiments = await database.client.$queryRaw<{ id: string }[]>(Prisma.sql`
    WITH equal AS MATERIALIZED ( -- by key, before the planner finds another way
      SELECT experiment_id, state, admitted_at, forced FROM runs
      WHERE computation = (SELECT computation FROM runs WHERE id = ${runId}::uuid)
    )
    SELECT DISTINCT experiment_id AS id FROM equal WHERE state = 'queued' AND admitted_at IS NULL AND NOT forced`);
  for (const { id } of experiments) await shareResultsIn(database, id);
}

/** Those who pass on results do so one after the other; "share" in ASCII. */
const SHARING_LOCK = 495874699877n;

/** To be called before an experiment is locked, by whoever takes results away from a run. */
export async function lockSharing(tx: Queryable): Promise<void> {
  await tx.$executeRaw(Prisma.sql`SELECT pg_advisory_xact_lock(${SHARING_LOCK})`);
}

const SERIES = Prisma.raw('metric, rounds, values');
const CURVES = Prisma.raw('at, task_set, metric, round, tasks, mean, deviation, q05, q25, q50, q75, q95');

/** Copies the results of one run to another, for every pair given. */
async function copyResults(tx: Queryable, pairs: readonly { readonly from: string; readonly to: string }[]): Promise<void> {
  if (pairs.length === 0) return;
  const pair = Prisma.sql`unnest(${pairs.map(({ from }) => from)}::uuid[], ${pairs.map(({ to }) => to)}::uuid[]) AS pair (source, heir)`;
  const copies: readonly [table: string, columns: Prisma.Sql][] = [
    ['series', SERIES],
    ['fine_tuning_curves', CURVES],
    ['run_parameters', Prisma.raw('round, tensors, theta, checksum')],
    ['checkpoints', Prisma.raw('round, engine, bytes, size')],
    ['checkpoint_chunks', Prisma.raw('number, bytes')],
  ];
  for (const [table, columns] of copies) {
    await tx.$executeRaw(Prisma.sql`
      INSERT INTO ${Prisma.raw(table)} (run_id, ${columns})
      SELECT pair.heir, ${columns} FROM ${pair} JOIN ${Prisma.raw(table)} ON run_id = pair.source`);
  }
  // Counted where they are now; whoever holds one of these rows waits for none of ours, and `lockSharing` keeps out who would.
  await tx.$executeRaw(Prisma.sql`
    UPDATE experiments SET kept_bytes = kept_bytes + copied.bytes
    FROM (
      SELECT runs.experiment_id AS id, sum(coalesce(octet_length(theta), 0) + coalesce(checkpoints.size, 0)) AS bytes
      FROM ${pair}
      JOIN runs ON runs.id = pair.heir
      LEFT JOIN run_parameters ON run_parameters.run_id = runs.id
      LEFT JOIN checkpoints ON checkpoints.run_id = runs.id
      GROUP BY runs.experiment_id
    ) AS copied
    WHERE experiments.id = copied.id`);
}

/**
 * Makes the results of these runs theirs alone, before they are deleted or go on: of the others who have them, one takes a copy, which the
 * rest refer to from then on; and those who had another run's take a copy of that. `lockSharing` comes first.
 * @param keep whether the runs go on, and need what they refer to
 */
export async function detachResults(tx: Queryable, runIds: readonly string[], keep: boolean): Promise<void> {
  const heirs = await tx.$queryRaw<{ from: string; to: string }[]>(Prisma.sql`
    SELECT DISTINCT ON (shared_from_id) shared_from_id AS "from", id AS "to"
    FROM runs
    WHERE shared_from_id = ANY (${runIds}::uuid[]) AND id <> ALL (${runIds}::uuid[])
    ORDER BY shared_from_id, id`);
  const borrowed = await tx.$queryRaw<{ from: string; to: string }[]>(Prisma.sql`
    SELECT shared_from_id AS "from", id AS "to" FROM runs WHERE id = ANY (${runIds}::uuid[]) AND shared_from_id IS NOT NULL`);
  await copyResults(tx, [...heirs, ...(keep ? borrowed : [])]);
  await tx.$executeRaw(Prisma.sql`
    UPDATE runs
    SET shared_from_id = CASE WHEN runs.id = pair.heir THEN NULL ELSE pair.heir END
    FROM unnest(${heirs.map(({ from }) => from)}::uuid[], ${heirs.map(({ to }) => to)}::uuid[]) AS pair (source, heir)
    WHERE runs.shared_from_id = pair.source AND runs.id <> ALL (${runIds}::uuid[])`);
  await tx.$executeRaw(Prisma.sql`
    UPDATE runs SET shared_from_id = NULL WHERE id = ANY (${runIds}::uuid[]) AND shared_from_id IS NOT NULL`);
}
