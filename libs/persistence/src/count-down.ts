/** An experiment ends when its last run has ended. */
import type { ExperimentState } from '@airmeta/spec';
import type { Queryable } from './database.js';
import type { NewEvent } from './event-log.js';
import { Prisma } from './generated/client.js';

/**
 * Takes runs that have just ended off the experiment's count of open runs. Returns the event to write when none is
 * left: the experiment is then finished, or cancelled if that was asked for. The experiment's row must be locked.
 */
export async function countDown(tx: Queryable, experimentId: string, endedRuns: number): Promise<NewEvent[]> {
  if (endedRuns === 0) return [];
  const [{ state }] = await tx.$queryRaw<{ state: ExperimentState }[]>(Prisma.sql`
    UPDATE experiments
    SET
      open_runs = open_runs - ${endedRuns},
      state = CASE
        WHEN open_runs > ${endedRuns} THEN state
        WHEN cancel_requested_at IS NULL THEN 'finished'
        ELSE 'cancelled'
      END,
      finished_at = CASE WHEN open_runs > ${endedRuns} THEN NULL ELSE clock_timestamp() END
    WHERE id = ${experimentId}::uuid
    RETURNING state`);
  return state === 'running' ? [] : [{ type: 'experiment-finished', data: { state } }];
}
