/** Where runs got to. */
import type { Checkpoint } from '@airmeta/lab';
import type { ClaimKey } from './append-records.js';
import { heldBy } from './append-records.js';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';
import { MAX_RUN_BYTES } from '../results/limits.js';

/** One that is too large is not kept, and the run may be computed from an earlier one. */
export function isKept({ bytes }: Checkpoint): boolean {
  return bytes.byteLength <= MAX_RUN_BYTES;
}

/** Replaces the checkpoint of a run. @param held the run: what follows FROM, and says which */
export function insertCheckpoint({ round, bytes }: Checkpoint, held: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    INSERT INTO checkpoints (run_id, round, engine, bytes)
    SELECT id, ${round}, coalesce(worker_engine, ''), ${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)} FROM ${held}
    ON CONFLICT (run_id) DO UPDATE SET round = excluded.round, engine = excluded.engine, bytes = excluded.bytes`;
}

/** Replaces the checkpoint of a run that the claim holds: with nothing when it is the beginning. */
export async function saveCheckpoint(tx: Queryable, claim: ClaimKey, checkpoint: Checkpoint): Promise<void> {
  if (checkpoint.round === 0) await tx.$executeRaw(Prisma.sql`DELETE FROM checkpoints WHERE run_id = ${claim.runId}::uuid`);
  else if (isKept(checkpoint)) await tx.$executeRaw(insertCheckpoint(checkpoint, Prisma.sql`runs WHERE ${heldBy(claim)}`));
}
