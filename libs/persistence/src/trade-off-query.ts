/**
 * What every point of an experiment cost and bought, aggregated over its replicates: one query, one row per point.
 *
 *  - `ended`: the runs that have results. A completed run counts everywhere; a diverged one only on its way to the
 *    target, which it may have passed before, and otherwise is censored there.
 *  - `measured`: per run, the metrics at the last record, and the new-task metrics at their best record (the highest
 *    accuracy, the lowest loss). A value that is NULL or not finite is left out, here and below.
 *  - `aimed`: per run, the train loss to reach: the experiment's own target, or L_first - 0.9 (L_first - L_last) of the
 *    completed ideal twin of the same replicate, provided that its loss decreased.
 *  - `reached`: per run, the first evaluated round at or under the target, or else the last evaluated one (censored).
 *  - `figure`: all numbers of all runs, one per row. A gain is point - twin of the same replicate, between completed
 *    runs; an ideal point, which is its own twin, has none.
 *  - `estimate`: [mean, sample standard deviation, n] of every figure of every point.
 */
import type { Queryable } from './database.js';
import { Prisma } from './generated/client.js';
import type { JsonValue, PointRole } from '@airmeta/spec';

export const FIGURES = [
  'rounds',
  'trainLoss',
  'newAgentsLoss',
  'newAgentsAccuracy',
  'newTasksLoss',
  'newTasksAccuracy',
  'gapLoss',
  'gapAccuracy',
  'gainAccuracyLast',
  'gainAccuracyBest',
  'gainLossLast',
  'gainLossBest',
] as const;
export type Figure = (typeof FIGURES)[number];

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
  readonly censored: number;
  /** Figures that no run of the point has are absent. */
  readonly estimates: Readonly<Partial<Record<Figure, Moments>>>;
}

