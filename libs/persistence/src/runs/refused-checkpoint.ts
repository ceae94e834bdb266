/** What the event that ends an attempt says of a checkpoint that was too large to be kept: it is all that is known of it once another begins. */

export interface RefusedCheckpoint {
  readonly refusedCheckpointBytes?: number;
}

export function refusedCheckpoint(bytes: bigint | null): RefusedCheckpoint {
  return bytes === null ? {} : { refusedCheckpointBytes: Number(bytes) };
}
