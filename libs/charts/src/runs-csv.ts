/** What runs have left behind, as CSV: a line per evaluated round, or per step of a fine-tuning curve. */
import { CURVE_STATISTICS, METRIC_NAMES, type FineTuningCurve, type RunState } from '@airmeta/spec';
import type { CsvCell } from './csv-text.js';
import { pointColumns, type DescribedPoint } from './point-columns.js';
import type { MetricValues } from './run-figure.js';

/** A run as its lines need it. */
export interface CsvRun {
  readonly id: string;
  readonly pointId: string;
  readonly replicate: number;
  /** Written out, as it may be larger than numbers are exact. */
  readonly seed: string;
  readonly state: RunState;
  readonly engine: string | null;
}

export type SeriesRun = CsvRun & { readonly series: readonly MetricValues[] };
export type CurvesRun = CsvRun & { readonly fineTuning: readonly FineTuningCurve[] };

/** A table that is written run by run, so that no more than one needs to be there at once. */
export interface RunTable<Run> {
  readonly header: readonly string[];
  readonly rowsOf: (run: Run) => CsvCell[][];
}

const RUN_COLUMNS = ['run', 'state', 'replicate', 'seed', 'engine'];

type IdentifiedPoint = DescribedPoint & { readonly pointId: string };

/** @param rowsOf the cells of a run behind its own columns, line by line */
function runTable<Run extends CsvRun>(
  experimentId: string,
  points: readonly IdentifiedPoint[],
  columns: readonly string[],
  rowsOf: (run: Run) => CsvCell[][],
): RunTable<Run> {
  const ofPoints = pointColumns(experimentId, points);
  const cells = new Map(points.map((point) => [point.pointId, ofPoints.cellsOf(point)]));
  return {
    header: [...ofPoints.header, ...RUN_COLUMNS, ...columns],
    rowsOf: (run) => {
      const ofPoint = cells.get(run.pointId);
      if (!ofPoint) throw new RangeError(`runTable: run ${run.id} is of a point ${run.pointId} that is not among the experiment's`);
      const own = [...ofPoint, run.id, run.state, run.replicate, run.seed, run.engine];
      return rowsOf(run).map((row) => [...own, ...row]);
    },
  };
}

/** Every metric at every evaluated round. A run that an earlier version stored has no values of metrics that came later. */
export function seriesTable(experimentId: string, points: readonly IdentifiedPoint[]): RunTable<SeriesRun> {
  return runTable(experimentId, points, ['round', ...METRIC_NAMES], ({ series }) => {
    const byMetric = new Map(series.map(({ metric, rounds, values }) => [metric, new Map(rounds.map((round, at) => [round, values[at]]))]));
    const rounds = [...new Set(series.flatMap((metric) => metric.rounds))].sort((a, b) => a - b);
    return rounds.map((round) => [round, ...METRIC_NAMES.map((metric) => byMetric.get(metric)?.get(round) ?? null)]);
  });
}

/** Every step of every fine-tuning curve, with its distribution over tasks. */
export function fineTuningTable(experimentId: string, points: readonly IdentifiedPoint[]): RunTable<CurvesRun> {
  const columns = ['at', 'round', 'set', 'metric', 'tasks', 'step', ...CURVE_STATISTICS];
  return runTable(experimentId, points, columns, ({ fineTuning }) =>
    fineTuning.flatMap((curve) =>
      curve.mean.map((_, step) => {
        const { at, round, set, metric, tasks } = curve;
        return [at, round, set, metric, tasks, step, ...CURVE_STATISTICS.map((statistic) => curve[statistic][step])];
      }),
    ),
  );
}
