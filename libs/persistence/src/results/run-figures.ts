/**
 * The figures of runs that have ended with a result: computed in the transaction that ends a run, or before somebody reads them. Those of an
 * experiment are complete when its `figures_version` is that of this program; whoever takes figures away, or gives a run a result without
 * figures, sets it to 0. Its row is the lock under which figures change, as it is of the runs' states.
 *
 * Figures depend on the target, and so on the ideal twin of the same replicate: they are forgotten when the twin ends, and computed again.
 */
import {
  FIGURE_METRICS,
  finishedRun,
  FIGURES_VERSION,
  figurePosition,
  storedFigures,
  type MetricSeries,
  type Retargeted,
} from '@airmeta/lab';
import { resultsOf } from '../bookkeeping/computation.js';
import { lockExperiment } from '../bookkeeping/experiment-lock.js';
import type { Database, Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';

/** Runs whose figures are computed in one transaction. */
const BATCH = 500;

/** A run without figures, or with those of another version. */
interface DueRun {
  readonly id: string;
  readonly resultsId: string;
  readonly state: 'completed' | 'diverged';
  readonly plannedRounds: number;
  /** Of the specification, or of the twin's own decrease. */
  readonly target: number | null;
  /** Whether it is its own twin and sets its own target. */
  readonly aimsItself: boolean;
  /** Whether its twin has a result whose figures are not there yet: its target is not known then. */
  readonly twinIsDue: boolean;
}

interface SeriesRow extends MetricSeries {
  readonly runId: string;
}

const OWN_TARGET = figurePosition('ownTarget') + 1;

/** The runs that a condition on `runs` and `points` picks, with their targets. */
function selectRuns(tx: Queryable, which: Prisma.Sql): Promise<DueRun[]> {
  return tx.$queryRaw<DueRun[]>(Prisma.sql`
    SELECT
      runs.id,
      ${resultsOf(Prisma.sql`runs`)} AS "resultsId",
      runs.state,
      runs.rounds AS "plannedRounds",
      coalesce(experiments.target_train_loss, (
        SELECT twin_figures.values[${OWN_TARGET}::int]
        FROM runs AS twin JOIN run_figures AS twin_figures ON twin_figures.run_id = twin.id AND twin_figures.version = ${FIGURES_VERSION}
        WHERE twin.point_id = points.twin_point_id AND twin.replicate = runs.replicate AND twin.state = 'completed'
      )) AS target,
      experiments.target_train_loss IS NULL AND points.id = points.twin_point_id AS "aimsItself",
      experiments.target_train_loss IS NULL AND points.id <> points.twin_point_id AND EXISTS (
        SELECT 1 FROM runs AS twin
        WHERE twin.point_id = points.twin_point_id AND twin.replicate = runs.replicate AND twin.state = 'completed'
          AND NOT EXISTS (SELECT 1 FROM run_figures AS known WHERE known.run_id = twin.id AND known.version = ${FIGURES_VERSION})
      ) AS "twinIsDue"
    FROM runs
    JOIN points ON points.id = runs.point_id
    JOIN experiments ON experiments.id = runs.experiment_id
    WHERE ${which}`);
}

async function selectSeries(tx: Queryable, resultsIds: readonly string[]): Promise<Map<string, MetricSeries[]>> {
  const rows = await tx.$queryRaw<SeriesRow[]>(Prisma.sql`
    SELECT run_id AS "runId", metric, rounds, to_json(values) AS values FROM series
    WHERE run_id = ANY (${resultsIds}::uuid[]) AND metric = ANY (${[...FIGURE_METRICS]}::text[])`);
  const byRun = new Map<string, MetricSeries[]>();
  for (const row of rows) {
    const known = byRun.get(row.runId);
    if (known) known.push(row);
    else byRun.set(row.runId, [row]);
  }
  return byRun;
}

function figuresOf({ state, plannedRounds, target, aimsItself }: DueRun, series: readonly MetricSeries[]): (number | null)[] {
  const figures = storedFigures(finishedRun({ state, plannedRounds, target }, series));
  const own = figures[OWN_TARGET - 1];
  return aimsItself && own !== target ? storedFigures(finishedRun({ state, plannedRounds, target: own }, series)) : figures;
}

/** An array literal: numbers as they are, with NULLs. */
const literal = (values: readonly (number | null)[]) => `{${values.map((value) => value ?? 'NULL').join(',')}}`;

/** Computes and stores the figures of runs; their experiment must be locked. */
async function store(tx: Queryable, runs: readonly DueRun[]): Promise<void> {
  const series = await selectSeries(
    tx,
    runs.map(({ resultsId }) => resultsId),
  );
  const literals = runs.map((run) => literal(figuresOf(run, series.get(run.resultsId) ?? [])));
  await tx.$executeRaw(Prisma.sql`
    INSERT INTO run_figures (run_id, experiment_id, point_id, replicate, diverged, version, values)
    SELECT runs.id, runs.experiment_id, runs.point_id, runs.replicate, runs.state = 'diverged', ${FIGURES_VERSION}, figured.literal::double precision[]
    FROM unnest(${runs.map(({ id }) => id)}::uuid[], ${literals}::text[]) AS figured (run_id, literal)
    JOIN runs ON runs.id = figured.run_id
    ON CONFLICT (run_id) DO UPDATE SET diverged = excluded.diverged, version = excluded.version, values = excluded.values`);
}

/**
 * Forgets the figures of the runs whose target is that of the given ones, their ideal twins; of runs that are nobody's twin, nothing. The
 * experiment must be locked. Returns whether there were any.
 */
export async function forgetAimedAt(tx: Queryable, experimentId: string, twins: readonly string[]): Promise<boolean> {
  const forgotten = await tx.$executeRaw(Prisma.sql`
    DELETE FROM run_figures
    USING runs AS twin, points, experiments
    WHERE twin.id = ANY (${twins}::uuid[]) AND points.twin_point_id = twin.point_id AND points.id <> twin.point_id
      AND points.experiment_id = ${experimentId}::uuid AND experiments.id = ${experimentId}::uuid AND experiments.target_train_loss IS NULL
      AND run_figures.experiment_id = ${experimentId}::uuid AND run_figures.point_id = points.id AND run_figures.replicate = twin.replicate`);
  if (forgotten > 0) await figuresAreDue(tx, experimentId);
  return forgotten > 0;
}

/** Forgets the figures of all runs of an experiment, which must be locked. */
export async function forgetFigures(tx: Queryable, experimentId: string): Promise<void> {
  await tx.$executeRaw(Prisma.sql`DELETE FROM run_figures WHERE experiment_id = ${experimentId}::uuid`);
  await figuresAreDue(tx, experimentId);
}

/** Says that there are runs of the experiment, which must be locked, that have a result and no figures. */
export async function figuresAreDue(tx: Queryable, experimentId: string): Promise<void> {
  await tx.$executeRaw(Prisma.sql`UPDATE experiments SET figures_version = 0 WHERE id = ${experimentId}::uuid AND figures_version <> 0`);
}

/**
 * Stores the figures of a run that has just ended with a result; its experiment must be locked. Where the figures of its twin were forgotten, or
 * are of another version, its own are due after those. Returns whether figures are due now.
 */
export async function storeFigures(tx: Queryable, runId: string): Promise<{ readonly experimentId: string; readonly due: boolean }> {
  const runs = await selectRuns(tx, Prisma.sql`runs.id = ${runId}::uuid`);
  const [{ experimentId }] = await tx.$queryRaw<{ experimentId: string }[]>(Prisma.sql`
    SELECT experiment_id AS "experimentId" FROM runs WHERE id = ${runId}::uuid`);
  if (runs.some(({ twinIsDue }) => twinIsDue)) {
    await figuresAreDue(tx, experimentId);
    return { experimentId, due: true };
  }
  await store(tx, runs);
  return { experimentId, due: await forgetAimedAt(tx, experimentId, [runId]) };
}

const DUE = Prisma.sql`runs.state IN ('completed', 'diverged')
  AND NOT EXISTS (SELECT 1 FROM run_figures AS known WHERE known.run_id = runs.id AND known.version = ${FIGURES_VERSION})`;

/** One batch: the ideal twins first, as others' targets are theirs. Returns whether all is done. */
async function storeBatch(tx: Queryable, experimentId: string): Promise<boolean> {
  if (!(await lockExperiment(tx, experimentId))) return true;
  const due = (which: Prisma.Sql) =>
    selectRuns(tx, Prisma.sql`runs.experiment_id = ${experimentId}::uuid AND ${DUE} AND ${which} ORDER BY runs.ordinal LIMIT ${BATCH}`);
  const twins = await due(Prisma.sql`points.id = points.twin_point_id`);
  const runs = twins.length > 0 ? twins : await due(Prisma.sql`points.id IS DISTINCT FROM points.twin_point_id`);
  if (runs.length > 0) await store(tx, runs);
  if (twins.length > 0 || runs.length === BATCH) return false;
  await tx.$executeRaw(Prisma.sql`UPDATE experiments SET figures_version = ${FIGURES_VERSION} WHERE id = ${experimentId}::uuid`);
  return true;
}

/** Computes the figures that an experiment lacks, a batch at a time: runs may end in between, and bring their own. */
export async function completeFigures(database: Database, experimentId: string): Promise<void> {
  for (;;) if (await database.transaction((tx) => storeBatch(tx, experimentId))) return;
}

/** The figures of a run, by its place in the experiment. */
export interface PlacedFigures {
  readonly pointId: string;
  readonly replicate: number;
  readonly figures: readonly (number | null)[];
}

/** The same of runs' figures with other targets, not to be stored: for runs that are compared with another point's twin. */
export async function figuresWithTargets(client: Queryable, targets: readonly Retargeted[]): Promise<PlacedFigures[]> {
  const figured: PlacedFigures[] = [];
  for (let from = 0; from < targets.length; from += BATCH) figured.push(...(await withTargets(client, targets.slice(from, from + BATCH))));
  return figured;
}

async function withTargets(client: Queryable, targets: readonly Retargeted[]): Promise<PlacedFigures[]> {
  const [pointIds, replicates] = [targets.map(({ pointId }) => pointId), targets.map(({ replicate }) => replicate)];
  const runs = await client.$queryRaw<(Pick<DueRun, 'state' | 'plannedRounds' | 'resultsId'> & { readonly at: number })[]>(Prisma.sql`
    SELECT asked.at::int - 1 AS at, ${resultsOf(Prisma.sql`runs`)} AS "resultsId", runs.state, runs.rounds AS "plannedRounds"
    FROM unnest(${pointIds}::uuid[], ${replicates}::int[]) WITH ORDINALITY AS asked (point_id, replicate, at)
    JOIN runs ON runs.point_id = asked.point_id AND runs.replicate = asked.replicate`);
  const series = await selectSeries(
    client,
    runs.map(({ resultsId }) => resultsId),
  );
  return runs.map(({ at, state, plannedRounds, resultsId }) => {
    const { pointId, replicate, target } = targets[at];
    return { pointId, replicate, figures: storedFigures(finishedRun({ state, plannedRounds, target }, series.get(resultsId) ?? [])) };
  });
}
