/** An experiment whose runs start no more until somebody says so. */
import type { Queryable } from '../database/database.js';
import type { NewEvent } from './event-log.js';
import type { LockedExperiment } from './experiment-lock.js';
import { Prisma } from '../generated/client.js';

/** Takes back what is in the queue, so that no worker takes it. The experiment must be locked. */
export async function takeBackAdmissions(tx: Queryable, experimentId: string): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    UPDATE runs SET admitted_at = NULL WHERE experiment_id = ${experimentId}::uuid AND state = 'queued' AND admitted_at IS NOT NULL`);
}

/** Holds the experiment, which must be locked, when as many of its runs have failed as it allows. Returns the events to write. */
export async function holdAfterFailures(tx: Queryable, { id, hold, ending, maxFailures }: LockedExperiment): Promise<NewEvent[]> {
  if (maxFailures === null || hold !== null || ending !== null) return [];
  const held = await tx.$executeRaw(Prisma.sql`
    UPDATE experiments SET hold = 'failures'
    WHERE id = ${id}::uuid AND state = 'running' AND (SELECT count(*) FROM runs WHERE experiment_id = ${id}::uuid AND state = 'failed') >= ${maxFailures}`);
  if (held === 0) return [];
  await takeBackAdmissions(tx, id);
  return [{ type: 'experiment-held', data: { maxFailures } }];
}
