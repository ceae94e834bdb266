/** What a run computes, whoever asks for it: its configuration, its seed and the version of the program. */
import { ENGINE_VERSION } from '@airmeta/spec';
import { Prisma } from '../generated/client.js';

/** SHA-256 over a point's hash, a run's seed and the engine version. @param hash @param seed expressions of the query's */
export function computationOf(hash: Prisma.Sql, seed: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`sha256(convert_to(${hash} || ':' || ${seed} || ':' || ${String(ENGINE_VERSION)}, 'UTF8'))`;
}

/** In the queue or running. @param runs alias of the table */
export function inFlight(runs: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`${runs}.state IN ('queued', 'running') AND ${runs}.admitted_at IS NOT NULL`;
}

/** The run whose results are a run's. @param runs alias of the table */
export function resultsOf(runs: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`coalesce(${runs}.shared_from_id, ${runs}.id)`;
}
