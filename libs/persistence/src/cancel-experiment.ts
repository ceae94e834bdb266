/** Stopping an experiment: queued runs at once, running ones when their worker lets go. */
import type { Session } from '@airmeta/lab';
import { appendAudit } from './audit-log.js';
import { countDown } from './count-down.js';
import type { Database } from './database.js';
import { appendEvents, type NewEvent } from './event-log.js';
import { lockExperiment } from './experiment-lock.js';
import { Prisma } from './generated/client.js';

/** False for an unknown experiment. An experiment that has ended, or is being cancelled, stays as it is. */
export async function cancelExperiment(database: Database, id: string, session: Session): Promise<boolean> {
  return database.transaction(async (tx) => {
    const experiment = await lockExperiment(tx, id);
    if (experiment === undefined) return false;
    await appendAudit(tx, session, { operation: 'experiments:cancel', target: id, outcome: 'done' });
    const marked = await tx.$executeRaw(Prisma.sql`
      UPDATE experiments
      SET cancel_requested_at = clock_timestamp()
      WHERE id = ${id}::uuid AND state = 'running' AND cancel_requested_at IS NULL`);
    if (marked === 0) return true;
    const count = await tx.$executeRaw(Prisma.sql`
      UPDATE runs
      SET state = 'cancelled', finished_at = clock_timestamp()
      WHERE experiment_id = ${id}::uuid AND state = 'queued'`);
    // One event for all of them: there can be 100,000.
    const cancelled: NewEvent[] = count === 0 ? [] : [{ type: 'run-cancelled', data: { count } }];
    const finished = await countDown(tx, id, count);
    await appendEvents(tx, id, [{ type: 'experiment-cancel-requested', data: {} }, ...cancelled, ...finished]);
    return true;
  });
}
