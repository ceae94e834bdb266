/**
 * The trade-off of an experiment, from one small row of figures a run. What is computed from all of its runs is kept for as long as nothing
 * has happened to the experiment: every change of a run has an event, and figures that are due are told by their version.
 */
import {
  compareExperiment,
  FIGURES_VERSION,
  retargeted,
  tradeoffFigures,
  tuningRuleOf,
  type ComparedExperiment,
  type TradeoffInput,
  type TradeoffPoint,
} from '@airmeta/lab';
import type { ComparedWith, JsonValue } from '@airmeta/spec';
import { LRUCache } from 'lru-cache';
import type { Database, Queryable } from '../database/database.js';
import type { InTurn } from '../database/in-turn.js';
import { Prisma } from '../generated/client.js';
import { selectPackedFigures } from './packed-figures.js';
import { completeFigures, figuresWithTargets } from './run-figures.js';

interface ExperimentRow {
  readonly name: string;
  readonly replicates: number;
  readonly targetTrainLoss: number | null;
  readonly openRuns: number;
  readonly figuresVersion: number;
  /** Number of its latest event. */
  readonly events: number;
  readonly tune: JsonValue;
}

async function selectExperiment(client: Queryable, id: string): Promise<ExperimentRow | undefined> {
  const [row] = await client.$queryRaw<ExperimentRow[]>(Prisma.sql`
    SELECT name, replicates, target_train_loss AS "targetTrainLoss", open_runs AS "openRuns", figures_version AS "figuresVersion",
      event_sequence AS events, specification -> 'tune' AS tune
    FROM experiments WHERE id = ${id}::uuid`);
  return row;
}

type PointRow = Omit<TradeoffPoint, 'open'>;

/** [id, index, role, label, axes, twin, matched twin] */
type PointCells = readonly [string, number, PointRow['role'], string, PointRow['axes'], string | null, string | null];

/** Points of one JSON text, which is parsed in one go. */
const POINTS_OF_A_TEXT = 1_000;

async function selectPoints(client: Queryable, experimentId: string): Promise<PointRow[]> {
  const points: PointRow[] = [];
  for (let from = 0; ; from += POINTS_OF_A_TEXT) {
    const [{ cells }] = await client.$queryRaw<{ cells: readonly PointCells[] | null }[]>(Prisma.sql`
      SELECT json_agg(json_build_array(id, index, role, label, axes, twin_point_id, matched_twin_point_id) ORDER BY index) AS cells
      FROM points WHERE experiment_id = ${experimentId}::uuid AND index >= ${from} AND index < ${from + POINTS_OF_A_TEXT}`);
    for (const [pointId, pointIndex, role, label, axes, twinPointId, matchedTwinPointId] of cells ?? [])
      points.push({ pointId, pointIndex, role, label, axes, twinPointId, matchedTwinPointId });
    if ((cells?.length ?? 0) < POINTS_OF_A_TEXT) return points;
  }
}

/** Replicates that are queued or running, by point. */
async function selectOpen(client: Queryable, experimentId: string): Promise<Map<string, readonly number[]>> {
  const [{ cells }] = await client.$queryRaw<{ cells: readonly (readonly [string, readonly number[]])[] | null }[]>(Prisma.sql`
    SELECT json_agg(json_build_array(point_id, replicates)) AS cells FROM (
      SELECT point_id, array_agg(replicate) AS replicates FROM runs
      WHERE experiment_id = ${experimentId}::uuid AND state IN ('queued', 'running') GROUP BY point_id
    ) AS open`);
  return new Map(cells);
}

async function readInput(client: Queryable, experimentId: string, experiment: ExperimentRow): Promise<TradeoffInput> {
  const { name, replicates, targetTrainLoss, openRuns, tune } = experiment;
  const [points, open, packed] = await Promise.all([
    selectPoints(client, experimentId),
    openRuns > 0 ? selectOpen(client, experimentId) : undefined,
    selectPackedFigures(client, experimentId),
  ]);
  const runs = packed.flatMap(({ pointIndex, replicate, diverged, figures }) => {
    const pointId = points.at(pointIndex)?.pointId; // none: of a point that was added after the others were read
    return pointId === undefined ? [] : [{ pointId, replicate, diverged, figures }];
  });
  return {
    ...{ experimentId, name, replicates, targetTrainLoss, runs, tuning: tuningRuleOf(tune) },
    points: points.map((point) => ({ ...point, open: open?.get(point.pointId) ?? [] })),
  };
}

const runKey = (pointId: string, replicate: number) => `${pointId} ${replicate}`;

/** The input with common targets for what tuning puts side by side: each point and its tuned twin have targets of their own. */
async function withCommonTargets(client: Queryable, input: TradeoffInput): Promise<TradeoffInput> {
  const targets = retargeted(input);
  if (targets.length === 0) return input;
  const figures = new Map(
    (await figuresWithTargets(client, targets)).map(({ pointId, replicate, figures: stored }) => [runKey(pointId, replicate), stored]),
  );
  const runs = input.runs.map((run) => {
    const stored = figures.get(runKey(run.pointId, run.replicate));
    return stored === undefined ? run : { ...run, figures: tradeoffFigures(stored) };
  });
  return { ...input, runs };
}

/** Points and runs of the experiments that are kept: 10,000 of either are about 5 MB. */
const MOST_KEPT = 150_000;

/** What is known of an experiment as of a version. */
interface Kept {
  readonly version: string;
  readonly weight: number;
  readonly input: Promise<TradeoffInput>;
  readonly compared: Map<ComparedWith, Promise<ComparedExperiment>>;
}

/** Reads trade-offs, each experiment once for all who ask as long as it is what it was. */
export function createTradeoffs(database: Database, inTurn: InTurn) {
  const { client } = database;
  const kept = new LRUCache<string, Kept>({ maxSize: MOST_KEPT, sizeCalculation: ({ weight }) => weight });

  const keep = (experimentId: string, version: string, experiment: ExperimentRow): Kept => {
    const input = inTurn(() => readInput(client, experimentId, experiment));
    const entry: Kept = { version, weight: 1, input, compared: new Map() };
    kept.set(experimentId, entry);
    input.then(
      ({ points, runs }) => {
        // The weight is known now; an experiment that is larger than all that may be kept is not.
        if (kept.peek(experimentId) === entry) kept.set(experimentId, { ...entry, weight: 1 + points.length + runs.length });
      },
      () => {
        if (kept.peek(experimentId)?.input === input) kept.delete(experimentId);
      },
    );
    return entry;
  };

  const compare = async ({ input }: Kept, against: ComparedWith): Promise<ComparedExperiment> => {
    const of = await input;
    return compareExperiment(against === 'tuned' ? await inTurn(() => withCommonTargets(client, of)) : of, against);
  };

  /** Undefined for an unknown experiment. @throws NotComparableError when the experiment has no such twins */
  return async (experimentId: string, against: ComparedWith): Promise<ComparedExperiment | undefined> => {
    let experiment = await selectExperiment(client, experimentId);
    if (experiment !== undefined && experiment.figuresVersion !== FIGURES_VERSION) {
      await inTurn(() => completeFigures(database, experimentId));
      experiment = await selectExperiment(client, experimentId);
    }
    if (experiment === undefined) return undefined;
    const version = `${experiment.events} ${experiment.figuresVersion}`;
    const known = kept.get(experimentId);
    const entry = known?.version === version ? known : keep(experimentId, version, experiment);
    const compared = entry.compared.get(against) ?? compare(entry, against);
    entry.compared.set(against, compared);
    compared.catch(() => entry.compared.delete(against));
    return compared;
  };
}
