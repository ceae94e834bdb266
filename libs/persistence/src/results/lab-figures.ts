/** The lab in numbers, from one pass over the runs. */
import { DURATION_BOUNDS_S, WORKER_TIMEOUT_MS, type EndedRuns, type LabFigures } from '@airmeta/lab';
import type { RunState } from '@airmeta/spec';
import type { Database } from '../database/database.js';
import { Prisma } from '../generated/client.js';

/** Runs that are alike in everything that is counted. */
interface Group {
  readonly state: RunState;
  readonly admitted: boolean;
  /** Code of the failure. */
  readonly code: string | null;
  /** Number of the interval of the duration; null for runs that no worker has had to their end. */
  readonly interval: number | null;
  readonly count: number;
  readonly rounds: number;
  readonly seconds: number | null;
  /** Rounds per second, of runs under way. */
  readonly speed: number | null;
}

interface WorkerRow {
  readonly count: number;
  readonly slots: number;
}

export async function readLabFigures(database: Database): Promise<LabFigures> {
  const [groups, [workers]] = await Promise.all([
    database.client.$queryRaw<Group[]>(Prisma.sql`
      WITH figure AS (
        SELECT state, admitted_at IS NOT NULL AS admitted, failure->>'code' AS code, round,
          CASE WHEN worker_id IS NOT NULL THEN greatest(extract(epoch FROM finished_at - started_at), 0)::float8 END AS seconds,
          CASE WHEN state = 'running' THEN extract(epoch FROM clock_timestamp() - started_at)::float8 END AS so_far
        FROM runs
      )
      SELECT state, admitted, code, CASE WHEN seconds IS NOT NULL THEN (
          -- an upper bound belongs to its interval, as in a histogram of Prometheus
          SELECT count(*) FROM unnest(${[...DURATION_BOUNDS_S]}::float8[]) AS bound WHERE figure.seconds > bound
        )::int END AS interval, count(*)::int AS count, sum(round)::float8 AS rounds, sum(seconds) AS seconds,
        sum(round / so_far) FILTER (WHERE so_far > 0) AS speed
      FROM figure
      GROUP BY 1, 2, 3, 4`),
    database.client.$queryRaw<WorkerRow[]>(Prisma.sql`
      SELECT count(*)::int AS count, coalesce(sum(slots), 0)::int AS slots FROM workers
      WHERE seen_at > now() - ${WORKER_TIMEOUT_MS} * interval '1 millisecond'`),
  ]);
  const inState = (state: RunState) => groups.filter((group) => group.state === state);
  const over = groups.filter(({ state }) => state !== 'queued' && state !== 'running');
  return {
    runs: {
      waiting: total(inState('queued').filter(({ admitted }) => !admitted)),
      admitted: total(inState('queued').filter(({ admitted }) => admitted)),
      running: total(inState('running')),
    },
    ended: (['completed', 'diverged', 'failed', 'cancelled'] as const).map((state) => endedRuns(state, inState(state))),
    roundsEnded: sum(over, ({ rounds }) => rounds),
    roundsPerSecond: sum(groups, ({ speed }) => speed ?? 0),
    failures: failuresOf(over),
    workers,
  };
}

function endedRuns(state: EndedRuns['state'], groups: readonly Group[]): EndedRuns {
  const durations = new Array<number>(DURATION_BOUNDS_S.length + 1).fill(0);
  for (const { interval, count } of groups) if (interval !== null) durations[interval] += count;
  return { state, count: total(groups), durations, seconds: sum(groups, ({ seconds }) => seconds ?? 0) };
}

function failuresOf(groups: readonly Group[]): ReadonlyMap<string, number> {
  const failures = new Map<string, number>();
  for (const { code, count } of groups) if (code !== null) failures.set(code, (failures.get(code) ?? 0) + count);
  return failures;
}

function total(groups: readonly Group[]): number {
  return sum(groups, ({ count }) => count);
}

function sum(groups: readonly Group[], valueOf: (group: Group) => number): number {
  return groups.reduce((before, group) => before + valueOf(group), 0);
}
