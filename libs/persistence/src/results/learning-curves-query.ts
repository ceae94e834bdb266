/**
 * Metrics against rounds, averaged over the completed runs of a point. Bounded: at most `limit` points, and of a long run
 * every n-th evaluated round and the last, so that a curve has at most MAX_ROUNDS + 1 of them.
 *
 * Runs that diverged are left out: a mean that loses runs on the way would move because of who is left.
 */
import { meanFrom, type CurveSelection } from '@airmeta/lab';
import {
  LEARNING_CURVE_METRICS,
  type LearningCurve,
  type LearningCurveMetric,
  type LearningCurves,
  type PointCurves,
  type PointRole,
} from '@airmeta/spec';
import { resultsOf } from '../bookkeeping/computation.js';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';

const MAX_ROUNDS = 250;

interface FoundPoint {
  readonly pointId: string;
  readonly pointIndex: number;
  readonly role: PointRole;
  readonly label: string;
}

/** The experiment beside each point; once and without a point when there is none of those asked for. */
type CurvePointRow = { readonly name: string; readonly pointCount: number } & (FoundPoint | { readonly pointId: null });

interface MomentsRow {
  readonly pointId: string;
  readonly metric: LearningCurveMetric;
  readonly round: number;
  readonly mean: number;
  readonly deviation: number | null;
  readonly n: number;
}

/** Those asked for; or the swept points in order, the ideal twin following the first that is compared with it. */
function selectPoints(client: Queryable, experimentId: string, { points, limit }: CurveSelection): Promise<CurvePointRow[]> {
  const wanted = points === undefined ? Prisma.sql`ranked.rank <= ${limit}` : Prisma.sql`ranked.index = ANY (${[...points]}::int[])`;
  return client.$queryRaw<CurvePointRow[]>(Prisma.sql`
    WITH placed AS (
      SELECT points.*, CASE WHEN id = twin_point_id THEN min(index) OVER (PARTITION BY twin_point_id) ELSE index END AS place
      FROM points
      WHERE experiment_id = ${experimentId}::uuid
    ),
    ranked AS (
      SELECT placed.*, row_number() OVER (ORDER BY place, index) AS rank FROM placed
    )
    SELECT
      experiments.name,
      experiments.point_count AS "pointCount",
      ranked.id AS "pointId",
      ranked.index AS "pointIndex",
      ranked.role,
      ranked.label
    FROM experiments
    LEFT JOIN ranked ON ${wanted}
    WHERE experiments.id = ${experimentId}::uuid
    ORDER BY ranked.index
    LIMIT ${limit}`);
}

function selectMoments(client: Queryable, pointIds: readonly string[]): Promise<MomentsRow[]> {
  return client.$queryRaw<MomentsRow[]>(Prisma.sql`
    WITH measured AS (
      SELECT runs.point_id, runs.rounds AS length, series.metric, series.rounds, series.values,
        ceil(cardinality(series.rounds)::numeric / ${MAX_ROUNDS})::int AS stride
      FROM runs
      JOIN series ON series.run_id = ${resultsOf(Prisma.sql`runs`)} AND series.metric = ANY (${[...LEARNING_CURVE_METRICS]}::text[])
      WHERE runs.point_id = ANY (${pointIds}::uuid[]) AND runs.state = 'completed'
    )
    SELECT
      point_id AS "pointId", metric, round, avg(value) AS mean, stddev_samp(value) AS deviation, count(*)::int AS n
    FROM measured
    CROSS JOIN LATERAL unnest(rounds, values) WITH ORDINALITY AS evaluated (round, value, position)
    WHERE abs(value) < 'Infinity' AND ((position - 1) % stride = 0 OR round = length)
    GROUP BY point_id, metric, round
    ORDER BY point_id, metric, round`);
}

/** What a metric can be: bars do not leave it. */
const RANGES: Readonly<Record<LearningCurveMetric, { readonly least: number; readonly most: number }>> = {
  trainLoss: { least: 0, most: Infinity },
  newTasksLoss: { least: 0, most: Infinity },
  newTasksAccuracy: { least: 0, most: 1 },
};

function curveOf(metric: LearningCurveMetric, rows: readonly MomentsRow[]): LearningCurve {
  const estimates = rows.map(({ mean, deviation, n }) => meanFrom(mean, deviation, n, RANGES[metric]));
  return {
    metric,
    rounds: rows.map(({ round }) => round),
    mean: estimates.map(({ mean }) => mean),
    low: estimates.map(({ low }) => low),
    high: estimates.map(({ high }) => high),
    n: estimates.map(({ n }) => n),
  };
}

function pointCurvesOf({ pointId, pointIndex, role, label }: FoundPoint, rows: readonly MomentsRow[]): PointCurves {
  const curves = LEARNING_CURVE_METRICS.map((metric) =>
    curveOf(
      metric,
      rows.filter((row) => row.pointId === pointId && row.metric === metric),
    ),
  );
  return { pointId, pointIndex, role, label, curves: curves.filter(({ rounds }) => rounds.length > 0) };
}

/** Undefined for an unknown experiment. */
export async function selectLearningCurves(
  client: Queryable,
  experimentId: string,
  selection: CurveSelection,
): Promise<LearningCurves | undefined> {
  const found = await selectPoints(client, experimentId, selection);
  if (found.length === 0) return undefined;
  const [{ name, pointCount }] = found;
  const points = found.filter((row) => row.pointId !== null);
  const rows = await selectMoments(
    client,
    points.map(({ pointId }) => pointId),
  );
  return { experimentId, name, points: points.map((point) => pointCurvesOf(point, rows)), omitted: pointCount - points.length };
}
