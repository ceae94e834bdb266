/**
 * What a gain within a budget of extra rounds is estimated from: per completed run and its completed ideal twin, the
 * twin's best score and that of the run over evaluated rounds up to (1 + budget) T*, T* being the earliest round of the
 * twin's best.
 *
 *  - `scored`: the series of the score: accuracy where the run has a finite one, otherwise loss.
 *  - `twinned`: per run, its twin's best and T*, by the rows of one `twin_point_id` and replicate (as in trade-off-query.ts,
 *    without joins).
 *
 * Loss is negated on the way, so that more is better throughout.
 */
import type { PairedBests } from '@airmeta/lab';
import { resultsOf } from '../bookkeeping/computation.js';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';

/** In the order of points and replicates. */
export function selectPairedBests(client: Queryable, experimentId: string, budget: number): Promise<PairedBests[]> {
  return client.$queryRaw<PairedBests[]>(Prisma.sql`
    WITH scored AS (
      SELECT run.*, score.name AS score, score.sign, score.values, best.value AS best
      FROM (
        SELECT
          runs.id,
          runs.point_id,
          runs.replicate,
          runs.rounds AS length,
          points.index,
          points.twin_point_id,
          runs.point_id = points.twin_point_id AS is_twin,
          -- max: there is one series of every metric
          max(series.rounds) AS rounds,
          max(series.values) FILTER (WHERE series.metric = 'newTasksAccuracy') AS accuracy,
          max(series.values) FILTER (WHERE series.metric = 'newTasksLoss') AS loss
        FROM runs
        JOIN points ON points.id = runs.point_id
        JOIN series ON series.run_id = ${resultsOf(Prisma.sql`runs`)} AND series.metric IN ('newTasksAccuracy', 'newTasksLoss')
        WHERE runs.experiment_id = ${experimentId}::uuid AND runs.state = 'completed' AND points.twin_point_id IS NOT NULL
        GROUP BY runs.id, points.index, points.twin_point_id
      ) AS run
      CROSS JOIN LATERAL (
        SELECT max(value) AS highest FROM unnest(accuracy) AS value WHERE abs(value) < 'Infinity'
      ) AS accurate
      CROSS JOIN LATERAL (
        SELECT min(value) AS lowest FROM unnest(loss) AS value WHERE abs(value) < 'Infinity'
      ) AS losing
      CROSS JOIN LATERAL (
        SELECT 'accuracy' AS name, 1 AS sign, accuracy AS values WHERE highest IS NOT NULL
        UNION ALL
        SELECT 'loss', -1, loss WHERE highest IS NULL AND lowest IS NOT NULL
      ) AS score
      CROSS JOIN LATERAL (SELECT coalesce(highest, -lowest) AS value) AS best
    ),

    twinned AS (
      SELECT
        scored.*,
        max(best) FILTER (WHERE is_twin) OVER twins AS twin_best,
        max(rounds[array_position(values, sign * best)]) FILTER (WHERE is_twin) OVER twins AS twin_round
      FROM scored
      WINDOW twins AS (PARTITION BY twin_point_id, replicate, score)
    )

    SELECT
      point_id AS "pointId",
      replicate,
      score,
      sign * twin_best AS "twinBest",
      sign * within.best AS best,
      length < limited.last_round AS cut
    FROM twinned
    CROSS JOIN LATERAL (SELECT (1 + ${budget}::double precision) * twin_round AS last_round) AS limited
    CROSS JOIN LATERAL (
      SELECT max(sign * value) AS best
      FROM unnest(rounds, values) AS evaluated (round, value)
      WHERE round <= limited.last_round AND abs(value) < 'Infinity'
    ) AS within
    WHERE point_id <> twin_point_id AND twin_best IS NOT NULL
    ORDER BY index, replicate`);
}
