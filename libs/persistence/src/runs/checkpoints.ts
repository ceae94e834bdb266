/** Where runs got to. A large checkpoint is kept in chunks, so that neither a statement nor its parameters grow with it. */
import type { Checkpoint } from '@airmeta/lab';
import type { ClaimKey } from './append-records.js';
import { heldBy } from './append-records.js';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';

/** Bytes of a checkpoint that one statement carries. */
export const CHUNK_BYTES = 8 * 2 ** 20;

/** Whether a checkpoint takes more statements than one, which belong into one transaction. */
export function isChunked({ bytes }: Checkpoint): boolean {
  return bytes.byteLength > CHUNK_BYTES;
}

function chunkOf(bytes: Uint8Array, number: number): Buffer {
  const chunk = bytes.subarray(number * CHUNK_BYTES, (number + 1) * CHUNK_BYTES);
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

/**
 * `unchunked` and `saved`: replaces the checkpoint of a run, or the beginning of it, which `insertChunks` is to complete.
 * @param held the run: what follows FROM, and says which
 */
export function savedCheckpoint({ round, bytes }: Checkpoint, held: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    unchunked AS (DELETE FROM checkpoint_chunks WHERE run_id = (SELECT id FROM ${held})),
    saved AS (
      INSERT INTO checkpoints (run_id, round, engine, bytes, size)
      SELECT id, ${round}, coalesce(worker_engine, ''), ${chunkOf(bytes, 0)}, ${bytes.byteLength} FROM ${held}
      ON CONFLICT (run_id) DO UPDATE SET round = excluded.round, engine = excluded.engine, bytes = excluded.bytes, size = excluded.size
    )`;
}

/** Writes what is behind the beginning of a checkpoint, if that was written under this claim; in the same transaction, which holds the run. */
export async function insertChunks(tx: Queryable, { runId, fence }: ClaimKey, { round, bytes }: Checkpoint): Promise<void> {
  for (let number = 1; number * CHUNK_BYTES < bytes.byteLength; number++) {
    await tx.$executeRaw(Prisma.sql`
      INSERT INTO checkpoint_chunks (run_id, number, bytes)
      SELECT checkpoints.run_id, ${number}, ${chunkOf(bytes, number)}
      FROM checkpoints JOIN runs ON runs.id = checkpoints.run_id
      WHERE runs.id = ${runId}::uuid AND runs.fence = ${fence} AND checkpoints.round = ${round}`);
  }
}

/** Replaces the checkpoint of a run that the claim holds: with nothing when it is the beginning. `tx` must be a transaction. */
export async function saveCheckpoint(tx: Queryable, claim: ClaimKey, checkpoint: Checkpoint): Promise<void> {
  if (checkpoint.round === 0) {
    await tx.$executeRaw(Prisma.sql`DELETE FROM checkpoints WHERE run_id = ${claim.runId}::uuid`);
    return;
  }
  await tx.$executeRaw(Prisma.sql`WITH ${savedCheckpoint(checkpoint, Prisma.sql`runs WHERE ${heldBy(claim)}`)} SELECT 1`);
  await insertChunks(tx, claim, checkpoint);
}

/**
 * A checkpoint of which the beginning has been read, chunk by chunk. Where somebody has taken it away meanwhile it is short, which its reader
 * finds by its checksum.
 */
export async function wholeCheckpoint(client: Queryable, runId: string, beginning: Uint8Array, size: number): Promise<Uint8Array> {
  if (size <= beginning.byteLength) return beginning;
  const whole = new Uint8Array(size);
  whole.set(beginning);
  let end = beginning.byteLength;
  for (let number = 1; end < size; number++) {
    const [chunk] = await client.$queryRaw<{ bytes: Uint8Array }[]>(Prisma.sql`
      SELECT bytes FROM checkpoint_chunks WHERE run_id = ${runId}::uuid AND number = ${number}`);
    if (chunk === undefined || end + chunk.bytes.byteLength > size) break;
    whole.set(chunk.bytes, end);
    end += chunk.bytes.byteLength;
  }
  return whole.subarray(0, end);
}
