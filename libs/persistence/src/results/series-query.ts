/** Series, whole: a chart needs every value. */
import type { Series } from '@airmeta/lab';
import { METRIC_NAMES, type MetricName } from '@airmeta/spec';
import { resultsOf } from '../bookkeeping/computation.js';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';
import { isUuid } from '../database/identifier.js';

/**
 * In the order of `runIds`, then of METRIC_NAMES. A value that is not finite (the last one of a diverged run, say)
 * reads as null, as it would in JSON.
 */
export async function selectSeries(client: Queryable, runIds: readonly string[], metrics: readonly MetricName[]): Promise<Series[]> {
  const known = runIds.filter(isUuid);
  const series = await client.$queryRaw<Series[]>(Prisma.sql`
    SELECT runs.id AS "runId", metric, series.rounds, values
    FROM runs JOIN series ON series.run_id = ${resultsOf(Prisma.sql`runs`)}
    WHERE runs.id = ANY (${known}::uuid[]) AND metric = ANY (${metrics}::text[])
    ORDER BY array_position(${known}::uuid[], runs.id), array_position(${METRIC_NAMES}::text[], metric)`);
  return series.map((one) => ({ ...one, values: one.values.map((value) => (Number.isFinite(value) ? value : null)) }));
}

/** Numbers that `selectSeries` would give: rounds and values. */
export async function countSeriesNumbers(client: Queryable, runIds: readonly string[], metrics: readonly MetricName[]): Promise<number> {
  const [{ count }] = await client.$queryRaw<[{ count: number }]>(Prisma.sql`
    SELECT coalesce(2 * sum(cardinality(series.rounds)), 0)::double precision AS count
    FROM runs JOIN series ON series.run_id = ${resultsOf(Prisma.sql`runs`)}
    WHERE runs.id = ANY (${runIds.filter(isUuid)}::uuid[]) AND metric = ANY (${metrics}::text[])`);
  return count;
}
