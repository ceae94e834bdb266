import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';

/** Adds the time of attempts that have just ended [ms] to their experiment's, which must be locked. */
export async function addComputeTime(tx: Queryable, experimentId: string, ms: number): Promise<void> {
  await tx.$executeRaw(
    Prisma.sql`UPDATE experiments SET compute_ms = compute_ms + ${ms}::double precision WHERE id = ${experimentId}::uuid`,
  );
}
