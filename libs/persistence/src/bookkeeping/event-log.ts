/** Writing events: numbered 1, 2, 3, ... per experiment, in commit order. */
import type { ExperimentEventType } from '@airmeta/lab';
import type { JsonValue } from '@airmeta/spec';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';

export interface NewEvent {
  readonly type: ExperimentEventType;
  readonly runId?: string;
  readonly data: JsonValue;
}

/**
 * Appends events. The number comes from the experiment's row, which stays locked until the transaction ends: no number
 * is ever skipped, and a reader that has seen number n has seen all before it. The clock is read under that lock, so
 * that times ascend with numbers.
 */
export async function appendEvents(tx: Queryable, experimentId: string, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await tx.$executeRaw(Prisma.sql`
    WITH advanced AS (
      UPDATE experiments
      SET event_sequence = event_sequence + ${events.length}
      WHERE id = ${experimentId}::uuid
      RETURNING id, event_sequence - ${events.length} AS last_sequence
    )
    INSERT INTO events (experiment_id, sequence, type, run_id, data, at)
    SELECT advanced.id, advanced.last_sequence + new.position, new.type, new.run_id, new.data, clock_timestamp()
    FROM advanced
    CROSS JOIN unnest(
      ${events.map((event) => event.type)}::text[],
      ${events.map((event) => event.runId ?? null)}::uuid[],
      ${events.map((event) => JSON.stringify(event.data))}::json[]
    ) WITH ORDINALITY AS new (type, run_id, data, position)`);
}
