/** The trade-off of an experiment, from one small row of figures a run. */
import {
  assessTradeoff,
  FIGURES_VERSION,
  retargeted,
  TRADEOFF_FIGURES,
  tradeoffFigures,
  tuningRuleOf,
  type TradeoffFigures,
  type TradeoffInput,
  type TradeoffPoint,
  type TradeoffRun,
} from '@airmeta/lab';
import type { ComparedWith, JsonValue, Tradeoff } from '@airmeta/spec';
import type { Database, Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';
import { completeFigures, figuresWithTargets } from './run-figures.js';

interface ExperimentRow {
  readonly name: string;
  readonly replicates: number;
  readonly targetTrainLoss: number | null;
  readonly openRuns: number;
  readonly figuresVersion: number;
  readonly tune: JsonValue;
}

async function selectExperiment(client: Queryable, id: string): Promise<ExperimentRow | undefined> {
  const [row] = await client.$queryRaw<ExperimentRow[]>(Prisma.sql`
    SELECT name, replicates, target_train_loss AS "targetTrainLoss", open_runs AS "openRuns", figures_version AS "figuresVersion",
      specification -> 'tune' AS tune
    FROM experiments WHERE id = ${id}::uuid`);
  return row;
}

type PointRow = Omit<TradeoffPoint, 'open'>;

function selectPoints(client: Queryable, experimentId: string): Promise<PointRow[]> {
  return client.$queryRaw<PointRow[]>(Prisma.sql`
    SELECT id AS "pointId", index AS "pointIndex", role, label, axes, twin_point_id AS "twinPointId",
      matched_twin_point_id AS "matchedTwinPointId"
    FROM points WHERE experiment_id = ${experimentId}::uuid ORDER BY index`);
}

/** Replicates that are queued or running, by point. */
async function selectOpen(client: Queryable, experimentId: string): Promise<Map<string, readonly number[]>> {
  const rows = await client.$queryRaw<{ pointId: string; replicates: number[] }[]>(Prisma.sql`
    SELECT point_id AS "pointId", array_agg(replicate) AS replicates FROM runs
    WHERE experiment_id = ${experimentId}::uuid AND state IN ('queued', 'running') GROUP BY point_id`);
  return new Map(rows.map(({ pointId, replicates }) => [pointId, replicates]));
}

/** [run, replicate, diverged, version, figures] */
type RunCells = readonly [string, number, boolean, number, TradeoffFigures];

const SELECTED = Prisma.raw(`ARRAY[${TRADEOFF_FIGURES.map((position) => `values[${position + 1}]`).join(', ')}]`);

/** Of all runs with a result; undefined when some are of another version of the program. */
async function selectFigures(client: Queryable, experimentId: string): Promise<TradeoffRun[] | undefined> {
  // As JSON, which is parsed as a whole: an array of numbers a run is read a number at a time.
  const points = await client.$queryRaw<{ pointId: string; runs: RunCells[] }[]>(Prisma.sql`
    SELECT point_id AS "pointId", json_agg(json_build_array(run_id, replicate, diverged, version, ${SELECTED})) AS runs
    FROM run_figures WHERE experiment_id = ${experimentId}::uuid GROUP BY point_id`);
  if (points.some(({ runs }) => runs.some(([, , , version]) => version !== FIGURES_VERSION))) return undefined;
  return points.flatMap(({ pointId, runs }) =>
    runs.map(([runId, replicate, diverged, , figures]) => ({ runId, pointId, replicate, diverged, figures })),
  );
}

async function readFigures(database: Database, experimentId: string, isComplete: boolean): Promise<TradeoffRun[]> {
  const found = isComplete ? await selectFigures(database.client, experimentId) : undefined;
  if (found) return found;
  await completeFigures(database, experimentId);
  return (await selectFigures(database.client, experimentId)) ?? [];
}

async function readInput(database: Database, experimentId: string): Promise<TradeoffInput | undefined> {
  const { client } = database;
  const experiment = await selectExperiment(client, experimentId);
  if (experiment === undefined) return undefined;
  const { name, replicates, targetTrainLoss, openRuns, figuresVersion, tune } = experiment;
  const [points, open, runs] = await Promise.all([
    selectPoints(client, experimentId),
    openRuns > 0 ? selectOpen(client, experimentId) : undefined,
    readFigures(database, experimentId, figuresVersion === FIGURES_VERSION),
  ]);
  return {
    ...{ experimentId, name, replicates, targetTrainLoss, runs, tuning: tuningRuleOf(tune) },
    points: points.map((point) => ({ ...point, open: open?.get(point.pointId) ?? [] })),
  };
}

/** The input with common targets for what tuning puts side by side: each point and its tuned twin have targets of their own. */
async function withCommonTargets(client: Queryable, input: TradeoffInput): Promise<TradeoffInput> {
  const targets = retargeted(input);
  if (targets.size === 0) return input;
  const figures = await figuresWithTargets(client, targets);
  const runs = input.runs.map((run) => {
    const stored = figures.get(run.runId);
    return stored === undefined ? run : { ...run, figures: tradeoffFigures(stored) };
  });
  return { ...input, runs };
}

/** Undefined for an unknown experiment. @throws NotComparableError when the experiment has no such twins */
export async function selectTradeoff(database: Database, experimentId: string, against: ComparedWith): Promise<Tradeoff | undefined> {
  const input = await readInput(database, experimentId);
  if (input === undefined) return undefined;
  return assessTradeoff(against === 'tuned' ? await withCommonTargets(database.client, input) : input, against);
}
