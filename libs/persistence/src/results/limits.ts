/** How much the database keeps of runs. */
import { Prisma } from '../generated/client.js';

/** Bytes of one run's parameters: more are not kept, and the run completes without. */
export const MAX_RUN_BYTES = 64 * 2 ** 20;
/** Bytes of parameters and last checkpoints that an experiment keeps. */
export const MAX_EXPERIMENT_BYTES = 4 * 2 ** 30;

/** Bytes of these that the lab keeps, until an admin says otherwise. */
export const DEFAULT_KEPT_BYTES = 64 * 2 ** 30;

/** Bytes of these that the lab keeps; NULL: no limit. */
export const KEPT_BYTES_LIMIT = Prisma.sql`(
  CASE WHEN EXISTS (SELECT FROM retention) THEN (SELECT kept_bytes_limit FROM retention) ELSE ${DEFAULT_KEPT_BYTES}::bigint END
)`;
