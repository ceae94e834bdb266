/** The attempts at a run, from the events that tell of them. */
import { MAX_ATTEMPTS, type RunAttempt } from '@airmeta/lab';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';

interface StartedData {
  readonly fence: number;
  readonly workerId: string;
  readonly engine: string;
  readonly fromRound?: number;
}

interface EventRow {
  readonly type: string;
  readonly data: unknown;
  readonly at: Date;
}

const ENDS: Readonly<Record<string, string>> = {
  'run-completed': 'completed',
  'run-diverged': 'diverged',
  'run-failed': 'failed',
  'run-cancelled': 'cancelled',
};

function endOf({ type, data }: EventRow): string {
  const { reason = 'requeued', message } = data as { readonly reason?: string; readonly message?: string };
  return ENDS[type] ?? (message === undefined ? reason : `${reason}: ${message}`);
}

/** As many events as an attempt has, but for what happens to a run before its first one. */
const EVENTS_AN_ATTEMPT = 2;

/** The last ones, oldest first. */
export async function selectAttempts(client: Queryable, runId: string): Promise<RunAttempt[]> {
  const events = await client.$queryRaw<EventRow[]>(Prisma.sql`
    SELECT type, data, at FROM (
      SELECT type, data, at, sequence FROM events
      WHERE experiment_id = (SELECT experiment_id FROM runs WHERE id = ${runId}::uuid) AND run_id = ${runId}::uuid
      ORDER BY sequence DESC
      LIMIT ${EVENTS_AN_ATTEMPT * MAX_ATTEMPTS}
    ) AS latest
    ORDER BY sequence`);
  const attempts: RunAttempt[] = [];
  for (const event of events) {
    if (event.type === 'run-started') {
      const { fence, workerId, engine, fromRound = 0 } = event.data as StartedData;
      attempts.push({ fence, workerId, engine, fromRound, startedAt: event.at, endedAt: null, end: null });
      continue;
    }
    const open = attempts.at(-1);
    if (open && open.endedAt === null) attempts[attempts.length - 1] = { ...open, endedAt: event.at, end: endOf(event) };
  }
  return attempts;
}
