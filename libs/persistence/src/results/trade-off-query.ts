/**
 * What every point of an experiment cost and bought, aggregated over its replicates: one query, one row per point.
 *
 *  - `traced`: per run with results, its series as arrays. They stand side by side, position by position: a report
 *    appends a record to all of them at once.
 *  - `aimed`: the same with the target: the experiment's own, or L_first - 0.9 (L_first - L_lowest) of the completed ideal
 *    twin of the same replicate, provided that its loss decreased. An ideal point is its own twin, so that a twin and
 *    all it is compared with are the rows of one `twin_point_id` and replicate.
 *  - `judged`: the same with the positions of the rounds at which a run is judged. `hit` is the first whose train loss is
 *    at or under the target, `stop` the first of the lowest train loss. NaN sorts after Infinity, so that whatever has
 *    an absolute value under Infinity is finite.
 *  - `figure`: all numbers of a run, one per row; those that are NULL or not finite are left out. `rounds` is the way to
 *    the target, or to the last evaluated round where there is no `hit`. Diverged runs have these two only: they
 *    may have passed the target before.
 *  - `paired`: those that are compared, beside the same figure of the twin.
 *  - `estimate`: [mean, sample standard deviation, n] of every figure and every difference of every point.
 *
 * Apart from look-ups by key nothing is joined: right after an experiment has ended, the planner has no statistics of
 * its rows yet and would compare every run with every other.
 */
import type { ComparisonBasis, JsonValue, NewTaskScore, PointRole } from '@airmeta/spec';
import { resultsOf } from '../bookkeeping/computation.js';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';

type PairedFigure = 'rounds' | 'hit' | `${ComparisonBasis}.${NewTaskScore}`;

