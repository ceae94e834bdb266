/** A worker's report: records, the lease, and now and then a checkpoint. */
import type { LeaseState, RunProgress } from '@airmeta/lab';
import { appendRecords, heldBy, type ClaimKey } from './append-records.js';
import { isChunked, saveCheckpoint } from './checkpoints.js';
import type { Database } from '../database/database.js';
import { isUuid } from '../database/identifier.js';
import { Prisma } from '../generated/client.js';

/** A checkpoint is written with the records before it, or not at all: a run goes on from it behind them. */
export async function reportProgress(database: Database, claim: ClaimKey, progress: RunProgress, leaseMs: number): Promise<LeaseState> {
  if (!isUuid(claim.runId)) return 'lost';
  const { checkpoint } = progress;
  if (!checkpoint) return (await appendRecords(database.client, claim, progress, leaseMs)).lease;
  return database.transaction(async (tx) => {
    const { lease } = await appendRecords(tx, claim, progress, leaseMs);
    if (lease === 'lost') return lease;
    await saveCheckpoint(tx, claim, checkpoint);
    // A large one takes a while to write, at the end of which the lease is as long as after any report.
    if (isChunked(checkpoint)) {
      await tx.$executeRaw(Prisma.sql`
        UPDATE runs SET lease_expires_at = clock_timestamp() + ${leaseMs} * interval '1 millisecond' WHERE ${heldBy(claim)}`);
    }
    return lease;
  });
}
