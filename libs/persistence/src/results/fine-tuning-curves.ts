/** Fine-tuning curves: written with the end of a run, read whole. */
import type { RunCurves } from '@airmeta/lab';
import { CURVE_METRICS, CURVE_ROUNDS, CURVE_STATISTICS, TASK_SETS, type FineTuningCurve } from '@airmeta/spec';
import { resultsOf } from '../bookkeeping/computation.js';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';
import { isUuid } from '../database/identifier.js';

const STATISTICS = Prisma.raw(CURVE_STATISTICS.join(', '));
const TYPED_STATISTICS = Prisma.raw(CURVE_STATISTICS.map((name) => `${name} double precision[]`).join(', '));

/** Writes the curves of the row `held` of a run. */
export function insertCurves(curves: readonly FineTuningCurve[]): Prisma.Sql {
  const rows = curves.map(({ set, ...curve }) => ({ ...curve, task_set: set }));
  return Prisma.sql`
      INSERT INTO fine_tuning_curves (run_id, at, task_set, metric, round, tasks, ${STATISTICS})
      SELECT held.id, curve.at, task_set, metric, curve.round, tasks, ${STATISTICS}
      FROM held CROSS JOIN json_to_recordset(${JSON.stringify(rows)}::json)
        AS curve (at text, task_set text, metric text, round int, tasks int, ${TYPED_STATISTICS})`;
}

/** In the order of `runIds`; runs without curves are left out. */
export async function selectCurves(client: Queryable, runIds: readonly string[]): Promise<RunCurves[]> {
  const known = runIds.filter(isUuid);
  const rows = await client.$queryRaw<(FineTuningCurve & { readonly runId: string })[]>(Prisma.sql`
    SELECT runs.id AS "runId", at, curve.round, task_set AS "set", metric, tasks, ${STATISTICS}
    FROM runs JOIN fine_tuning_curves AS curve ON curve.run_id = ${resultsOf(Prisma.sql`runs`)}
    WHERE runs.id = ANY (${known}::uuid[])
    ORDER BY
      array_position(${known}::uuid[], runs.id),
      array_position(${CURVE_ROUNDS}::text[], at),
      array_position(${TASK_SETS}::text[], task_set),
      array_position(${CURVE_METRICS}::text[], metric)`);
  const byRun = new Map<string, FineTuningCurve[]>();
  for (const { runId, ...curve } of rows) byRun.set(runId, [...(byRun.get(runId) ?? []), curve]);
  return Array.from(byRun, ([runId, curves]) => ({ runId, curves }));
}

/** Numbers that `selectCurves` would give. */
export async function countCurveNumbers(client: Queryable, runIds: readonly string[]): Promise<number> {
  const [{ count }] = await client.$queryRaw<[{ count: number }]>(Prisma.sql`
    SELECT coalesce(${CURVE_STATISTICS.length} * sum(cardinality(mean)), 0)::double precision AS count
    FROM runs JOIN fine_tuning_curves AS curve ON curve.run_id = ${resultsOf(Prisma.sql`runs`)}
    WHERE runs.id = ANY (${runIds.filter(isUuid)}::uuid[])`);
  return count;
}
