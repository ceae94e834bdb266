/**
 * What every point of an experiment cost and bought, aggregated over its replicates: one query, one row per point.
 *
 *  - `measured`: per run with results, the metrics at the last record, and the new-task metrics at their best record
 *    (the highest accuracy, the lowest loss). A value that is NULL or not finite is left out, here and below.
 *  - `paired`: the same beside the figures of the completed ideal twin of the same replicate. An ideal point is its own
 *    twin, so that a twin and all it is compared with are the rows of one `twin_point_id` and replicate. The target is
 *    the experiment's own, or the twin's L_first - 0.9 (L_first - L_last), provided that its loss decreased.
 *  - `reached`: per run with a target, the first evaluated round whose train loss is at or under it, or else the last
 *    evaluated round, and the run is censored. A diverged run counts too: it may have passed the target before.
 *  - `figure`: all numbers, one per row; but for the way to the target, those of completed runs. A gain is point - twin.
 *  - `estimate`: [mean, sample standard deviation, n] of every figure of every point.
 *
 * Apart from look-ups by key nothing is joined: right after an experiment has ended, the planner has no statistics of
 * its rows yet and would compare every run with every other.
 */
import type { JsonValue, PointRole } from '@airmeta/spec';
import type { Queryable } from './database.js';
import { Prisma } from './generated/client.js';

export type Figure =
  | 'rounds'
  | 'censored'
  | 'trainLoss'
  | 'newAgentsLoss'
  | 'newAgentsAccuracy'
  | 'newTasksLoss'
  | 'newTasksAccuracy'
  | 'gapLoss'
  | 'gapAccuracy'
  | 'gainAccuracyLast'
  | 'gainAccuracyBest'
  | 'gainLossLast'
  | 'gainLossBest';

/** Mean, sample standard deviation (null for n = 1) and n. */
export type Moments = readonly [mean: number, standardDeviation: number | null, n: number];

export interface TradeoffPointRow {
  readonly name: string;
  readonly targetTrainLoss: number | null;
  readonly pointId: string;
  readonly pointIndex: number;
  readonly role: PointRole;
  readonly label: string;
  readonly axes: Readonly<Record<string, JsonValue>>;
  readonly total: number;
  readonly completed: number;
  readonly diverged: number;
  readonly open: number;
  /** Figures that no run of the point has are absent. */
  readonly estimates: Readonly<Partial<Record<Figure, Moments>>>;
}

