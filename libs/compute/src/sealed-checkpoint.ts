/** Checkpoints with a checksum behind them, so that one that was changed, or is another run's, is not gone on from. */
import { createHash } from 'node:crypto';
import type { SimulationRequest } from '@airmeta/lab';
import { CheckpointError } from '@airmeta/simulation';

const DIGEST_BYTES = 32;

/** What a checkpoint belongs to: a seed and the data it was computed on. */
type Owner = Pick<SimulationRequest, 'seed' | 'dataFingerprint'>;

function digestOf({ seed, dataFingerprint = 'none' }: Owner, checkpoint: Uint8Array): Buffer {
  return createHash('sha256').update(`airmeta-checkpoint\n${seed}\n${dataFingerprint}\n`).update(checkpoint).digest();
}

/** The checkpoint and behind it 32 bytes: SHA-256 over whose it is and its bytes. */
export function sealCheckpoint(owner: Owner, checkpoint: Uint8Array): Uint8Array<ArrayBuffer> {
  const sealed = new Uint8Array(checkpoint.length + DIGEST_BYTES);
  sealed.set(checkpoint);
  sealed.set(digestOf(owner, checkpoint), checkpoint.length);
  return sealed;
}

/** The checkpoint that was sealed. @throws CheckpointError when one bit of it has changed, or it is of another seed or other data */
export function openSealedCheckpoint(owner: Owner, sealed: Uint8Array): Uint8Array {
  const checkpoint = sealed.subarray(0, Math.max(0, sealed.length - DIGEST_BYTES));
  if (!digestOf(owner, checkpoint).equals(sealed.subarray(checkpoint.length))) {
    throw new CheckpointError('the checkpoint is not what was written: its checksum does not match');
  }
  return checkpoint;
}
