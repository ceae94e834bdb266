/** The attempts at a run, from the events that tell of them. */
import type { RunAttempt } from '@airmeta/lab';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';
import type { RefusedCheckpoint } from '../runs/refused-checkpoint.js';

interface StartedData {
  readonly fence: number;
  readonly workerId: string;
  readonly engine: string;
  readonly fromRound?: number;
}

interface EventRow {
  /** Of the latest attempt. */
  readonly fence: number;
  /** What the latest attempt could not keep; of earlier ones, the event says it that ended them. */
  readonly refused: bigint | null;
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

/** Its start and its end. */
const EVENTS_AN_ATTEMPT = 2;
/** What happens to a run that nobody has: it is cancelled, say. */
const EVENTS_AFTER = 8;

/** The last ones, oldest first. */
export async function selectAttempts(client: Queryable, runId: string, most: number): Promise<RunAttempt[]> {
  const events = await client.$queryRaw<EventRow[]>(Prisma.sql`
    SELECT latest.*, runs.fence, runs.refused_checkpoint_bytes AS refused FROM runs
    CROSS JOIN LATERAL (
      SELECT type, data, at, sequence FROM events
      WHERE events.experiment_id = runs.experiment_id AND events.run_id = runs.id
      ORDER BY sequence DESC
      LIMIT ${EVENTS_AN_ATTEMPT * most + EVENTS_AFTER}
    ) AS latest
    WHERE runs.id = ${runId}::uuid
    ORDER BY latest.sequence`);
  const attempts: RunAttempt[] = [];
  for (const event of events) {
    if (event.type === 'run-started') {
      const { fence, workerId, engine, fromRound = 0 } = event.data as StartedData;
      const refusedCheckpointBytes = fence === event.fence && event.refused !== null ? Number(event.refused) : null;
      attempts.push({ fence, workerId, engine, fromRound, refusedCheckpointBytes, startedAt: event.at, endedAt: null, end: null });
      continue;
    }
    const open = attempts.at(-1);
    if (open?.endedAt !== null) continue;
    const { refusedCheckpointBytes = open.refusedCheckpointBytes } = event.data as RefusedCheckpoint;
    attempts[attempts.length - 1] = { ...open, refusedCheckpointBytes, endedAt: event.at, end: endOf(event) };
  }
  return attempts.slice(-most);
}
