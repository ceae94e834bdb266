/**
 * What a run computes, whoever asks for it: its configuration, its seed, its data and the version of the program. The arithmetic of the
 * machine is not known before a worker takes it; whether a result may be another run's asks for it too.
 */
import { WORKER_TIMEOUT_MS } from '@airmeta/lab';
import { Prisma } from '../generated/client.js';

/** Expressions of the query's. */
interface ComputationParts {
  /** Hash of the point. */
  readonly hash: Prisma.Sql;
  readonly seed: Prisma.Sql;
  readonly engineVersion: Prisma.Sql;
  /** See {@link dataOf}. */
  readonly data: Prisma.Sql;
  /** See {@link scopeOf}. */
  readonly scope: Prisma.Sql;
}

/** SHA-256 over all of it. Data that a family draws by itself add nothing. */
export function computationOf({ hash, seed, engineVersion, data, scope }: ComputationParts): Prisma.Sql {
  return Prisma.sql`sha256(convert_to(${hash} || ':' || ${seed} || ':' || ${engineVersion} || ${data} || ${scope}, 'UTF8'))`;
}

/** The part of a point's data: images of which nobody knows which they were are like no others. @param points alias of the table */
export function dataOf(points: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`CASE
    WHEN ${points}.data_fingerprint IS NOT NULL THEN ':' || ${points}.data_fingerprint
    WHEN ${points}.config -> 'task' ->> 'dataset' IS NULL THEN ''
    ELSE ':unknown ' || gen_random_uuid()
  END`;
}

/**
 * The part of who may have the results. What a private experiment computes is a computation among its owner's private experiments: nobody
 * else's is shared with it, waits for it, or can tell that it has been done. @param experimentId of one that is there
 */
export function scopeOf(experimentId: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(
    SELECT CASE WHEN experiments.visibility = 'private' THEN ':private ' || coalesce(experiments.owner_id::text, 'nobody') ELSE '' END
    FROM experiments WHERE experiments.id = ${experimentId}
  )`;
}

/**
 * Assignments to `runs`, joined with its `points`, that give a run the address of what it computes now. One that is under way and is now what
 * another run computes already goes on by itself.
 */
export function addressNow(experimentId: string): Prisma.Sql {
  const computation = computationOf({
    hash: Prisma.sql`points.hash`,
    seed: Prisma.sql`runs.seed`,
    engineVersion: Prisma.sql`runs.engine_version`,
    data: dataOf(Prisma.sql`points`),
    scope: scopeOf(Prisma.sql`${experimentId}::uuid`),
  });
  return Prisma.sql`
    computation = ${computation},
    forced = runs.forced OR (${inFlight(Prisma.sql`runs`)} AND EXISTS (
      SELECT 1 FROM runs AS other
      WHERE other.computation = ${computation} AND other.id <> runs.id AND NOT other.forced AND ${inFlight(Prisma.sql`other`)}
    ))`;
}

/** In the queue or running. @param runs alias of the table */
export function inFlight(runs: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`${runs}.state IN ('queued', 'running') AND ${runs}.admitted_at IS NOT NULL`;
}

/**
 * Whether a run has results of its own that others of the same computation may have: a worker that is there computes as it was computed,
 * and would come to the same bits. @param runs alias of the table
 */
export function hasResultsToShare(runs: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`${runs}.state IN ('completed', 'diverged') AND ${runs}.shared_from_id IS NULL
    AND ${runs}.worker_engine IN (SELECT engine FROM workers WHERE seen_at > now() - ${WORKER_TIMEOUT_MS} * interval '1 millisecond')`;
}

/** The run whose results are a run's. @param runs alias of the table */
export function resultsOf(runs: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`coalesce(${runs}.shared_from_id, ${runs}.id)`;
}
