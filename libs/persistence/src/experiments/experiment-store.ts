/** Experiments as researchers see them. */
import {
  LAB_SESSION,
  WORKER_TIMEOUT_MS,
  type ExperimentFilter,
  type ExperimentStore,
  type ExperimentSummary,
  type Page,
  type Session,
} from '@airmeta/lab';
import { METRIC_NAMES } from '@airmeta/spec';
import { selectArithmetics } from '../results/arithmetics-query.js';
import { selectAttempts } from '../results/attempts-query.js';
import { changeExperiment } from './change-experiment.js';
import { cancelExperiment, pauseExperiment, resumeExperiment, retryFailedRuns, stopExperiment } from './control-experiment.js';
import { createExperiment, refreshStatistics } from './create-experiment.js';
import { decodeCursor, isTime, pageOf } from '../database/cursor.js';
import type { Database } from '../database/database.js';
import { deleteRun } from './delete-run.js';
import type { ExperimentReads } from './experiment-reads.js';
import { extendExperiment } from './extend-experiment.js';
import { countCurveNumbers, selectCurves } from '../results/fine-tuning-curves.js';
import { Prisma } from '../generated/client.js';
import { isUuid, UUID } from '../database/identifier.js';
import { storableText } from '../database/storable-text.js';
import { pointOf, runOf, WITH_DATA } from '../results/row-mapping.js';
import { selectParameters } from '../results/run-parameters.js';
import { countSeriesNumbers, selectSeries } from '../results/series-query.js';
import { selectSummary } from '../results/summary-query.js';
import { visibleTo } from '../access/visible-experiments.js';
import { selectWait } from '../runs/wait-query.js';

const ORDINAL = /^\d{1,9}$/;

function olderThan({ after }: Page): Prisma.Sql {
  if (after === undefined) return Prisma.sql`true`;
  const [createdAt, id] = decodeCursor(after, [isTime, UUID]);
  return Prisma.sql`(created_at, id) < (${createdAt}::timestamptz, ${id}::uuid)`;
}

/** Shorter beginnings of an id are names only: a word such as `bed` is not meant as hexadecimal digits. */
const ID_PREFIX = /^[0-9a-f]{4}[0-9a-f-]{0,32}$/i;

function isMeantBy(reference: string): Prisma.Sql {
  const named = Prisma.sql`name = ${storableText(reference)}`;
  return ID_PREFIX.test(reference) ? Prisma.sql`(${named} OR starts_with(id::text, ${reference.toLowerCase()}))` : named;
}

function passes({ archive = 'current', tag, reference }: ExperimentFilter): Prisma.Sql {
  const shown = { current: Prisma.sql`archived_at IS NULL`, archived: Prisma.sql`archived_at IS NOT NULL`, all: Prisma.sql`true` }[archive];
  const tagged = tag === undefined ? Prisma.empty : Prisma.sql`AND tags @> ARRAY[${tag}]`;
  return Prisma.sql`${shown} ${tagged} ${reference === undefined ? Prisma.empty : Prisma.sql`AND ${isMeantBy(reference)}`}`;
}

/**
 * The store of one session: what it creates is its caller's, and what it changes is logged. Only `list` is limited to what the caller
 * sees; `onlyVisible` limits the rest.
 */
