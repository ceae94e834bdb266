/** Writing an experiment with all its points and runs. */
import { randomUUID } from 'node:crypto';
import type { ExperimentPlan, Session } from '@airmeta/lab';
import { appendAudit } from './audit-log.js';
import type { Queryable } from './database.js';
import { appendEvents } from './event-log.js';
import { Prisma } from './generated/client.js';
import { storableText } from './storable-text.js';

async function insertExperiment(tx: Queryable, id: string, plan: ExperimentPlan, { caller }: Session): Promise<void> {
  const { expanded, replicateSeeds, visibility = 'lab' } = plan;
  const { envelope, points } = expanded;
  const runCount = points.length * replicateSeeds.length;
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO experiments
      (id, name, description, specification, hash, replicates, point_count, run_count, open_runs, target_train_loss, owner_id, visibility)
    VALUES (
      ${id}::uuid,
      ${storableText(envelope.name)},
      ${envelope.description === undefined ? null : storableText(envelope.description)},
      ${JSON.stringify(expanded.normalized)}::json,
      ${expanded.hash},
      ${replicateSeeds.length},
      ${points.length},
      ${runCount},
      ${runCount},
      ${envelope.targetTrainLoss ?? null}::double precision,
      ${caller.member?.id ?? null}::uuid,
      ${visibility}::visibility
    )`);
}

async function insertPoints(tx: Queryable, experimentId: string, { expanded: { points }, labels }: ExperimentPlan): Promise<void> {
  const ids = points.map(() => randomUUID());
  const twins = points.map(({ twinIndex }) => (twinIndex === undefined ? null : ids[twinIndex]));
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO points (experiment_id, id, index, role, label, axes, config, hash, twin_point_id)
    SELECT ${experimentId}::uuid, point.*
    FROM unnest(
      ${ids}::uuid[],
      ${points.map((point) => point.index)}::int[],
      ${points.map((point) => point.role)}::point_role[],
      ${labels.map(storableText)}::text[],
      ${points.map((point) => JSON.stringify(point.axes))}::json[],
      ${points.map((point) => JSON.stringify(point.config))}::json[],
      ${points.map((point) => point.hash)}::text[],
      ${twins}::uuid[]
    ) AS point`);
}

/** Every point times every replicate; replicates vary fastest. */
async function insertRuns(tx: Queryable, experimentId: string, replicateSeeds: readonly number[]): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    WITH point AS MATERIALIZED ( -- reads each configuration once
      SELECT id, index, (config ->> 'rounds')::int AS rounds FROM points WHERE experiment_id = ${experimentId}::uuid
    )
    INSERT INTO runs (id, experiment_id, point_id, replicate, seed, ordinal, rounds)
    SELECT
      gen_random_uuid(),
      ${experimentId}::uuid,
      point.id,
      replicate.number - 1,
      replicate.seed,
      point.index * ${replicateSeeds.length} + replicate.number - 1,
      point.rounds
    FROM point
    CROSS JOIN unnest(${replicateSeeds}::bigint[]) WITH ORDINALITY AS replicate (seed, number)
    ORDER BY point.index, replicate.number`);
}

/** Returns the new experiment's id. `tx` must be a transaction. */
export async function createExperiment(tx: Queryable, plan: ExperimentPlan, session: Session): Promise<string> {
  const { points } = plan.expanded;
  if (plan.labels.length !== points.length) throw new RangeError(`${points.length} points need as many labels, not ${plan.labels.length}`);
  const id = randomUUID();
  await insertExperiment(tx, id, plan, session);
  await insertPoints(tx, id, plan);
  await insertRuns(tx, id, plan.replicateSeeds);
  const data = { name: plan.expanded.envelope.name, points: points.length, runs: points.length * plan.replicateSeeds.length };
  await appendEvents(tx, id, [{ type: 'experiment-created', data }]);
  await appendAudit(tx, session, { operation: 'experiments:submit', target: id, outcome: 'done' });
  return id;
}