/** In the order of the points; no row for an unknown experiment. */
export function queryTradeoff(client: Queryable, experimentId: string): Promise<TradeoffPointRow[]> {
  return client.$queryRaw<TradeoffPointRow[]>(Prisma.sql`
    WITH measured AS (
      SELECT
        runs.id,
        runs.point_id,
        runs.replicate,
        runs.state,
        points.twin_point_id,
        runs.point_id = points.twin_point_id AND runs.state = 'completed' AS is_twin,
        max(record.first) FILTER (WHERE series.metric = 'trainLoss') AS train_loss_first,
        max(record.last) FILTER (WHERE series.metric = 'trainLoss') AS train_loss,
        max(record.last) FILTER (WHERE series.metric = 'newAgentsLoss') AS new_agents_loss,
        max(record.last) FILTER (WHERE series.metric = 'newAgentsAccuracy') AS new_agents_accuracy,
        max(record.last) FILTER (WHERE series.metric = 'newTasksLoss') AS new_tasks_loss,
        max(record.lowest) FILTER (WHERE series.metric = 'newTasksLoss') AS new_tasks_loss_best,
        max(record.last) FILTER (WHERE series.metric = 'newTasksAccuracy') AS new_tasks_accuracy,
        max(record.highest) FILTER (WHERE series.metric = 'newTasksAccuracy') AS new_tasks_accuracy_best,
        max(record.last) FILTER (WHERE series.metric = 'gapLoss') AS gap_loss,
        max(record.last) FILTER (WHERE series.metric = 'gapAccuracy') AS gap_accuracy
      FROM runs
      JOIN points ON points.id = runs.point_id
      LEFT JOIN series ON series.run_id = runs.id AND series.metric IN (
        'trainLoss', 'newAgentsLoss', 'newAgentsAccuracy', 'newTasksLoss', 'newTasksAccuracy', 'gapLoss', 'gapAccuracy'
      )
      CROSS JOIN LATERAL (SELECT series.values[1] AS first, series.values[cardinality(series.values)] AS last) AS raw
      CROSS JOIN LATERAL (
        SELECT -- NaN sorts after Infinity: what is under it is finite
          CASE WHEN abs(raw.first) < 'Infinity' THEN raw.first END AS first,
          CASE WHEN abs(raw.last) < 'Infinity' THEN raw.last END AS last,
          CASE series.metric WHEN 'newTasksLoss' THEN (
            SELECT min(value) FROM unnest(series.values) AS value WHERE abs(value) < 'Infinity'
          ) END AS lowest,
          CASE series.metric WHEN 'newTasksAccuracy' THEN (
            SELECT max(value) FROM unnest(series.values) AS value WHERE abs(value) < 'Infinity'
          ) END AS highest
      ) AS record
      WHERE runs.experiment_id = ${experimentId}::uuid AND runs.state IN ('completed', 'diverged')
      GROUP BY runs.id, points.twin_point_id
    ),

    twinned AS (
      SELECT
        measured.*,
        max(train_loss_first) FILTER (WHERE is_twin) OVER twins AS twin_train_loss_first,
        max(train_loss) FILTER (WHERE is_twin) OVER twins AS twin_train_loss,
        max(new_tasks_loss) FILTER (WHERE is_twin) OVER twins AS twin_loss,
        max(new_tasks_loss_best) FILTER (WHERE is_twin) OVER twins AS twin_loss_best,
        max(new_tasks_accuracy) FILTER (WHERE is_twin) OVER twins AS twin_accuracy,
        max(new_tasks_accuracy_best) FILTER (WHERE is_twin) OVER twins AS twin_accuracy_best
      FROM measured
      WINDOW twins AS (PARTITION BY twin_point_id, replicate)
    ),

    paired AS (
      SELECT
        twinned.*,
        twin_point_id <> point_id AS has_gain,
        coalesce(
          (SELECT target_train_loss FROM experiments WHERE id = ${experimentId}::uuid),
          CASE WHEN twin_train_loss < twin_train_loss_first
            THEN twin_train_loss_first - 0.9 * (twin_train_loss_first - twin_train_loss)
          END
        ) AS target
      FROM twinned
    ),

    reached AS (
      SELECT paired.point_id, hit.round AS hit_round, series.rounds[cardinality(series.rounds)] AS last_round
      FROM paired
      JOIN series ON series.run_id = paired.id AND series.metric = 'trainLoss'
      CROSS JOIN LATERAL (
        SELECT min(round) AS round
        FROM unnest(series.rounds, series.values) AS evaluated (round, loss)
        WHERE loss <= paired.target AND loss > '-Infinity'
      ) AS hit
      WHERE paired.target IS NOT NULL
    ),

    figure AS (
      SELECT point_id, 'rounds' AS name, coalesce(hit_round, last_round)::double precision AS value FROM reached
      UNION ALL
      SELECT point_id, 'censored', last_round FROM reached WHERE hit_round IS NULL
      UNION ALL
      SELECT paired.point_id, figures.name, figures.value
      FROM paired
      CROSS JOIN LATERAL (
        VALUES
          ('trainLoss', train_loss),
          ('newAgentsLoss', new_agents_loss),
          ('newAgentsAccuracy', new_agents_accuracy),
          ('newTasksLoss', new_tasks_loss),
          ('newTasksAccuracy', new_tasks_accuracy),
          ('gapLoss', gap_loss),
          ('gapAccuracy', gap_accuracy),
          ('gainAccuracyLast', CASE WHEN has_gain THEN new_tasks_accuracy - twin_accuracy END),
          ('gainAccuracyBest', CASE WHEN has_gain THEN new_tasks_accuracy_best - twin_accuracy_best END),
          ('gainLossLast', CASE WHEN has_gain THEN new_tasks_loss - twin_loss END),
          ('gainLossBest', CASE WHEN has_gain THEN new_tasks_loss_best - twin_loss_best END)
      ) AS figures (name, value)
      WHERE paired.state = 'completed'
      UNION ALL
      SELECT id, NULL, NULL FROM points WHERE experiment_id = ${experimentId}::uuid -- also those without a result
    ),

    estimate AS (
      SELECT point_id, coalesce(json_object_agg(name, json_build_array(mean, deviation, n)) FILTER (WHERE n > 0), '{}') AS estimates
      FROM (
        SELECT point_id, name, avg(value) AS mean, stddev_samp(value) AS deviation, count(value) AS n
        FROM figure
        GROUP BY point_id, name
      ) AS moments
      GROUP BY point_id
    )

    SELECT
      experiments.name,
      experiments.target_train_loss AS "targetTrainLoss",
      points.id AS "pointId",
      points.index AS "pointIndex",
      points.role,
      points.label,
      points.axes,
      counted.*,
      estimate.estimates
    FROM estimate
    JOIN points ON points.id = estimate.point_id
    JOIN experiments ON experiments.id = points.experiment_id
    CROSS JOIN LATERAL (
      SELECT
        count(*)::int AS total,
        count(*) FILTER (WHERE state = 'completed')::int AS completed,
        count(*) FILTER (WHERE state = 'diverged')::int AS diverged,
        count(*) FILTER (WHERE state IN ('queued', 'running'))::int AS open
      FROM runs
      WHERE runs.point_id = points.id
    ) AS counted
    ORDER BY points.index`);
}
