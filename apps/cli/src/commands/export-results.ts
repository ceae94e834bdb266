/** `airmeta export`: everything that runs have left, as CSV or as one JSON object per run. */
import type { LabClient, RunCurves, RunSeries } from '@airmeta/client';
import { CURVE_STATISTICS, METRIC_NAMES } from '@airmeta/spec';

export interface ExportOptions {
  readonly fineTuning?: boolean;
  readonly json?: boolean;
}

const RUN_COLUMNS = ['run', 'point', 'replicate', 'seed', 'state'];
const runCells = (run: Omit<RunSeries, 'series'>) => [run.id, run.pointId, run.replicate, run.seed, run.state];
const line = (cells: readonly (string | number | null)[]) => console.log(cells.map((cell) => cell ?? '').join(','));

/** One line per run and evaluated round; with `fineTuning`, per run, curve and step. */
export async function exportResults(client: LabClient, experimentId: string, { fineTuning, json }: ExportOptions): Promise<void> {
  if (json) {
    for await (const run of fineTuning ? client.runCurves(experimentId) : client.runSeries(experimentId)) console.log(JSON.stringify(run));
    return;
  }
  if (fineTuning) {
    const columns = [...RUN_COLUMNS, 'at', 'round', 'set', 'metric', 'tasks', 'step', ...CURVE_STATISTICS];
    return printAll(columns, client.runCurves(experimentId), printCurves);
  }
  return printAll([...RUN_COLUMNS, 'round', ...METRIC_NAMES], client.runSeries(experimentId), printSeries);
}

/** With titles, once there is an answer: an experiment that is not there leaves no file that looks like an empty one. */
async function printAll<Run>(columns: readonly string[], runs: AsyncIterable<Run>, print: (run: Run) => void): Promise<void> {
  let isFirst = true;
  for await (const run of runs) {
    if (isFirst) line(columns);
    isFirst = false;
    print(run);
  }
  if (isFirst) line(columns);
}

/** A run that was stored by an earlier version has no values of metrics that came later, or not from its first round on. */
function printSeries(run: RunSeries): void {
  const byMetric = new Map(
    run.series.map(({ metric, rounds, values }) => [metric, new Map(rounds.map((round, at) => [round, values[at]]))]),
  );
  const rounds = [...new Set(run.series.flatMap((series) => series.rounds))].sort((a, b) => a - b);
  for (const round of rounds) line([...runCells(run), round, ...METRIC_NAMES.map((metric) => byMetric.get(metric)?.get(round) ?? null)]);
}

function printCurves(run: RunCurves): void {
  for (const curve of run.fineTuning) {
    curve.mean.forEach((_, step) => {
      const statistics = CURVE_STATISTICS.map((name) => curve[name][step]);
      line([...runCells(run), curve.at, curve.round, curve.set, curve.metric, curve.tasks, step, ...statistics]);
    });
  }
}
