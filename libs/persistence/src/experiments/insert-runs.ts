import { ENGINE_VERSION } from '@airmeta/spec';
import { computationOf, dataOf, scopeOf } from '../bookkeeping/computation.js';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';
import { ordinalOf, placesInPass } from './run-order.js';

export interface NewRuns {
  /** Of replicate 0, 1, 2, ... */
  readonly replicateSeeds: readonly number[];
  readonly forced: boolean;
}

/** Queues a run for every point and replicate that has none, pass by pass. Returns how many. */
export async function insertRuns(tx: Queryable, experimentId: string, { replicateSeeds, forced }: NewRuns): Promise<number> {
  const parts = {
    hash: Prisma.sql`point.hash`,
    seed: Prisma.sql`replicate.seed`,
    engineVersion: Prisma.sql`${ENGINE_VERSION}::int`,
    data: Prisma.sql`point.data`,
    scope: scopeOf(Prisma.sql`${experimentId}::uuid`),
  };
  return tx.$executeRaw(Prisma.sql`
    WITH point AS MATERIALIZED ( -- reads each configuration once
      SELECT id, index, hash, (config ->> 'rounds')::int AS rounds, ${dataOf(Prisma.sql`points`)} AS data
      FROM points WHERE experiment_id = ${experimentId}::uuid
    ),
    pass AS MATERIALIZED (${placesInPass(experimentId)})
    INSERT INTO runs (id, experiment_id, point_id, replicate, seed, ordinal, rounds, forced, engine_version, computation)
    SELECT
      gen_random_uuid(),
      ${experimentId}::uuid,
      point.id,
      replicate.number - 1,
      replicate.seed,
      ${ordinalOf(Prisma.sql`pass`, Prisma.sql`(replicate.number - 1)`)} AS ordinal,
      point.rounds,
      ${forced},
      ${ENGINE_VERSION}::int,
      ${computationOf(parts)}
    FROM point
    JOIN pass ON pass.id = point.id
    CROSS JOIN unnest(${replicateSeeds}::bigint[]) WITH ORDINALITY AS replicate (seed, number)
    WHERE NOT EXISTS (SELECT 1 FROM runs WHERE runs.point_id = point.id AND runs.replicate = replicate.number - 1)
    ORDER BY ordinal`);
}
