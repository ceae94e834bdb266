/** What becomes of runs whose worker has fallen silent. */
import type { RunFailure } from '@airmeta/lab';
import { cancellation } from './cancellation.js';
import { addComputeTime } from '../bookkeeping/compute-time.js';
import { countDown } from '../bookkeeping/count-down.js';
import type { Database } from '../database/database.js';
import { appendEvents, type NewEvent } from '../bookkeeping/event-log.js';
import { lockExperiment } from '../bookkeeping/experiment-lock.js';
import { Prisma } from '../generated/client.js';
import { holdAfterFailures } from '../bookkeeping/hold-experiment.js';
import { refusedCheckpoint } from './refused-checkpoint.js';
import { retryDelay } from './retry-delay.js';

export interface Recovered {
  readonly requeued: number;
  readonly cancelled: number;
  readonly failed: number;
}

interface RecoveredRow {
  readonly runId: string;
  readonly pointId: string;
  readonly replicate: number;
  readonly fence: number;
  readonly state: 'queued' | 'cancelled' | 'failed';
  /** Time of the attempt, up to the end of its lease [ms]. */
  readonly lostMs: number;
  readonly refused: bigint | null;
}

const STALE = Prisma.sql`state = 'running' AND admitted_at IS NOT NULL AND lease_expires_at < now()`;
const LEASE_EXPIRED = 'lease-expired';

function eventOf(run: RecoveredRow, failure: RunFailure | null): NewEvent {
  const { runId, pointId, replicate, fence, state, refused } = run;
  switch (state) {
    case 'queued':
      return { type: 'run-requeued', runId, data: { reason: LEASE_EXPIRED, fence, ...refusedCheckpoint(refused) } };
    case 'cancelled':
      return { type: 'run-cancelled', runId, data: { pointId, replicate, ...(failure ? { failure: { ...failure } } : {}) } };
    case 'failed':
      return { type: 'run-failed', runId, data: { pointId, replicate, failure: { ...failure } } };
  }
}

async function recoverExperiment(database: Database, experimentId: string, maxLosses: number): Promise<RecoveredRow[]> {
  const givenUpFailure = { code: LEASE_EXPIRED, message: `the worker fell silent, and ${maxLosses} lost attempts are the limit` };
  return database.transaction(async (tx) => {
    const experiment = await lockExperiment(tx, experimentId);
    if (experiment === undefined) return [];
    const cancelled = cancellation(experiment);
    const failure = cancelled ? (cancelled.failure ?? null) : givenUpFailure;
    const givenUp = cancelled ? Prisma.sql`'cancelled'::run_state` : Prisma.sql`'failed'::run_state`;
    const over = cancelled ? Prisma.sql`true` : Prisma.sql`losses + 1 >= ${maxLosses}`;
    const stored = failure === null ? null : JSON.stringify(failure);
    const runs = await tx.$queryRaw<RecoveredRow[]>(Prisma.sql`
      WITH stale AS (
        SELECT id, extract(epoch FROM lease_expires_at - started_at)::double precision * 1000 AS lost_ms
        FROM runs WHERE experiment_id = ${experimentId}::uuid AND ${STALE}
        FOR NO KEY UPDATE SKIP LOCKED -- somebody is just writing
      )
      UPDATE runs
      SET
        losses = losses + 1,
        state = CASE WHEN ${over} THEN ${givenUp} ELSE 'queued' END,
        failure = CASE WHEN ${over} THEN ${stored}::json END,
        finished_at = CASE WHEN ${over} THEN clock_timestamp() END,
        admitted_at = CASE WHEN ${over} THEN admitted_at END,
        worker_id = CASE WHEN ${over} THEN worker_id END,
        not_before = CASE WHEN NOT (${over}) AND losses > 0 THEN clock_timestamp() + ${retryDelay(Prisma.sql`losses`)} END,
        round = CASE WHEN ${over} THEN round ELSE coalesce((SELECT round FROM checkpoints WHERE run_id = runs.id), 0) END,
        compute_ms = compute_ms + stale.lost_ms,
        lease_expires_at = NULL
      FROM stale
      WHERE runs.id = stale.id
      RETURNING runs.id AS "runId", point_id AS "pointId", replicate, fence, state, stale.lost_ms AS "lostMs", refused_checkpoint_bytes AS refused`);
    if (runs.length === 0) return [];
    await addComputeTime(
      tx,
      experimentId,
      runs.reduce((sum, { lostMs }) => sum + lostMs, 0),
    );
    const held = runs.some(({ state }) => state === 'failed') ? await holdAfterFailures(tx, experiment) : [];
    const finished = await countDown(tx, experimentId, runs.filter((run) => run.state !== 'queued').length);
    await appendEvents(tx, experimentId, [...runs.map((run) => eventOf(run, failure)), ...held, ...finished]);
    return runs;
  });
}

/** Takes every run whose lease has ended away from its worker: one transaction per experiment. */
export async function recoverStaleRuns(database: Database, maxLosses: number): Promise<Recovered> {
  const experiments = await database.client.$queryRaw<{ id: string }[]>(
    Prisma.sql`SELECT DISTINCT experiment_id AS id FROM runs WHERE ${STALE}`,
  );
  const recovered = { requeued: 0, cancelled: 0, failed: 0 };
  for (const { id } of experiments) {
    for (const { state } of await recoverExperiment(database, id, maxLosses)) {
      recovered[state === 'queued' ? 'requeued' : state] += 1;
    }
  }
  return recovered;
}
