/** What the lab takes on disk, what is to be said of it, and what can be taken away. */
import { byteSize, type DiskReport, type DiskUsage, type PruneChoice, type PrunedBody } from '@airmeta/spec';
import type { Session } from './caller.js';

export interface DiskStore {
  /** A few numbers, for those who ask often. */
  usage(): Promise<DiskUsage>;
  report(): Promise<DiskReport>;
  /** @param keptBytesLimit null: no limit */
  setLimit(session: Session, keptBytesLimit: number | null): Promise<DiskUsage>;
  /** What `prune` would take away. */
  choose(choice: PruneChoice): Promise<PrunedBody>;
  /**
   * Takes parameters and checkpoints of experiments that have ended away, and no result: records, figures and curves stay. What runs share with
   * an experiment that was not chosen stays too.
   */
  prune(session: Session, choice: PruneChoice): Promise<PrunedBody>;
}

/** From this share of a limit on it is warned of. */
const NEAR = 0.8;
/** Below this free room, or this share of what the database takes, it is warned of: the embedded one stops at none. */
const LITTLE_ROOM = 2 * 2 ** 30;
const LITTLE_SHARE = 0.1;

/** A sentence for each thing that is near its end. */
export function diskWarnings({ databaseBytes, freeBytes, keptBytes, keptBytesLimit }: DiskUsage): string[] {
  const warnings: string[] = [];
  if (keptBytesLimit !== null && keptBytes >= keptBytesLimit) {
    warnings.push(
      `parameters and last checkpoints take ${byteSize(keptBytes)}, and ${byteSize(keptBytesLimit)} are allowed: runs that end now keep none; ` +
        '"airmeta admin prune" makes room, "airmeta admin limit" allows more',
    );
  } else if (keptBytesLimit !== null && keptBytes >= NEAR * keptBytesLimit) {
    warnings.push(
      `parameters and last checkpoints take ${byteSize(keptBytes)} of the ${byteSize(keptBytesLimit)} that are allowed; ` +
        'runs that end when all is taken keep none',
    );
  }
  if (freeBytes !== null && freeBytes < Math.max(LITTLE_ROOM, LITTLE_SHARE * databaseBytes)) {
    warnings.push(`the disk of the database has ${byteSize(freeBytes)} left: with none, nothing can be submitted and runs wait`);
  }
  return warnings;
}