export function createExperimentStore(database: Database, reads: ExperimentReads, session: Session = LAB_SESSION): ExperimentStore {
  const { client } = database;
  /** Does something to an experiment, if there is one of this id, and gives what it is then. */
  const then = async (id: string, work: () => Promise<boolean>): Promise<ExperimentSummary | undefined> =>
    isUuid(id) && (await work()) ? selectSummary(client, id) : undefined;

  return {
    async create(plan) {
      const created = await database.transaction(async (tx) => {
        const { id, replayed } = await createExperiment(tx, plan, session);
        const summary = await selectSummary(tx, id);
        if (summary === undefined) throw new Error('the experiment that was just created is not there');
        return { summary, replayed };
      });
      if (!created.replayed) await refreshStatistics(database, created.summary.runCount);
      return created;
    },

    find: async (id) => (isUuid(id) ? reads.find(id) : undefined),

    summary: async (id) => (isUuid(id) ? reads.summary(id) : undefined),

    async list(page, filter = {}) {
      const summaries = await reads.summaries({
        where: Prisma.sql`${olderThan(page)} AND ${visibleTo(session)} AND ${passes(filter)}`,
        limit: page.limit + 1,
      });
      return pageOf(summaries, page.limit, (summary) => [summary.createdAt.toISOString(), summary.id]);
    },

    async points(experimentId) {
      if (!isUuid(experimentId)) return [];
      return (await client.point.findMany({ where: { experimentId }, orderBy: { index: 'asc' } })).map(pointOf);
    },

    async pointPage(experimentId, { limit, after }) {
      const index = after === undefined ? {} : { index: { gt: Number(decodeCursor(after, [ORDINAL])[0]) } };
      if (!isUuid(experimentId)) return { items: [], nextCursor: null };
      const rows = await client.point.findMany({ where: { experimentId, ...index }, orderBy: { index: 'asc' }, take: limit + 1 });
      const { items, nextCursor } = pageOf(rows, limit, (row) => [String(row.index)]);
      return { items: items.map(pointOf), nextCursor };
    },

    async runs(experimentId, { pointId, state }, { limit, after }) {
      const ordinal = after === undefined ? {} : { ordinal: { gt: Number(decodeCursor(after, [ORDINAL])[0]) } };
      if (!isUuid(experimentId) || (pointId !== undefined && !isUuid(pointId))) return { items: [], nextCursor: null };
      const rows = await client.run.findMany({
        where: { experimentId, ...(pointId === undefined ? {} : { pointId }), ...(state === undefined ? {} : { state }), ...ordinal },
        orderBy: { ordinal: 'asc' },
        take: limit + 1,
        include: WITH_DATA,
      });
      const { items, nextCursor } = pageOf(rows, limit, (row) => [String(row.ordinal)]);
      return { items: items.map(runOf), nextCursor };
    },

    async findRun(runId) {
      const row = isUuid(runId) ? await client.run.findUnique({ where: { id: runId }, include: WITH_DATA }) : null;
      return row === null ? undefined : runOf(row);
    },

    series: (runIds, metrics = METRIC_NAMES) => selectSeries(client, runIds, metrics),

    seriesSize: (runIds, metrics = METRIC_NAMES) => countSeriesNumbers(client, runIds, metrics),

    fineTuningSize: (runIds) => countCurveNumbers(client, runIds),

    fineTuning: (runIds) => selectCurves(client, runIds),

    parameters: async (runId) => (isUuid(runId) ? selectParameters(client, runId) : undefined),

    claimRuns: async (experimentId, score) => (isUuid(experimentId) ? reads.claimRuns(experimentId, score) : []),

    learningCurves: async (experimentId, selection) => (isUuid(experimentId) ? reads.learningCurves(experimentId, selection) : undefined),

    tradeoff: async (experimentId, against = 'ideal') => (isUuid(experimentId) ? reads.tradeoff(experimentId, against) : undefined),

    arithmetics: async (experimentId) => (isUuid(experimentId) ? selectArithmetics(client, experimentId) : []),

    cancel: (id) => then(id, () => cancelExperiment(database, id, session)),
    pause: (id) => then(id, () => pauseExperiment(database, id, session)),
    resume: (id) => then(id, () => resumeExperiment(database, id, session)),
    stop: (id) => then(id, () => stopExperiment(database, id, session)),
    retryFailed: (id, { force }) => then(id, () => retryFailedRuns(database, id, session, force)),
    extend: (id, plan) => then(id, () => extendExperiment(database, id, plan, session)),
    change: (id, change) => then(id, () => changeExperiment(database, id, change, session)),

    deleteRun: async (runId) => isUuid(runId) && deleteRun(database, runId, session),

    async waitOf(runId) {
      const row = isUuid(runId) ? await client.run.findUnique({ where: { id: runId }, include: WITH_DATA }) : null;
      return row === null ? undefined : selectWait(client, runOf(row), WORKER_TIMEOUT_MS);
    },

    attempts: async (runId, most) => (isUuid(runId) ? selectAttempts(client, runId, most) : []),
  };
}
