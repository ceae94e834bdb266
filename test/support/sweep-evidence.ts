/** What a sweep has left in the database: how often each run was claimed and completed, and the bits it came to. */
import { expect } from 'vitest';
import type { TestDatabase } from './test-database.js';

export interface RunEvidence {
  readonly id: string;
  readonly point: number;
  readonly replicate: number;
  readonly state: string;
  /** Claims. */
  readonly fence: number;
  readonly started: number;
  readonly requeued: number;
  readonly completed: number;
  readonly results: {
    readonly seed: string;
    /** Metric to rounds and values, the latter in the shortest digits that give the same double. */
    readonly series: Readonly<Record<string, { readonly rounds: number[]; readonly values: string }>>;
    /** SHA-256 of the trained parameters and of the fine-tuning curves. */
    readonly parameters: string | null;
    readonly curves: string | null;
  };
}

const events = (type: string) => `(
  SELECT count(*)::int FROM events
  WHERE events.experiment_id = runs.experiment_id AND events.run_id = runs.id AND events.type = '${type}'
)`;

const EVIDENCE = `
  SELECT
    runs.id, points.index AS point, runs.replicate, runs.state::text, runs.fence,
    ${events('run-started')} AS started, ${events('run-requeued')} AS requeued, ${events('run-completed')} AS completed,
    json_build_object(
      'seed', runs.seed::text,
      'series', (
        SELECT json_object_agg(metric, json_build_object('rounds', rounds, 'values', values::text))
        FROM series WHERE run_id = coalesce(runs.shared_from_id, runs.id)
      ),
      'parameters', (
        SELECT encode(sha256(theta), 'hex') FROM run_parameters WHERE run_id = coalesce(runs.shared_from_id, runs.id)
      ),
      'curves', (
        SELECT encode(sha256(convert_to(string_agg((to_jsonb(curve) - 'run_id')::text, ',' ORDER BY at, task_set, metric), 'UTF8')), 'hex')
        FROM fine_tuning_curves AS curve WHERE run_id = coalesce(runs.shared_from_id, runs.id)
      )
    ) AS results
  FROM runs JOIN points ON points.id = runs.point_id
  WHERE runs.experiment_id = $1
  ORDER BY points.index, runs.replicate`;

/** In the order of points and replicates. */
export function evidenceOf(database: TestDatabase, experimentId: string): Promise<RunEvidence[]> {
  return database.query<RunEvidence & Record<string, unknown>>(EVIDENCE, [experimentId]);
}

/** Every run has completed, once; every claim before its last was given up; no round is recorded twice. */
export function expectExactlyOnce(runs: readonly RunEvidence[]): void {
  for (const { id, state, fence, started, requeued, completed, results } of runs) {
    expect({ id, state, completed, started, requeued }).toEqual({
      id,
      state: 'completed',
      completed: 1,
      started: fence,
      requeued: fence - 1,
    });
    const { trainLoss } = results.series;
    expect(trainLoss.rounds).toEqual([...new Set(trainLoss.rounds)].sort((a, b) => a - b));
    for (const { rounds } of Object.values(results.series)) expect(rounds).toEqual(trainLoss.rounds);
    expect(results.parameters).not.toBeNull();
  }
}

/** Series, parameters and curves of every run, to be compared with those of another sweep of the same specification. */
export function resultsOf(runs: readonly RunEvidence[]): unknown[] {
  return runs.map(({ point, replicate, results }) => ({ point, replicate, ...results }));
}

export function claimsOf(runs: readonly RunEvidence[]): number {
  return runs.reduce((sum, { fence }) => sum + fence, 0);
}

/** No run is open, and none is in the queue. */
export async function openRuns(database: TestDatabase): Promise<number> {
  const [{ open }] = await database.query<{ open: number }>(
    `SELECT count(*)::int AS open FROM runs WHERE state IN ('queued', 'running') OR lease_expires_at IS NOT NULL`,
  );
  return open;
}
