/** Writing an experiment with all its points and runs. */
import { randomUUID } from 'node:crypto';
import { IdempotencyConflictError, type ExperimentPlan, type IdempotencyKey, type PackedExperiment, type Session } from '@airmeta/lab';
import { durationMs } from '@airmeta/spec';
import { NOBODY } from '../runs/admit-runs.js';
import { appendAudit } from '../access/audit-log.js';
import type { Database, Queryable } from '../database/database.js';
import { appendEvents } from '../bookkeeping/event-log.js';
import { Prisma } from '../generated/client.js';
import { insertRuns } from './insert-runs.js';
import { insertPoints } from './points.js';
import { shareResults } from '../bookkeeping/share-results.js';
import { storableText } from '../database/storable-text.js';

function milliseconds(duration: string | undefined): number | null {
  return duration === undefined ? null : durationMs(duration);
}

/** The columns of `experiments` that its envelope's limits are kept in. */
function limitsOf({ limits = {} }: PackedExperiment['envelope']): Prisma.Sql {
  return Prisma.sql`${limits.maxFailures ?? null}::int, ${milliseconds(limits.runTime)}::double precision, ${milliseconds(limits.computeTime)}::double precision`;
}

async function insertExperiment(tx: Queryable, id: string, plan: ExperimentPlan, { caller, trace }: Session): Promise<void> {
  const { experiment, replicateSeeds, visibility = 'lab', priority = 0, tags = [] } = plan;
  const { envelope, pointCount } = experiment;
  const runCount = pointCount * replicateSeeds.length;
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO experiments
      (id, name, description, specification, hash, replicates, point_count, run_count, open_runs, target_train_loss, owner_id, visibility,
        priority, tags, max_failures, run_time_limit_ms, compute_time_limit_ms, trace_context)
    VALUES (
      ${id}::uuid,
      ${storableText(envelope.name)},
      ${envelope.description === undefined ? null : storableText(envelope.description)},
      ${experiment.specification}::json,
      ${experiment.hash},
      ${replicateSeeds.length},
      ${pointCount},
      ${runCount},
      ${runCount},
      ${envelope.targetTrainLoss ?? null}::double precision,
      ${caller.member?.id ?? null}::uuid,
      ${visibility}::visibility,
      ${priority},
      ${tags}::text[],
      ${limitsOf(envelope)},
      ${trace === undefined ? null : storableText(trace)}
    )`);
}

/**
 * The experiment that an earlier request with this key has made; a request that is under way is waited for.
 * @throws IdempotencyConflictError when it was for something else
 */
async function replayed(
  tx: Queryable,
  { key, fingerprint }: IdempotencyKey,
  id: string,
  memberId: string | null,
): Promise<string | undefined> {
  const owner = memberId === null ? NOBODY : Prisma.sql`${memberId}::uuid`;
  const mine = await tx.$executeRaw(Prisma.sql`
    INSERT INTO idempotency_keys (member_id, key, fingerprint, experiment_id)
    VALUES (${owner}, ${storableText(key)}, ${fingerprint}, ${id}::uuid)
    ON CONFLICT (member_id, key) DO NOTHING`);
  if (mine === 1) return undefined;
  const [earlier] = await tx.$queryRaw<{ fingerprint: string; experimentId: string }[]>(Prisma.sql`
    SELECT fingerprint, experiment_id AS "experimentId" FROM idempotency_keys WHERE member_id = ${owner} AND key = ${storableText(key)}`);
  if (earlier.fingerprint !== fingerprint) throw new IdempotencyConflictError(key);
  return earlier.experimentId;
}

/** Returns the experiment's id, and whether it was there already. `tx` must be a transaction. */
export async function createExperiment(
  tx: Queryable,
  plan: ExperimentPlan,
  session: Session,
): Promise<{ readonly id: string; readonly replayed: boolean }> {
  const id = randomUUID();
  if (plan.idempotency) {
    const earlier = await replayed(tx, plan.idempotency, id, session.caller.member?.id ?? null);
    if (earlier !== undefined) return { id: earlier, replayed: true };
  }
  await insertExperiment(tx, id, plan, session);
  await insertPoints(tx, id, plan);
  await insertRuns(tx, id, { replicateSeeds: plan.replicateSeeds, forced: plan.force ?? false });
  const { envelope, pointCount: points } = plan.experiment;
  const data = { name: envelope.name, points, runs: points * plan.replicateSeeds.length };
  await appendEvents(tx, id, [{ type: 'experiment-created', data }, ...(await shareResults(tx, id))]);
  await appendAudit(tx, session, { operation: 'experiments:submit', target: id, outcome: 'done' });
  return { id, replayed: false };
}

/** Runs of one experiment that change the look of the table. */
const MANY_RUNS = 500;

/**
 * Tells PostgreSQL of the runs that an experiment has brought, if they are many: plans that were made for a small table are made anew, in
 * every session. Left to itself it would notice within a minute or so.
 */
export async function refreshStatistics({ client }: Database, runCount: number): Promise<void> {
  if (runCount >= MANY_RUNS) await client.$executeRaw(Prisma.sql`ANALYZE runs`);
}
