/** Experiments as researchers see them. */
import { LAB_SESSION, type ExperimentStore, type Page, type Session } from '@airmeta/lab';
import { METRIC_NAMES } from '@airmeta/spec';
import { appendAudit } from './audit-log.js';
import { cancelExperiment } from './cancel-experiment.js';
import { createExperiment } from './create-experiment.js';
import { decodeCursor, isTime, pageOf } from './cursor.js';
import type { Database } from './database.js';
import { selectCurves } from './fine-tuning-curves.js';
import { Prisma } from './generated/client.js';
import { isUuid, UUID } from './identifier.js';
import { selectLearningCurves } from './learning-curves-query.js';
import { selectPairedBests } from './paired-bests-query.js';
import { pointOf, runOf } from './row-mapping.js';
import { selectParameters } from './run-parameters.js';
import { selectSeries } from './series-query.js';
import { selectExperiment, selectSummaries, selectSummary } from './summary-query.js';
import { selectTradeoff } from './trade-off.js';
import { visibleTo } from './visible-experiments.js';

const ORDINAL = /^\d{1,9}$/;

function olderThan({ after }: Page): Prisma.Sql {
  if (after === undefined) return Prisma.sql`true`;
  const [createdAt, id] = decodeCursor(after, [isTime, UUID]);
  return Prisma.sql`(created_at, id) < (${createdAt}::timestamptz, ${id}::uuid)`;
}

/**
 * The store of one session: what it creates is its caller's, and what it changes is logged. Only `list` is limited to what the caller
 * sees; `onlyVisible` limits the rest.
 */
export function createExperimentStore(database: Database, session: Session = LAB_SESSION): ExperimentStore {
  const { client } = database;
  return {
    create: (plan) =>
      database.transaction(async (tx) => {
        const summary = await selectSummary(tx, await createExperiment(tx, plan, session));
        if (summary === undefined) throw new Error('the experiment that was just created is not there');
        return summary;
      }),

    find: async (id) => (isUuid(id) ? selectExperiment(client, id) : undefined),

    async list(page) {
      const summaries = await selectSummaries(client, {
        where: Prisma.sql`${olderThan(page)} AND ${visibleTo(session)}`,
        limit: page.limit + 1,
      });
      return pageOf(summaries, page.limit, (summary) => [summary.createdAt.toISOString(), summary.id]);
    },

    async points(experimentId) {
      if (!isUuid(experimentId)) return [];
      return (await client.point.findMany({ where: { experimentId }, orderBy: { index: 'asc' } })).map(pointOf);
    },

    async runs(experimentId, { pointId, state }, { limit, after }) {
      const ordinal = after === undefined ? {} : { ordinal: { gt: Number(decodeCursor(after, [ORDINAL])[0]) } };
      if (!isUuid(experimentId) || (pointId !== undefined && !isUuid(pointId))) return { items: [], nextCursor: null };
      const rows = await client.run.findMany({
        where: { experimentId, ...(pointId === undefined ? {} : { pointId }), ...(state === undefined ? {} : { state }), ...ordinal },
        orderBy: { ordinal: 'asc' },
        take: limit + 1,
      });
      const { items, nextCursor } = pageOf(rows, limit, (row) => [String(row.ordinal)]);
      return { items: items.map(runOf), nextCursor };
    },

    async findRun(runId) {
      const row = isUuid(runId) ? await client.run.findUnique({ where: { id: runId } }) : null;
      return row === null ? undefined : runOf(row);
    },

    series: (runIds, metrics = METRIC_NAMES) => selectSeries(client, runIds, metrics),

    fineTuning: (runIds) => selectCurves(client, runIds),

    parameters: async (runId) => (isUuid(runId) ? selectParameters(client, runId) : undefined),

    pairedBests: async (experimentId, budget) => (isUuid(experimentId) ? selectPairedBests(client, experimentId, budget) : []),

    learningCurves: async (experimentId, selection) =>
      isUuid(experimentId) ? selectLearningCurves(client, experimentId, selection) : undefined,

    tradeoff: async (experimentId) => (isUuid(experimentId) ? selectTradeoff(client, experimentId) : undefined),

    cancel: async (id) => (isUuid(id) && (await cancelExperiment(database, id, session)) ? selectSummary(client, id) : undefined),

    async setVisibility(id, visibility) {
      if (!isUuid(id)) return undefined;
      return database.transaction(async (tx) => {
        const changed = await tx.$executeRaw(Prisma.sql`
          UPDATE experiments SET visibility = ${visibility}::visibility WHERE id = ${id}::uuid`);
        if (changed === 0) return undefined;
        await appendAudit(tx, session, { operation: 'experiments:set-visibility', target: `${id} to ${visibility}`, outcome: 'done' });
        return selectSummary(tx, id);
      });
    },
  };
}
