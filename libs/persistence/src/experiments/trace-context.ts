/** Which trace an experiment and its runs belong to. */
import type { Database } from '../database/database.js';
import { Prisma } from '../generated/client.js';
import { isUuid } from '../database/identifier.js';

/** Where a run comes from. */
export interface RunOrigin {
  readonly experimentId: string;
  /** W3C traceparent of the request that submitted the experiment. */
  readonly traceContext: string | null;
  readonly admittedAt: Date | null;
}

export interface TraceContexts {
  originOf(runId: string): Promise<RunOrigin | undefined>;
}

export function createTraceContexts({ client }: Database): TraceContexts {
  return {
    originOf: async (runId) => {
      if (!isUuid(runId)) return undefined;
      const [origin] = await client.$queryRaw<RunOrigin[]>(Prisma.sql`
        SELECT experiments.id AS "experimentId", trace_context AS "traceContext", admitted_at AS "admittedAt"
        FROM runs JOIN experiments ON experiments.id = runs.experiment_id
        WHERE runs.id = ${runId}::uuid`);
      return origin;
    },
  };
}
