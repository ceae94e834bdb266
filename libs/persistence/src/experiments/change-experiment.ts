/** Changing what an experiment is called, sorted and shown by. */
import type { Session } from '@airmeta/lab';
import type { ExperimentChange, Visibility } from '@airmeta/spec';
import { appendAudit } from '../access/audit-log.js';
import type { Database, Queryable } from '../database/database.js';
import { addressNow } from '../bookkeeping/computation.js';
import { appendEvents } from '../bookkeeping/event-log.js';
import { lockExperiment } from '../bookkeeping/experiment-lock.js';
import { Prisma } from '../generated/client.js';
import { storableText } from '../database/storable-text.js';

/** With whom a run's results are shared depends on who sees its experiment. What is shared already stays so. */
async function readdressRuns(tx: Queryable, id: string): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    UPDATE runs SET ${addressNow(id)}
    FROM points
    WHERE runs.experiment_id = ${id}::uuid AND points.id = runs.point_id`);
}

/** False for an unknown experiment. What is left out stays; empty notes are none. */
export async function changeExperiment(database: Database, id: string, change: ExperimentChange, session: Session): Promise<boolean> {
  const { visibility, priority, tags, notes, archived } = change;
  const columns = [
    ...(visibility === undefined ? [] : [Prisma.sql`visibility = ${visibility}::visibility`]),
    ...(priority === undefined ? [] : [Prisma.sql`priority = ${priority}`]),
    ...(tags === undefined ? [] : [Prisma.sql`tags = ${tags}::text[]`]),
    ...(notes === undefined ? [] : [Prisma.sql`notes = ${notes === '' ? null : storableText(notes)}`]),
    ...(archived === undefined
      ? []
      : [Prisma.sql`archived_at = ${archived ? Prisma.sql`coalesce(archived_at, clock_timestamp())` : Prisma.sql`NULL`}`]),
  ];
  return database.transaction(async (tx) => {
    if (!(await lockExperiment(tx, id))) return false;
    const [before] = await tx.$queryRaw<{ visibility: Visibility }[]>(
      Prisma.sql`SELECT visibility FROM experiments WHERE id = ${id}::uuid`,
    );
    if (columns.length > 0) await tx.$executeRaw(Prisma.sql`UPDATE experiments SET ${Prisma.join(columns)} WHERE id = ${id}::uuid`);
    if (visibility !== undefined && visibility !== before.visibility) await readdressRuns(tx, id);
    const changed = Object.keys(change).filter((key) => change[key as keyof ExperimentChange] !== undefined);
    await appendEvents(tx, id, [{ type: 'experiment-changed', data: { changed } }]);
    const target = visibility === undefined ? id : `${id} to ${visibility}`;
    await appendAudit(tx, session, { operation: 'experiments:change', target, outcome: 'done' });
    return true;
  });
}
