/** Who is there to work. */
import type { WorkerRegistration } from '@airmeta/lab';
import type { Database } from '../database/database.js';
import { Prisma } from '../generated/client.js';
import { storableText } from '../database/storable-text.js';

export async function registerWorker(database: Database, worker: WorkerRegistration): Promise<void> {
  const [id, host, engine] = [worker.id, worker.host, worker.engine].map(storableText);
  await database.client.$executeRaw(Prisma.sql`
    INSERT INTO workers (id, host, slots, engine, seen_at)
    VALUES (${id}, ${host}, ${worker.slots}, ${engine}, now())
    ON CONFLICT (id) DO UPDATE
    SET host = excluded.host, slots = excluded.slots, engine = excluded.engine, seen_at = excluded.seen_at`);
}

export async function removeWorker(database: Database, workerId: string): Promise<void> {
  await database.client.worker.deleteMany({ where: { id: storableText(workerId) } });
}

/** Slots of the workers that gave a sign of life within the last `withinMs`: a subquery. */
export function liveSlots(withinMs: number): Prisma.Sql {
  return Prisma.sql`(SELECT coalesce(sum(slots), 0) FROM workers WHERE seen_at > now() - ${withinMs} * interval '1 millisecond')`;
}
