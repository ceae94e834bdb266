/** Where runs got to. */
import type { Checkpoint } from '@airmeta/lab';
import type { ClaimKey } from './append-records.js';
import { heldBy } from './append-records.js';
import type { Queryable } from './database.js';
import { Prisma } from './generated/client.js';
import { MAX_RUN_BYTES } from './limits.js';

/**
 * Replaces the checkpoint of a run that the claim holds: with nothing when it is the beginning. One that is too large is not kept, and the run
 * may be computed from an earlier one.
 */
export async function saveCheckpoint(tx: Queryable, claim: ClaimKey, { round, bytes }: Checkpoint): Promise<void> {
  if (round === 0) return dropCheckpoint(tx, claim.runId);
  if (bytes.byteLength > MAX_RUN_BYTES) return;
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO checkpoints (run_id, round, engine, bytes)
    SELECT id, ${round}, coalesce(worker_engine, ''), ${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)}
    FROM runs WHERE ${heldBy(claim)}
    ON CONFLICT (run_id) DO UPDATE SET round = excluded.round, engine = excluded.engine, bytes = excluded.bytes`);
}

export async function dropCheckpoint(tx: Queryable, runId: string): Promise<void> {
  await tx.$executeRaw(Prisma.sql`DELETE FROM checkpoints WHERE run_id = ${runId}::uuid`);
}
