/** What the results of an experiment were computed on. */
import type { ArithmeticShare } from '@airmeta/lab';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';

/** Of all runs with results, shared ones included; most runs first. */
export function selectArithmetics(client: Queryable, experimentId: string): Promise<ArithmeticShare[]> {
  return client.$queryRaw<ArithmeticShare[]>(Prisma.sql`
    SELECT worker_engine AS arithmetic, count(*)::int AS runs
    FROM runs
    WHERE experiment_id = ${experimentId}::uuid AND state IN ('completed', 'diverged')
    GROUP BY worker_engine
    ORDER BY runs DESC, worker_engine`);
}
