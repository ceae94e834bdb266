/** Steering an experiment: what a researcher does to it while it runs, and after. */
import { ControlConflictError, replicateSeed, type Operation, type Session } from '@airmeta/lab';
import type { JsonValue } from '@airmeta/spec';
import { appendAudit } from '../access/audit-log.js';
import { cancelQueuedRuns } from '../bookkeeping/cancel-queued-runs.js';
import { countUp } from '../bookkeeping/count-down.js';
import type { Database, Queryable } from '../database/database.js';
import { appendEvents, type NewEvent } from '../bookkeeping/event-log.js';
import { lockExperiment, type LockedExperiment } from '../bookkeeping/experiment-lock.js';
import { Prisma } from '../generated/client.js';
import { takeBackAdmissions } from '../bookkeeping/hold-experiment.js';
import { insertRuns } from './insert-runs.js';
import { shareResults } from '../bookkeeping/share-results.js';

/** Does something to an experiment under its lock, with its events and its line in the audit log. False for an unknown one. */
async function steer(
  database: Database,
  id: string,
  session: Session,
  operation: Operation,
  work: (tx: Queryable, experiment: LockedExperiment) => Promise<readonly NewEvent[]>,
): Promise<boolean> {
  return database.transaction(async (tx) => {
    const experiment = await lockExperiment(tx, id);
    if (experiment === undefined) return false;
    await appendEvents(tx, id, await work(tx, experiment));
    await appendAudit(tx, session, { operation, target: id, outcome: 'done' });
    return true;
  });
}

function refuseEnded({ state }: LockedExperiment, deed: string): void {
  if (state !== 'running') throw new ControlConflictError(`the experiment is ${state}: there is nothing to ${deed}`);
}

/** Queued runs at once, running ones when their worker lets go. One that has ended, or is being cancelled, stays as it is. */
export function cancelExperiment(database: Database, id: string, session: Session): Promise<boolean> {
  return steer(database, id, session, 'experiments:cancel', async (tx, { state, ending }) => {
    if (state !== 'running' || ending === 'cancel') return [];
    await tx.$executeRaw(Prisma.sql`UPDATE experiments SET ending = 'cancel', hold = NULL WHERE id = ${id}::uuid`);
    return [{ type: 'experiment-cancel-requested', data: {} }, ...(await cancelQueuedRuns(tx, id))];
  });
}

/** Queued runs are cancelled, running ones go on to their end. */
export function stopExperiment(database: Database, id: string, session: Session): Promise<boolean> {
  return steer(database, id, session, 'experiments:stop', async (tx, experiment) => {
    refuseEnded(experiment, 'stop');
    if (experiment.ending !== null) return [];
    await tx.$executeRaw(Prisma.sql`UPDATE experiments SET ending = 'stop', hold = NULL WHERE id = ${id}::uuid`);
    return [{ type: 'experiment-stop-requested', data: {} }, ...(await cancelQueuedRuns(tx, id))];
  });
}

export function pauseExperiment(database: Database, id: string, session: Session): Promise<boolean> {
  return steer(database, id, session, 'experiments:pause', async (tx, experiment) => {
    refuseEnded(experiment, 'pause');
    if (experiment.ending !== null) throw new ControlConflictError('the experiment is ending: its last runs are not paused');
    if (experiment.hold === 'paused') return [];
    await tx.$executeRaw(Prisma.sql`UPDATE experiments SET hold = 'paused' WHERE id = ${id}::uuid`);
    await takeBackAdmissions(tx, id);
    return [{ type: 'experiment-paused', data: {} }];
  });
}

/** Queues ended runs again that have no results. Returns how many. @param which condition on `runs` */
async function queueAgain(tx: Queryable, id: string, which: Prisma.Sql, force: boolean): Promise<number> {
  return tx.$executeRaw(Prisma.sql`
    UPDATE runs
    SET
      state = 'queued', losses = 0, not_before = NULL, failure = NULL, admitted_at = NULL, worker_id = NULL, finished_at = NULL,
      forced = forced OR ${force},
      refused_by = '{}',
      round = coalesce((SELECT round FROM checkpoints WHERE run_id = runs.id), 0)
    WHERE experiment_id = ${id}::uuid AND ${which}`);
}

interface Outline {
  readonly seed: number;
  readonly replicates: number;
}

/** Queues a run again wherever the grid of points and replicates has none: somebody has deleted it. Returns how many. */
async function replaceDeleted(tx: Queryable, id: string): Promise<number> {
  const [{ seed, replicates }] = await tx.$queryRaw<Outline[]>(Prisma.sql`
    SELECT (specification ->> 'seed')::double precision AS seed, replicates FROM experiments WHERE id = ${id}::uuid`);
  const replicateSeeds = Array.from({ length: replicates }, (_, replicate) => replicateSeed(seed, replicate));
  return insertRuns(tx, id, { replicateSeeds, forced: false });
}

/** Makes the experiment whole: lifts what holds or ends it, and queues every run that has no result. */
export function resumeExperiment(database: Database, id: string, session: Session): Promise<boolean> {
  return steer(database, id, session, 'experiments:resume', async (tx, { hold, ending }) => {
    if (ending === 'budget')
      throw new ControlConflictError(
        'the experiment has used up its compute time (limits.computeTime): submit it again with more, the results that are there are not computed again',
      );
    await tx.$executeRaw(Prisma.sql`UPDATE experiments SET hold = NULL, ending = NULL WHERE id = ${id}::uuid`);
    const again = await queueAgain(tx, id, Prisma.sql`state IN ('failed', 'cancelled')`, false);
    const anew = await replaceDeleted(tx, id);
    await countUp(tx, id, again + anew);
    if (again + anew === 0 && hold === null && ending === null) return [];
    return [{ type: 'experiment-resumed', data: { runs: again + anew } }, ...(await shareResults(tx, id))];
  });
}

/** Queues failed runs again, and lifts the hold that they brought. */
export function retryFailedRuns(database: Database, id: string, session: Session, force: boolean): Promise<boolean> {
  return steer(database, id, session, 'experiments:retry', async (tx, { ending, hold }) => {
    if (ending !== null) throw new ControlConflictError('the experiment was stopped or cancelled: resume it first');
    const again = await queueAgain(tx, id, Prisma.sql`state = 'failed'`, force);
    if (again === 0) return [];
    if (hold === 'failures') await tx.$executeRaw(Prisma.sql`UPDATE experiments SET hold = NULL WHERE id = ${id}::uuid`);
    await countUp(tx, id, again);
    const data: JsonValue = { runs: again, failed: true };
    return [{ type: 'experiment-resumed', data }, ...(await shareResults(tx, id))];
  });
}
