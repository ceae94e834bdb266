/** `airmeta run`: simulates a specification here, without server or database. */
import { availableParallelism } from 'node:os';
import { ThreadInspector, ThreadSimulator } from '@airmeta/compute';
import { checkExperiment, pointLabel, replicateSeed, tHalfWidth } from '@airmeta/lab';
import { METRIC_NAMES, readSpecificationText, type EvaluationRecord, type ExpandedExperiment, type MetricName, type SimulationOutcome } from '@airmeta/spec';
import { EXIT, UsageError, type ExitCode } from '../exit.js';
import { readText } from '../files.js';
import { Progress } from '../progress.js';
import { renderTable } from '../table.js';

export interface RunLocallyOptions {
  readonly json?: boolean;
  readonly threads?: number;
  readonly datasetsDirectory: string;
  readonly datasets: ReadonlyMap<string, string>;
}

interface LocalRun {
  readonly pointIndex: number;
  readonly replicate: number;
  readonly seed: number;
  readonly records: EvaluationRecord[];
  round: number;
  engine?: string;
  outcome?: SimulationOutcome;
}

export async function runLocally(path: string, options: RunLocallyOptions): Promise<ExitCode> {
  const setup = { datasetsDirectory: options.datasetsDirectory, datasets: options.datasets };
  const inspector = new ThreadInspector(setup);
  const expanded = await checkExperiment(readSpecificationText(readText(path)), inspector);
  await inspector.close();

  const runs = plannedRuns(expanded);
  const threads = Math.min(runs.length, options.threads ?? availableParallelism());
  const simulator = await ThreadSimulator.open(threads, setup);
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort(new UsageError('interrupted')));
  if (!options.json) console.error(`${expanded.envelope.name}: ${runs.length} runs on ${threads} thread(s), ${simulator.engines}`);
  try {
    await simulateAll(expanded, runs, simulator, interrupt.signal, options.json === true);
  } finally {
    await simulator.close();
  }
  if (!options.json) console.log(`\n${summaryTable(expanded, runs)}\n\nmeans ± 95 % t-interval over replicates, at the last evaluated round`);
  return EXIT.ok;
}

function plannedRuns({ points, envelope }: ExpandedExperiment): LocalRun[] {
  return points.flatMap(({ index }) =>
    Array.from({ length: envelope.replicates }, (_, replicate) => ({
      pointIndex: index,
      replicate,
      seed: replicateSeed(envelope.seed, replicate),
      records: [],
      round: 0,
    })),
  );
}

/** Records are printed run by run in planned order, whatever order they end in, so that two executions print the same. */
async function simulateAll(
  { points }: ExpandedExperiment,
  runs: readonly LocalRun[],
  simulator: ThreadSimulator,
  signal: AbortSignal,
  json: boolean,
): Promise<void> {
  const progress = new Progress();
  const total = runs.reduce((sum, { pointIndex }) => sum + points[pointIndex].config.rounds, 0);
  const show = () => {
    const ended = runs.filter(({ outcome }) => outcome).length;
    progress.show({ done: runs.reduce((sum, { round }) => sum + round, 0), total, details: `${ended} of ${runs.length} runs` });
  };
  const running = runs.map(async (run) => {
    const { config } = points[run.pointIndex];
    run.outcome = await simulator.simulate(
      { seed: run.seed, config },
      (step) => {
        if (step.kind === 'started') run.engine = step.engine;
        if (step.kind === 'record') run.records.push(step.record);
        if (step.kind === 'round') run.round = step.round;
        if (!json) show();
      },
      signal,
    );
    run.round = config.rounds;
  });
  for (const [index, ended] of running.entries()) {
    await ended;
    if (json) printJson(points[runs[index].pointIndex].hash, runs[index]);
  }
  if (!json) {
    show();
    progress.end();
  }
}

function printJson(pointHash: string, { pointIndex, replicate, seed, records, engine, outcome }: LocalRun): void {
  const identity = { point: pointIndex, pointHash, replicate, seed };
  for (const { round, metrics } of records) console.log(JSON.stringify({ kind: 'record', ...identity, round, ...metrics }));
  console.log(JSON.stringify({ kind: outcome?.kind, ...identity, engine, ...outcome }));
}

const SHOWN: readonly { readonly metric: MetricName; readonly title: string; readonly format: (value: number) => string }[] = [
  { metric: 'trainLoss', title: 'train loss', format: (value) => value.toPrecision(3) },
  { metric: 'newAgentsAccuracy', title: 'new-agent accuracy %', format: (value) => (100 * value).toFixed(1) },
  { metric: 'newTasksAccuracy', title: 'new-task accuracy %', format: (value) => (100 * value).toFixed(1) },
  { metric: 'newTasksLoss', title: 'new-task loss', format: (value) => value.toPrecision(3) },
  { metric: 'gapLoss', title: 'gap (loss)', format: (value) => value.toPrecision(3) },
  { metric: 'aggregationNmse', title: 'aggregation NMSE', format: (value) => value.toPrecision(2) },
];

function summaryTable({ points }: ExpandedExperiment, runs: readonly LocalRun[]): string {
  const lastValues = (pointIndex: number, metric: MetricName) =>
    runs.flatMap((run) => {
      const value = run.pointIndex === pointIndex && run.outcome?.kind === 'completed' ? run.records.at(-1)?.metrics[metric] : null;
      return value == null ? [] : [value];
    });
  const columns = SHOWN.filter(({ metric }) => METRIC_NAMES.includes(metric) && points.some(({ index }) => lastValues(index, metric).length > 0));
  const rows = points.map((point) => {
    const mine = runs.filter(({ pointIndex }) => pointIndex === point.index);
    const diverged = mine.filter(({ outcome }) => outcome?.kind === 'diverged').length;
    return [
      pointLabel(point),
      `${mine.length - diverged} of ${mine.length}${diverged > 0 ? ` (${diverged} diverged)` : ''}`,
      ...columns.map(({ metric, format }) => meanAndInterval(lastValues(point.index, metric), format)),
    ];
  });
  return renderTable(['point', 'n', ...columns.map(({ title }) => title)], rows);
}

function meanAndInterval(values: readonly number[], format: (value: number) => string): string {
  if (values.length === 0) return '-';
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
  const half = tHalfWidth(deviation, values.length);
  return half === null ? format(mean) : `${format(mean)} ± ${format(half)}`;
}
