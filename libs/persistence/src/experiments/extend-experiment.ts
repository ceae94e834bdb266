/** More replicates, rounds or values: what is there goes on, what is new is queued. */
import { ControlConflictError, dataChange, type ExtensionPlan, type Session } from '@airmeta/lab';
import { appendAudit } from '../access/audit-log.js';
import { addressNow } from '../bookkeeping/computation.js';
import { countUp } from '../bookkeeping/count-down.js';
import type { Database, Queryable } from '../database/database.js';
import { appendEvents } from '../bookkeeping/event-log.js';
import { lockExperiment } from '../bookkeeping/experiment-lock.js';
import { Prisma } from '../generated/client.js';
import { insertRuns } from './insert-runs.js';
import { insertPoints } from './points.js';
import { ordinalOf, placesInPass } from './run-order.js';
import { forgetFigures } from '../results/run-figures.js';
import { forgetKept } from '../results/run-parameters.js';
import { detachResults, lockSharing, shareResults } from '../bookkeeping/share-results.js';

interface PointRow {
  readonly id: string;
  readonly index: number;
  readonly hash: string;
  readonly dataFingerprint: string | null;
}

/** A point whose runs get more rounds. */
interface LongerPoint {
  readonly pointId: string;
  readonly continues: boolean;
}

/** Moves indices and ordinals out of the way, as the new ones may be those of others. */
async function makeRoom(tx: Queryable, id: string): Promise<void> {
  await tx.$executeRaw(Prisma.sql`UPDATE points SET index = -1 - index WHERE experiment_id = ${id}::uuid`);
  await tx.$executeRaw(Prisma.sql`UPDATE runs SET ordinal = -1 - ordinal WHERE experiment_id = ${id}::uuid`);
}

/**
 * Queues the runs of longer points again that have ended with a result, and those under way whose first rounds would be others now. They go on
 * from their checkpoint where they can. Returns how many of them had ended.
 */
async function goOn(tx: Queryable, id: string, longer: readonly LongerPoint[]): Promise<number> {
  if (longer.length === 0) return 0;
  const points = longer.map(({ pointId }) => pointId);
  const restarted = longer.filter(({ continues }) => !continues).map(({ pointId }) => pointId);
  // A run that diverged would diverge again, unless its steps are others now.
  const ended = Prisma.sql`(state = 'completed' OR (state = 'diverged' AND point_id = ANY (${restarted}::uuid[])))`;
  const runs = await tx.$queryRaw<{ id: string; ended: boolean }[]>(Prisma.sql`
    SELECT id, state <> 'running' AS ended FROM runs
    WHERE experiment_id = ${id}::uuid AND point_id = ANY (${points}::uuid[])
      AND (${ended} OR (state = 'running' AND point_id = ANY (${restarted}::uuid[])))`);
  const runIds = runs.map((run) => run.id);
  await detachResults(tx, runIds, true);
  await forgetKept(tx, id, runIds);
  await tx.$executeRaw(Prisma.sql`
    DELETE FROM checkpoints USING runs WHERE runs.id = checkpoints.run_id AND runs.point_id = ANY (${restarted}::uuid[])`);
  await tx.$executeRaw(Prisma.sql`
    UPDATE runs
    SET
      state = 'queued', losses = 0, not_before = NULL, failure = NULL, admitted_at = NULL, worker_id = NULL, lease_expires_at = NULL, finished_at = NULL,
      round = coalesce((SELECT round FROM checkpoints WHERE run_id = runs.id), 0)
    WHERE id = ANY (${runIds}::uuid[])`);
  return runs.filter((run) => run.ended).length;
}

/** Gives runs the order, length and content address that their points have now. */
async function renumber(tx: Queryable, id: string): Promise<void> {
  await tx.$executeRaw(Prisma.sql`
    WITH pass AS MATERIALIZED (${placesInPass(id)})
    UPDATE runs
    SET
      ordinal = ${ordinalOf(Prisma.sql`pass`, Prisma.sql`runs.replicate`)},
      rounds = CASE WHEN runs.state = 'diverged' THEN runs.rounds ELSE (points.config ->> 'rounds')::int END,
      ${addressNow(id)}
    FROM points JOIN pass ON pass.id = points.id
    WHERE runs.experiment_id = ${id}::uuid AND points.id = runs.point_id`);
}

/** False for an unknown experiment. @throws ControlConflictError when its specification is not the one that was extended, or its data are others now */
export async function extendExperiment(database: Database, id: string, plan: ExtensionPlan, session: Session): Promise<boolean> {
  const { experiment, origins, replicateSeeds } = plan;
  const hashes = experiment.points.flatMap((pack) => pack.hashes);
  const datasets = experiment.points.flatMap((pack) => pack.datasets);
  return database.transaction(async (tx) => {
    await lockSharing(tx);
    const locked = await lockExperiment(tx, id);
    if (locked === undefined) return false;
    const [before] = await tx.$queryRaw<{ hash: string }[]>(Prisma.sql`SELECT hash FROM experiments WHERE id = ${id}::uuid`);
    if (before.hash !== plan.extendedHash)
      throw new ControlConflictError('the experiment was extended by somebody else meanwhile: look at it and try again');
    if (locked.ending !== null) throw new ControlConflictError('the experiment was stopped or cancelled: resume it before it is extended');

    const rows = await tx.$queryRaw<PointRow[]>(Prisma.sql`
      SELECT id, index, hash, data_fingerprint AS "dataFingerprint" FROM points WHERE experiment_id = ${id}::uuid`);
    const byIndex = new Map(rows.map((row) => [row.index, row]));
    const known = new Map<number, string>();
    const longer: LongerPoint[] = [];
    for (const [index, origin] of origins.entries()) {
      const row = origin ? byIndex.get(origin.index) : undefined;
      if (!origin || !row) continue;
      const change = dataChange(datasets[index], row.dataFingerprint, plan.dataFingerprints[index]);
      if (change !== null) throw new ControlConflictError(change);
      known.set(index, row.id);
      if (row.hash !== hashes[index]) longer.push({ pointId: row.id, continues: origin.continues });
    }
    if (known.size !== rows.length) throw new Error(`an extension of ${id} leaves out ${rows.length - known.size} of its points`);

    await makeRoom(tx, id);
    await insertPoints(tx, id, plan, known);
    const again = await goOn(tx, id, longer);
    await renumber(tx, id);
    const anew = await insertRuns(tx, id, { replicateSeeds, forced: false });
    await forgetFigures(tx, id); // twins, targets and planned rounds may be others now
    await tx.$executeRaw(Prisma.sql`
      UPDATE experiments
      SET
        specification = ${experiment.specification}::json,
        hash = ${experiment.hash},
        replicates = ${replicateSeeds.length},
        point_count = ${experiment.pointCount},
        run_count = ${experiment.pointCount * replicateSeeds.length}
      WHERE id = ${id}::uuid`);
    await countUp(tx, id, again + anew);
    const data = { points: experiment.pointCount, replicates: replicateSeeds.length, runs: again + anew };
    await appendEvents(tx, id, [{ type: 'experiment-extended', data }, ...(await shareResults(tx, id))]);
    await appendAudit(tx, session, { operation: 'experiments:extend', target: id, outcome: 'done' });
    return true;
  });
}