/** In the order of the points; no row for an unknown experiment. */
export function queryTradeoff(client: Queryable, experimentId: string): Promise<TradeoffPointRow[]> {
  return client.$queryRaw<TradeoffPointRow[]>(Prisma.sql`
    WITH ended AS (
      SELECT runs.id, runs.point_id, runs.replicate, runs.state, points.twin_point_id
      FROM runs
      JOIN points ON points.id = runs.point_id
      WHERE runs.experiment_id = ${experimentId}::uuid AND runs.state IN ('completed', 'diverged')
    ),

    recorded AS (
      SELECT series.run_id, series.metric, first.value AS first, last.value AS last, extreme.lowest, extreme.highest
      FROM ended
      JOIN series ON series.run_id = ended.id
      LEFT JOIN LATERAL (SELECT series.values[1] AS value) AS first
        ON first.value > '-Infinity' AND first.value < 'Infinity'
      LEFT JOIN LATERAL (SELECT series.values[cardinality(series.values)] AS value) AS last
        ON last.value > '-Infinity' AND last.value < 'Infinity'
      LEFT JOIN LATERAL (
        SELECT min(value) AS lowest, max(value) AS highest
        FROM unnest(series.values) AS value
        WHERE value > '-Infinity' AND value < 'Infinity'
      ) AS extreme
        ON series.metric IN ('newTasksLoss', 'newTasksAccuracy')
      WHERE series.metric IN (
        'trainLoss', 'newAgentsLoss', 'newAgentsAccuracy', 'newTasksLoss', 'newTasksAccuracy', 'gapLoss', 'gapAccuracy'
      )
    ),

    measured AS (
      SELECT
        ended.*,
        max(first) FILTER (WHERE metric = 'trainLoss') AS train_loss_first,
        max(last) FILTER (WHERE metric = 'trainLoss') AS train_loss,
        max(last) FILTER (WHERE metric = 'newAgentsLoss') AS new_agents_loss,
        max(last) FILTER (WHERE metric = 'newAgentsAccuracy') AS new_agents_accuracy,
        max(last) FILTER (WHERE metric = 'newTasksLoss') AS new_tasks_loss,
        max(lowest) FILTER (WHERE metric = 'newTasksLoss') AS new_tasks_loss_best,
        max(last) FILTER (WHERE metric = 'newTasksAccuracy') AS new_tasks_accuracy,
        max(highest) FILTER (WHERE metric = 'newTasksAccuracy') AS new_tasks_accuracy_best,
        max(last) FILTER (WHERE metric = 'gapLoss') AS gap_loss,
        max(last) FILTER (WHERE metric = 'gapAccuracy') AS gap_accuracy
      FROM ended
      LEFT JOIN recorded ON recorded.run_id = ended.id
      GROUP BY ended.id, ended.point_id, ended.replicate, ended.state, ended.twin_point_id
    ),

    aimed AS (
      SELECT
        run.id,
        run.point_id,
        coalesce(
          experiments.target_train_loss,
          twin.train_loss_first - 0.9 * (twin.train_loss_first - twin.train_loss)
        ) AS target
      FROM measured AS run
      JOIN experiments ON experiments.id = ${experimentId}::uuid
      LEFT JOIN measured AS twin
        ON twin.point_id = run.twin_point_id AND twin.replicate = run.replicate AND twin.state = 'completed'
          AND twin.train_loss < twin.train_loss_first
    ),

    reached AS (
      SELECT aimed.point_id, hit.round AS hit_round, series.rounds[cardinality(series.rounds)] AS last_round
      FROM aimed
      JOIN series ON series.run_id = aimed.id AND series.metric = 'trainLoss' AND cardinality(series.rounds) > 0
      CROSS JOIN LATERAL (
        SELECT min(round) AS round
        FROM unnest(series.rounds, series.values) AS evaluated (round, loss)
        WHERE loss <= aimed.target AND loss > '-Infinity'
      ) AS hit
      WHERE aimed.target IS NOT NULL
    ),

    figure AS (
      SELECT point_id, 'rounds' AS name, coalesce(hit_round, last_round)::double precision AS value
      FROM reached
      UNION ALL
      SELECT run.point_id, figures.name, figures.value
      FROM measured AS run
      LEFT JOIN measured AS twin
        ON twin.point_id = run.twin_point_id AND twin.replicate = run.replicate AND twin.state = 'completed'
          AND twin.point_id <> run.point_id
      CROSS JOIN LATERAL (
        VALUES
          ('trainLoss', run.train_loss),
          ('newAgentsLoss', run.new_agents_loss),
          ('newAgentsAccuracy', run.new_agents_accuracy),
          ('newTasksLoss', run.new_tasks_loss),
          ('newTasksAccuracy', run.new_tasks_accuracy),
          ('gapLoss', run.gap_loss),
          ('gapAccuracy', run.gap_accuracy),
          ('gainAccuracyLast', run.new_tasks_accuracy - twin.new_tasks_accuracy),
          ('gainAccuracyBest', run.new_tasks_accuracy_best - twin.new_tasks_accuracy_best),
          ('gainLossLast', run.new_tasks_loss - twin.new_tasks_loss),
          ('gainLossBest', run.new_tasks_loss_best - twin.new_tasks_loss_best)
      ) AS figures (name, value)
      WHERE run.state = 'completed'
    ),

    estimate AS (
      SELECT point_id, json_object_agg(name, json_build_array(mean, deviation, n)) AS estimates
      FROM (
        SELECT point_id, name, avg(value) AS mean, stddev_samp(value) AS deviation, count(value) AS n
        FROM figure
        WHERE value IS NOT NULL
        GROUP BY point_id, name
      ) AS moments
      GROUP BY point_id
    ),

    counted AS (
      SELECT
        point_id,
        count(*)::int AS total,
        count(*) FILTER (WHERE state = 'completed')::int AS completed,
        count(*) FILTER (WHERE state = 'diverged')::int AS diverged,
        count(*) FILTER (WHERE state IN ('queued', 'running'))::int AS open
      FROM runs
      WHERE experiment_id = ${experimentId}::uuid
      GROUP BY point_id
    ),

    censored AS (
      SELECT point_id, count(*)::int AS censored FROM reached WHERE hit_round IS NULL GROUP BY point_id
    )

    SELECT
      experiments.name,
      experiments.target_train_loss AS "targetTrainLoss",
      points.id AS "pointId",
      points.index AS "pointIndex",
      points.role,
      points.label,
      points.axes,
      coalesce(counted.total, 0) AS total,
      coalesce(counted.completed, 0) AS completed,
      coalesce(counted.diverged, 0) AS diverged,
      coalesce(counted.open, 0) AS open,
      coalesce(censored.censored, 0) AS censored,
      coalesce(estimate.estimates, '{}') AS estimates
    FROM experiments
    JOIN points ON points.experiment_id = experiments.id
    LEFT JOIN counted ON counted.point_id = points.id
    LEFT JOIN censored ON censored.point_id = points.id
    LEFT JOIN estimate ON estimate.point_id = points.id
    WHERE experiments.id = ${experimentId}::uuid
    ORDER BY points.index`);
}
