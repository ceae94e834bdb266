import { Prisma } from '../generated/client.js';

/**
 * Whether the row of `runs` that a statement has just locked is another version than the one it began with. Locked rows are read as they
 * are, all others as they were when the statement began: one that waited for the lock would put the two together, and is to be repeated.
 */
export function changedMeanwhile(runId: string): Prisma.Sql {
  return Prisma.sql`runs.ctid <> (SELECT seen.ctid FROM runs AS seen WHERE seen.id = ${runId}::uuid)`;
}
