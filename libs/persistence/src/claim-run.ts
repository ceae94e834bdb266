/** queued -> running. */
import type { Admission, Claim, WorkerRegistration } from '@airmeta/lab';
import type { PointSpec } from '@airmeta/spec';
import type { Database } from './database.js';
import { appendEvents } from './event-log.js';
import { lockExperimentOfRun } from './experiment-lock.js';
import { Prisma } from './generated/client.js';
import { isUuid } from './identifier.js';
import { storableText } from './storable-text.js';

interface ClaimedRow {
  readonly fence: number;
  readonly losses: number;
  readonly seed: bigint;
  readonly pointId: string;
  readonly replicate: number;
  readonly config: PointSpec;
}

/** Gives the run to the worker under a new fencing token, unless the admission is no longer the current one. */
export async function claimRun(
  database: Database,
  admission: Admission,
  worker: WorkerRegistration,
  leaseMs: number,
): Promise<Claim | undefined> {
  const { runId, dispatch } = admission;
  if (!isUuid(runId)) return undefined;
  const current = Prisma.sql`runs.id = ${runId}::uuid AND runs.dispatch = ${dispatch} AND runs.state = 'queued' AND runs.admitted_at IS NOT NULL`;
  const workerId = storableText(worker.id);
  const engine = storableText(worker.engine);

  return database.transaction(async (tx) => {
    const experiment = await lockExperimentOfRun(tx, current);
    if (experiment === undefined) return undefined;
    const [run] = await tx.$queryRaw<ClaimedRow[]>(Prisma.sql`
      UPDATE runs
      SET
        state = 'running',
        fence = runs.fence + 1,
        worker_id = ${workerId},
        engine = ${engine},
        round = 0,
        recorded_round = -1,
        started_at = clock_timestamp(),
        lease_expires_at = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
      FROM points
      WHERE ${current} AND points.id = runs.point_id
      RETURNING runs.fence, runs.losses, runs.seed, runs.replicate, points.id AS "pointId", points.config`);
    if (run === undefined) return undefined;
    const { fence, losses, seed, pointId, replicate, config } = run;
    await tx.$executeRaw(Prisma.sql`DELETE FROM series WHERE run_id = ${runId}::uuid`);
    await appendEvents(tx, experiment.id, [{ type: 'run-started', runId, data: { pointId, replicate, fence, workerId, engine } }]);
    return { runId, experimentId: experiment.id, fence, losses, seed: Number(seed), config };
  });
}
