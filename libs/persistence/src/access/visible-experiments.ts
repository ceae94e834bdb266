/**
 * What a session may not see does not exist for it, on whatever path it asks. Every read of the store passes here: a
 * method that is added to the port does not compile until this file says how it is limited.
 */
import { reachOf, type ExperimentStore, type Session } from '@airmeta/lab';
import type { Database } from '../database/database.js';
import { Prisma } from '../generated/client.js';
import { isUuid } from '../database/identifier.js';

/** The condition on rows of `experiments` that the session's caller sees. */
export function visibleTo({ caller }: Session): Prisma.Sql {
  const reach = reachOf(caller, 'experiments:read');
  if (reach === 'always') return Prisma.sql`true`;
  if (reach !== 'visible') return Prisma.sql`false`;
  return Prisma.sql`(experiments.visibility = 'lab' OR experiments.owner_id = ${caller.member?.id ?? null}::uuid)`;
}

export function onlyVisible(database: Database, session: Session, store: ExperimentStore): ExperimentStore {
  if (reachOf(session.caller, 'experiments:read') === 'always') return store;
  const { client } = database;
  const visible = visibleTo(session);

  const sees = async (experimentId: string): Promise<boolean> => {
    if (!isUuid(experimentId)) return false;
    const rows = await client.$queryRaw<unknown[]>(Prisma.sql`
      SELECT 1 FROM experiments WHERE id = ${experimentId}::uuid AND ${visible}`);
    return rows.length > 0;
  };
  const seenRuns = async (runIds: readonly string[]): Promise<string[]> => {
    const rows = await client.$queryRaw<{ id: string }[]>(Prisma.sql`
      SELECT runs.id FROM runs JOIN experiments ON experiments.id = runs.experiment_id
      WHERE runs.id = ANY (${runIds.filter(isUuid)}::uuid[]) AND ${visible}`);
    const seen = new Set(rows.map(({ id }) => id));
    return runIds.filter((runId) => seen.has(runId.toLowerCase()));
  };

  return {
    create: (plan) => store.create(plan),
    find: async (id) => ((await sees(id)) ? store.find(id) : undefined),
    summary: async (id) => ((await sees(id)) ? store.summary(id) : undefined),
    list: (page, filter) => store.list(page, filter), // limited by its query
    points: async (id) => ((await sees(id)) ? store.points(id) : []),
    pointPage: async (id, page) => ((await sees(id)) ? store.pointPage(id, page) : { items: [], nextCursor: null }),
    runs: async (id, filter, page) => ((await sees(id)) ? store.runs(id, filter, page) : { items: [], nextCursor: null }),
    findRun: async (runId) => ((await seenRuns([runId])).length > 0 ? store.findRun(runId) : undefined),
    series: async (runIds, metrics) => store.series(await seenRuns(runIds), metrics),
    seriesSize: async (runIds, metrics) => store.seriesSize(await seenRuns(runIds), metrics),
    fineTuningSize: async (runIds) => store.fineTuningSize(await seenRuns(runIds)),
    fineTuning: async (runIds) => store.fineTuning(await seenRuns(runIds)),
    parameters: async (runId) => ((await seenRuns([runId])).length > 0 ? store.parameters(runId) : undefined),
    tradeoff: async (id, against) => ((await sees(id)) ? store.tradeoff(id, against) : undefined),
    claimRuns: async (id, score) => ((await sees(id)) ? store.claimRuns(id, score) : []),
    learningCurves: async (id, selection) => ((await sees(id)) ? store.learningCurves(id, selection) : undefined),
    arithmetics: async (id) => ((await sees(id)) ? store.arithmetics(id) : []),
    cancel: async (id) => ((await sees(id)) ? store.cancel(id) : undefined),
    pause: async (id) => ((await sees(id)) ? store.pause(id) : undefined),
    resume: async (id) => ((await sees(id)) ? store.resume(id) : undefined),
    stop: async (id) => ((await sees(id)) ? store.stop(id) : undefined),
    retryFailed: async (id, options) => ((await sees(id)) ? store.retryFailed(id, options) : undefined),
    extend: async (id, plan) => ((await sees(id)) ? store.extend(id, plan) : undefined),
    change: async (id, change) => ((await sees(id)) ? store.change(id, change) : undefined),
    deleteRun: async (runId) => (await seenRuns([runId])).length > 0 && store.deleteRun(runId),
    waitOf: async (runId) => ((await seenRuns([runId])).length > 0 ? store.waitOf(runId) : undefined),
    attempts: async (runId, most) => ((await seenRuns([runId])).length > 0 ? store.attempts(runId, most) : []),
  };
}