/** A difference is run - twin; that of `rounds` and `hit` is divided by the twin's. */
export type Figure =
  PairedFigure | `${PairedFigure}.gain` | 'trainLoss' | 'newAgentsLoss' | 'newAgentsAccuracy' | 'gapLoss' | 'gapAccuracy';

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
  readonly twinPointId: string | null;
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
    WITH traced AS (
      SELECT
        runs.id,
        runs.point_id,
        runs.replicate,
        points.twin_point_id,
        runs.state = 'completed' AS completed,
        runs.point_id = points.twin_point_id AND runs.state = 'completed' AS is_twin,
        -- max: there is one series of every metric
        max(series.rounds) FILTER (WHERE series.metric = 'trainLoss') AS rounds,
        max(series.values) FILTER (WHERE series.metric = 'trainLoss') AS train_loss,
        max(series.values) FILTER (WHERE series.metric = 'newTasksAccuracy') AS accuracy,
        max(series.values) FILTER (WHERE series.metric = 'newTasksLoss') AS loss,
        max(value.last) FILTER (WHERE series.metric = 'newAgentsLoss') AS new_agents_loss,
        max(value.last) FILTER (WHERE series.metric = 'newAgentsAccuracy') AS new_agents_accuracy,
        max(value.last) FILTER (WHERE series.metric = 'gapLoss') AS gap_loss,
        max(value.last) FILTER (WHERE series.metric = 'gapAccuracy') AS gap_accuracy
      FROM runs
      JOIN points ON points.id = runs.point_id
      LEFT JOIN series ON series.run_id = ${resultsOf(Prisma.sql`runs`)} AND series.metric IN (
        'trainLoss', 'newAgentsLoss', 'newAgentsAccuracy', 'newTasksLoss', 'newTasksAccuracy', 'gapLoss', 'gapAccuracy'
      )
      CROSS JOIN LATERAL (SELECT series.values[cardinality(series.values)] AS last) AS value
      WHERE runs.experiment_id = ${experimentId}::uuid AND runs.state IN ('completed', 'diverged')
      GROUP BY runs.id, points.twin_point_id
    ),

    aimed AS (
      SELECT
        traced.*,
        coalesce(
          (SELECT target_train_loss FROM experiments WHERE id = ${experimentId}::uuid),
          CASE WHEN twin_lowest < twin_first AND abs(twin_first) < 'Infinity'
            THEN twin_first - 0.9 * (twin_first - twin_lowest)
          END
        ) AS target
      FROM (
        SELECT
          traced.*,
          lowest,
          max(train_loss[1]) FILTER (WHERE is_twin) OVER twins AS twin_first,
          max(lowest) FILTER (WHERE is_twin) OVER twins AS twin_lowest
        FROM traced
        CROSS JOIN LATERAL (
          SELECT min(loss) FILTER (WHERE abs(loss) < 'Infinity') AS lowest FROM unnest(train_loss) AS evaluated (loss)
        ) AS trained
        WINDOW twins AS (PARTITION BY twin_point_id, replicate)
      ) AS traced
    ),

    judged AS (
      SELECT
        aimed.*,
        cardinality(rounds) AS last,
        array_position(rounds, hit_round) AS hit,
        CASE WHEN lowest IS NOT NULL THEN array_position(train_loss, lowest) END AS stop -- it would find a NULL
      FROM aimed
      CROSS JOIN LATERAL (
        SELECT min(round) FILTER (WHERE loss <= target AND loss > '-Infinity') AS hit_round
        FROM unnest(rounds, train_loss) AS evaluated (round, loss)
      ) AS trained
    ),

    figure AS (
      SELECT judged.point_id, judged.twin_point_id, judged.replicate, judged.is_twin, figures.name, figures.value
      FROM judged
      CROSS JOIN LATERAL (SELECT
        (SELECT max(value) FROM unnest(accuracy) AS value WHERE abs(value) < 'Infinity') AS accuracy,
        (SELECT min(value) FROM unnest(loss) AS value WHERE abs(value) < 'Infinity') AS loss
      ) AS best
      CROSS JOIN LATERAL (
        VALUES
          ('rounds', CASE WHEN target IS NOT NULL THEN rounds[coalesce(hit, last)] END),
          ('hit', rounds[hit]),
          ('last.accuracy', CASE WHEN completed THEN judged.accuracy[last] END),
          ('last.loss', CASE WHEN completed THEN judged.loss[last] END),
          ('best.accuracy', CASE WHEN completed THEN best.accuracy END),
          ('best.loss', CASE WHEN completed THEN best.loss END),
          ('target.accuracy', CASE WHEN completed THEN judged.accuracy[hit] END),
          ('target.loss', CASE WHEN completed THEN judged.loss[hit] END),
          ('earlyStop.accuracy', CASE WHEN completed THEN judged.accuracy[stop] END),
          ('earlyStop.loss', CASE WHEN completed THEN judged.loss[stop] END),
          ('trainLoss', CASE WHEN completed THEN train_loss[last] END),
          ('newAgentsLoss', CASE WHEN completed THEN new_agents_loss END),
          ('newAgentsAccuracy', CASE WHEN completed THEN new_agents_accuracy END),
          ('gapLoss', CASE WHEN completed THEN gap_loss END),
          ('gapAccuracy', CASE WHEN completed THEN gap_accuracy END)
      ) AS figures (name, value)
      WHERE abs(figures.value) < 'Infinity'
    ),

    paired AS (
      SELECT
        figure.*,
        max(value) FILTER (WHERE is_twin) OVER (PARTITION BY twin_point_id, replicate, name) AS twin_value
      FROM figure
      WHERE twin_point_id IS NOT NULL AND (name IN ('rounds', 'hit') OR name LIKE '%.%')
    ),

    number AS (
      SELECT point_id, name, value FROM figure
      UNION ALL
      SELECT
        point_id,
        name || '.gain',
        CASE WHEN name IN ('rounds', 'hit') THEN (value - twin_value) / nullif(twin_value, 0) ELSE value - twin_value END
      FROM paired
      WHERE point_id <> twin_point_id
      UNION ALL
      SELECT id, NULL, NULL FROM points WHERE experiment_id = ${experimentId}::uuid -- also those without a result
    ),

    estimate AS (
      SELECT point_id, coalesce(json_object_agg(name, json_build_array(mean, deviation, n)) FILTER (WHERE n > 0), '{}') AS estimates
      FROM (
        SELECT point_id, name, avg(value) AS mean, stddev_samp(value) AS deviation, count(value) AS n
        FROM number
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
      points.twin_point_id AS "twinPointId",
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
