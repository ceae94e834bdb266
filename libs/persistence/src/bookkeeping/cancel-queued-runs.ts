/** Ending what has not begun. */
import type { RunFailure } from '@airmeta/lab';
import { countDown } from './count-down.js';
import type { Queryable } from '../database/database.js';
import type { NewEvent } from './event-log.js';
import { Prisma } from '../generated/client.js';

/**
 * Cancels every queued run of the experiment, which must be locked. Returns the events to write: one for all of them, as there can be
 * 100,000. @param why kept with every run
 */
export async function cancelQueuedRuns(tx: Queryable, experimentId: string, why: RunFailure | null = null): Promise<NewEvent[]> {
  const count = await tx.$executeRaw(Prisma.sql`
    UPDATE runs
    SET
      state = 'cancelled',
      failure = ${why === null ? null : JSON.stringify(why)}::json,
      not_before = NULL,
      finished_at = clock_timestamp()
    WHERE experiment_id = ${experimentId}::uuid AND state = 'queued'`);
  if (count === 0) return [];
  return [{ type: 'run-cancelled', data: { count } }, ...(await countDown(tx, experimentId, count))];
}
