/** Experiments with their runs counted. */
import type { ExperimentSummary } from '@airmeta/lab';
import type { Ending, ExperimentState, Hold, JsonValue, Visibility } from '@airmeta/spec';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';

interface SummaryRow {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly ownerId: string | null;
  readonly owner: string | null;
  readonly visibility: Visibility;
  readonly state: ExperimentState;
  readonly hash: string;
  readonly replicates: number;
  readonly pointCount: number;
  readonly runCount: number;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  readonly queued: number;
  readonly running: number;
  readonly completed: number;
  readonly diverged: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly roundsDone: number;
  readonly roundsTotal: number;
  readonly sharedRuns: number;
  readonly hold: Hold | null;
  readonly ending: Ending | null;
  readonly priority: number;
  readonly tags: string[];
  readonly notes: string | null;
  readonly archivedAt: Date | null;
  readonly computeMs: number;
  readonly done: number;
  readonly roundMs: number | null;
  readonly deviationMs: number | null;
  readonly openRounds: number;
}

/** Computed to its end, for this experiment. */
const COMPUTED = Prisma.sql`state = 'completed' AND shared_from_id IS NULL AND rounds > 0`;

/** Which experiments, and how many; newest first. */
export interface SummarySelection {
  readonly where: Prisma.Sql;
  readonly limit: number;
}

function summaryOf<R extends SummaryRow>(row: R) {
  const { queued, running, completed, diverged, failed, cancelled, done, roundMs, deviationMs, openRounds, ...rest } = row;
  return {
    ...rest,
    runs: { queued, running, completed, diverged, failed, cancelled },
    remaining: { done, roundMs, deviationMs, openRuns: queued + running, openRounds, running },
  };
}

async function select<R extends SummaryRow>(tx: Queryable, { where, limit }: SummarySelection, more: Prisma.Sql): Promise<R[]> {
  return tx.$queryRaw<R[]>(Prisma.sql`
    SELECT
      experiment.id,
      experiment.name,
      experiment.description,
      experiment.owner_id AS "ownerId",
      (SELECT members.name FROM members WHERE members.id = experiment.owner_id) AS owner,
      experiment.visibility,
      experiment.state,
      experiment.hash,
      experiment.replicates,
      experiment.point_count AS "pointCount",
      experiment.run_count AS "runCount",
      experiment.hold,
      experiment.ending,
      experiment.priority,
      experiment.tags,
      experiment.notes,
      experiment.archived_at AS "archivedAt",
      experiment.created_at AS "createdAt",
      experiment.finished_at AS "finishedAt",
      ${more}
      counted.*
    FROM (
      SELECT * FROM experiments
      WHERE ${where}
      ORDER BY created_at DESC, id DESC
      LIMIT ${limit}
    ) AS experiment
    CROSS JOIN LATERAL (
      SELECT
        count(*) FILTER (WHERE state = 'queued')::int AS queued,
        count(*) FILTER (WHERE state = 'running')::int AS running,
        count(*) FILTER (WHERE state = 'completed')::int AS completed,
        count(*) FILTER (WHERE state = 'diverged')::int AS diverged,
        count(*) FILTER (WHERE state = 'failed')::int AS failed,
        count(*) FILTER (WHERE state = 'cancelled')::int AS cancelled,
        coalesce(sum(round), 0)::double precision AS "roundsDone",
        coalesce(sum(rounds), 0)::double precision AS "roundsTotal",
        count(*) FILTER (WHERE shared_from_id IS NOT NULL)::int AS "sharedRuns",
        experiment.compute_ms AS "computeMs",
        count(*) FILTER (WHERE ${COMPUTED})::int AS done,
        avg(compute_ms / rounds) FILTER (WHERE ${COMPUTED}) AS "roundMs",
        stddev_samp(compute_ms / rounds) FILTER (WHERE ${COMPUTED}) AS "deviationMs",
        coalesce(sum(rounds - round) FILTER (WHERE state IN ('queued', 'running')), 0)::double precision AS "openRounds"
      FROM runs
      WHERE runs.experiment_id = experiment.id
    ) AS counted
    ORDER BY experiment.created_at DESC, experiment.id DESC`);
}

export async function selectSummaries(tx: Queryable, selection: SummarySelection): Promise<ExperimentSummary[]> {
  return (await select(tx, selection, Prisma.empty)).map(summaryOf);
}

export async function selectSummary(tx: Queryable, id: string): Promise<ExperimentSummary | undefined> {
  const [summary] = await selectSummaries(tx, { where: Prisma.sql`id = ${id}::uuid`, limit: 1 });
  return summary;
}

export async function selectExperiment(tx: Queryable, id: string): Promise<(ExperimentSummary & { specification: JsonValue }) | undefined> {
  const selection = { where: Prisma.sql`id = ${id}::uuid`, limit: 1 };
  const rows = await select<SummaryRow & { specification: JsonValue }>(tx, selection, Prisma.sql`experiment.specification,`);
  return rows.map(summaryOf).at(0);
}
