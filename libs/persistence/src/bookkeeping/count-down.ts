/** An experiment ends when its last run has ended, and is open again when a run is queued again. */
import type { ExperimentState } from '@airmeta/spec';
import type { Queryable } from '../database/database.js';
import type { NewEvent } from './event-log.js';
import { Prisma } from '../generated/client.js';

/** What an UPDATE of `experiments` sets when runs have ended, with the compute time [ms] of an attempt that ended with one. */
export function countedDown(endedRuns: number, computeMs: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
      open_runs = experiments.open_runs - ${endedRuns},
      compute_ms = experiments.compute_ms + ${computeMs},
      state = CASE
        WHEN experiments.open_runs > ${endedRuns} THEN experiments.state
        WHEN experiments.ending IS NULL THEN 'finished'
        WHEN experiments.ending = 'cancel' THEN 'cancelled'
        ELSE 'stopped'
      END,
      hold = CASE WHEN experiments.open_runs > ${endedRuns} THEN experiments.hold END,
      finished_at = CASE WHEN experiments.open_runs > ${endedRuns} THEN NULL ELSE clock_timestamp() END`;
}

/**
 * Takes runs that have just ended off the experiment's count of open runs. Returns the event to write when none is
 * left: the experiment is then finished, or stopped or cancelled if that was asked for. The experiment's row must be locked.
 */
export async function countDown(tx: Queryable, experimentId: string, endedRuns: number): Promise<NewEvent[]> {
  if (endedRuns === 0) return [];
  const [{ state }] = await tx.$queryRaw<{ state: ExperimentState }[]>(Prisma.sql`
    UPDATE experiments
    SET ${countedDown(endedRuns, Prisma.sql`0`)}
    WHERE id = ${experimentId}::uuid
    RETURNING state`);
  return state === 'running' ? [] : [{ type: 'experiment-finished', data: { state } }];
}

/** Adds runs that were queued, again or anew, and opens an experiment that had ended. The experiment's row must be locked. */
export async function countUp(tx: Queryable, experimentId: string, queuedRuns: number): Promise<void> {
  if (queuedRuns === 0) return;
  await tx.$executeRaw(Prisma.sql`
    UPDATE experiments
    SET open_runs = open_runs + ${queuedRuns}, state = 'running', finished_at = NULL
    WHERE id = ${experimentId}::uuid`);
}
