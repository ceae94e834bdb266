/** Deleting a run with its results; others who have them too keep them. */
import { ControlConflictError, type Session } from '@airmeta/lab';
import type { RunState } from '@airmeta/spec';
import { appendAudit } from '../access/audit-log.js';
import type { Database } from '../database/database.js';
import { appendEvents } from '../bookkeeping/event-log.js';
import { lockExperimentOfRun } from '../bookkeeping/experiment-lock.js';
import { Prisma } from '../generated/client.js';
import { forgetAimedAt } from '../results/run-figures.js';
import { forgetKept } from '../results/run-parameters.js';
import { detachResults, lockSharing } from '../bookkeeping/share-results.js';

/** False for an unknown run. @throws ControlConflictError while it is open */
export async function deleteRun(database: Database, runId: string, session: Session): Promise<boolean> {
  return database.transaction(async (tx) => {
    await lockSharing(tx);
    const experiment = await lockExperimentOfRun(tx, Prisma.sql`id = ${runId}::uuid`);
    if (experiment === undefined) return false;
    const [run] = await tx.$queryRaw<{ state: RunState; pointId: string; replicate: number }[]>(Prisma.sql`
      SELECT state, point_id AS "pointId", replicate FROM runs WHERE id = ${runId}::uuid`);
    if (run === undefined) return false;
    const { state, pointId, replicate } = run;
    if (state === 'queued' || state === 'running')
      throw new ControlConflictError(`the run is ${state}: it can be deleted once it has ended`);
    await detachResults(tx, [runId], false);
    await forgetKept(tx, experiment.id, [runId]);
    await forgetAimedAt(tx, experiment.id, [runId]);
    await tx.$executeRaw(Prisma.sql`DELETE FROM runs WHERE id = ${runId}::uuid`);
    await appendEvents(tx, experiment.id, [{ type: 'run-deleted', runId, data: { pointId, replicate } }]);
    await appendAudit(tx, session, { operation: 'runs:delete', target: runId, outcome: 'done' });
    return true;
  });
}
