/**
 * The experiment's row is the lock under which its runs change state, and it is always taken first: cancelling sees
 * every run either before or after another change, the count-down cannot pass its end, and no two transactions wait for
 * each other in a circle. Two kinds of statement stay outside because they never wait while they hold a run: progress
 * reports, which touch one run, and admission, which skips runs that are locked.
 */
import type { Ending, ExperimentState, Hold } from '@airmeta/spec';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';

export interface LockedExperiment {
  readonly id: string;
  readonly state: ExperimentState;
  readonly hold: Hold | null;
  readonly ending: Ending | null;
  /** Failed runs that hold the experiment; null: no limit. */
  readonly maxFailures: number | null;
}

/**
 * Whether runs of an experiment start. One that is stopping has queued runs only where a running one was given back: they are let finish.
 */
export const STARTS_RUNS = Prisma.sql`(experiments.hold IS NULL AND (experiments.ending IS NULL OR experiments.ending = 'stop'))`;

async function lock(tx: Queryable, which: Prisma.Sql): Promise<LockedExperiment | undefined> {
  const [experiment] = await tx.$queryRaw<LockedExperiment[]>(Prisma.sql`
    SELECT id, state, hold, ending, max_failures AS "maxFailures"
    FROM experiments
    WHERE id = ${which}
    FOR NO KEY UPDATE`);
  return experiment;
}

export function lockExperiment(tx: Queryable, id: string): Promise<LockedExperiment | undefined> {
  return lock(tx, Prisma.sql`${id}::uuid`);
}

/**
 * Locks the experiment of the run that satisfies the condition; undefined, without waiting, when none does. The
 * condition must be tested again afterwards: another transaction may have changed the run before the lock was granted.
 */
export function lockExperimentOfRun(tx: Queryable, condition: Prisma.Sql): Promise<LockedExperiment | undefined> {
  return lock(tx, Prisma.sql`(SELECT experiment_id FROM runs WHERE ${condition})`);
}
