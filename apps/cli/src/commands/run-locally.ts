/** `airmeta run`: simulates a specification here, without server or database. */
import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { lossText, percentText } from '@airmeta/charts';
import { failureOf, ThreadSimulator, type ImageCacheSettings } from '@airmeta/compute';
import { estimateOf, OTHER_DATA, pointLabels, previewCautions, replicateSeed } from '@airmeta/lab';
import {
  readSpecificationText,
  writeParameterFile,
  type Estimate,
  type EvaluationRecord,
  type ExpandedExperiment,
  type MetricName,
  type ParameterOrigin,
  type SimulationOutcome,
  type TrainedModel,
} from '@airmeta/spec';
import { cautionText } from '../caution-text.js';
import { checkedExperiment } from '../checked-experiment.js';
import { EXIT, InterruptedError, UsageError, type ExitCode } from '../exit.js';
import { readSpecification, writeContent } from '../files.js';
import { Progress } from '../progress.js';
import { renderTable } from '../table.js';
import { line, note, print, printJson } from '../terminal.js';

export interface RunLocallyOptions {
  readonly json?: boolean;
  readonly threads?: number;
  /** Where trained parameters are written. */
  readonly parameters?: string;
  readonly datasetsDirectory: string;
  readonly imageCache: ImageCacheSettings;
  readonly datasets: ReadonlyMap<string, string>;
}

interface LocalRun {
  readonly pointIndex: number;
  readonly replicate: number;
  readonly seed: number;
  /** Of the images it reads. */
  readonly dataFingerprint: string | null;
  readonly records: EvaluationRecord[];
  round: number;
  engine?: string;
  outcome?: SimulationOutcome;
  trained?: TrainedModel;
}

export async function runLocally(path: string, options: RunLocallyOptions): Promise<ExitCode> {
  const document = readSpecificationText(readSpecification(path));
  const setup = { datasetsDirectory: options.datasetsDirectory, datasets: options.datasets, imageCache: options.imageCache };
  const { expanded, dataFingerprints } = await checkedExperiment(document, setup);
  const runs = plannedRuns(expanded, dataFingerprints);
  const interrupt = new AbortController();
  setMaxListeners(0, interrupt.signal); // every waiting run listens
  const stop = () =>
    interrupt.abort(new InterruptedError(`interrupted; ${runs.filter(({ outcome }) => outcome).length} of ${runs.length} runs had ended`));
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const threads = Math.min(runs.length, options.threads ?? availableParallelism());
  const simulator = await ThreadSimulator.open(threads, setup);
  if (!options.json) {
    const threadCount = threads === 1 ? '1 thread' : `${threads} threads`;
    note(
      line`${expanded.envelope.name}: ${expanded.points.length} points x ${expanded.envelope.replicates} replicates = ${runs.length} runs on ${threadCount} (${simulator.engines})`,
    );
  }
  for (const caution of previewCautions(expanded)) note(cautionText(caution, expanded.points.length));
  const { tune } = expanded.envelope;
  if (tune) {
    note(
      line`note: nothing is tuned here: every value of ${tune.axis} has a row of its own, over all replicates; submit the specification, and compare with --against tuned`,
    );
  }
  try {
    await simulateAll(expanded, runs, simulator, interrupt.signal, options);
  } catch (error) {
    const failure = failureOf(error);
    throw failure.code === 'dataset' || failure.code === OTHER_DATA ? new UsageError(failure.message) : error;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await simulator.close();
  }
  if (!options.json) {
    print(`\n${summaryTable(expanded, runs)}\n\nmeans ± 95 % t-interval over n completed runs, at the last round`);
    for (const warning of warningLines(expanded, runs)) print(warning);
  }
  return EXIT.ok;
}

function plannedRuns({ points, envelope }: ExpandedExperiment, dataFingerprints: readonly (string | null)[]): LocalRun[] {
  return points.flatMap(({ index }) =>
    Array.from({ length: envelope.replicates }, (_, replicate) => ({
      pointIndex: index,
      replicate,
      seed: replicateSeed(envelope.seed, replicate),
      dataFingerprint: dataFingerprints[index],
      records: [],
      round: 0,
    })),
  );
}

/** Records are printed run by run in planned order, whatever order they end in, so that two executions print the same. */
async function simulateAll(
  expanded: ExpandedExperiment,
  runs: readonly LocalRun[],
  simulator: ThreadSimulator,
  signal: AbortSignal,
  { json, parameters }: RunLocallyOptions,
): Promise<void> {
  const { points } = expanded;
  const progress = new Progress();
  const total = runs.reduce((sum, { pointIndex }) => sum + points[pointIndex].config.rounds, 0);
  const show = () => {
    const ended = runs.filter(({ outcome }) => outcome).length;
    progress.show({ done: runs.reduce((sum, { round }) => sum + round, 0), total, details: `${ended} of ${runs.length} runs` });
  };
  const running = runs.map(async (run) => {
    const { config } = points[run.pointIndex];
    run.outcome = await simulator.simulate(
      { seed: run.seed, config, ...(run.dataFingerprint === null ? {} : { dataFingerprint: run.dataFingerprint }) },
      (step) => {
        if (step.kind === 'started') run.engine = step.engine;
        if (step.kind === 'record') run.records.push(step.record);
        if (step.kind === 'trained') run.trained = step.trained;
        if (step.kind === 'round') run.round = step.round;
        if (!json) show();
      },
      signal,
    );
    run.round = config.rounds;
  });
  const written: string[] = [];
  for (const run of running) run.catch(() => undefined); // each is waited for below; the first to fail speaks for all
  try {
    for (const [index, ended] of running.entries()) {
      await ended;
      const run = runs[index];
      let file: string | null | undefined;
      if (parameters !== undefined) file = writeParameters(runs.length === 1 ? parameters : pathOf(parameters, run), expanded, run);
      if (file) written.push(file);
      if (json) printRun(points[run.pointIndex].hash, run, file);
      delete run.trained; // the summary needs the records only
    }
  } finally {
    if (!json) {
      show();
      progress.end();
      if (written.length === 1) note(line`wrote ${written[0]}`);
      if (written.length > 1) note(line`wrote ${written.length} files, ${written[0]} to ${written[written.length - 1]}`);
    }
  }
}

/** @param file its parameters are in; null: it has none; undefined: nobody asked for them */
function printRun(
  pointHash: string,
  { pointIndex, replicate, seed, dataFingerprint, records, engine, outcome, trained }: LocalRun,
  file: string | null | undefined,
): void {
  const identity = { point: pointIndex, pointHash, replicate, seed, ...(dataFingerprint === null ? {} : { dataFingerprint }) };
  for (const { round, metrics } of records) printJson({ kind: 'record', ...identity, round, ...metrics });
  printJson({ kind: outcome?.kind, ...identity, engine, ...outcome, fineTuning: trained?.fineTuning ?? [], parameters: file });
}

/** `out.safetensors` of several runs: `out-p3-r0.safetensors`. */
function pathOf(path: string, { pointIndex, replicate }: LocalRun): string {
  return `${path.replace(/\.safetensors$/, '')}-p${pointIndex}-r${replicate}.safetensors`;
}

/** @returns where they are; null of a run that diverged at its first evaluation, which has none */
function writeParameters(
  path: string,
  { points, hash }: ExpandedExperiment,
  { pointIndex, seed, dataFingerprint, engine, trained }: LocalRun,
): string | null {
  if (!trained) return null;
  const { config, hash: pointHash } = points[pointIndex];
  const origin: ParameterOrigin = {
    ...{ run: null, specificationHash: hash, pointHash, seed, round: trained.round, engine: engine ?? 'unknown', config },
    ...{ dataFingerprint, integrity: 'verified' },
  };
  writeContent(path, writeParameterFile(origin, trained.tensors, trained.parameters));
  return path;
}

const SHOWN: readonly { readonly metric: MetricName; readonly title: string; readonly text: (estimate: Estimate | null) => string }[] = [
  { metric: 'trainLoss', title: 'train loss', text: lossText },
  { metric: 'newAgentsAccuracy', title: 'new-agent accuracy %', text: percentText },
  { metric: 'newTasksAccuracy', title: 'new-task accuracy %', text: percentText },
  { metric: 'newTasksLoss', title: 'new-task loss', text: lossText },
  { metric: 'gapLoss', title: 'gap (loss)', text: lossText },
  { metric: 'aggregationNmse', title: 'aggregation NMSE', text: lossText },
  { metric: 'updateGain', title: 'update gain', text: lossText },
];

/** The last records of the completed runs of every point; columns that apply to none of them are left out. */
function summaryTable({ points }: ExpandedExperiment, runs: readonly LocalRun[]): string {
  const lastValues = (pointIndex: number, metric: MetricName) =>
    runs.flatMap((run) => {
      const value = run.pointIndex === pointIndex && run.outcome?.kind === 'completed' ? run.records.at(-1)?.metrics[metric] : null;
      return value == null ? [] : [value];
    });
  const columns = SHOWN.filter(({ metric }) => points.some(({ index }) => lastValues(index, metric).length > 0));
  const labels = pointLabels(points);
  const rows = points.map((point, index) => {
    const mine = runs.filter(({ pointIndex }) => pointIndex === point.index);
    const diverged = mine.filter(({ outcome }) => outcome?.kind === 'diverged').length;
    return [
      labels[index],
      `${mine.length - diverged} of ${mine.length}${diverged > 0 ? ` (${diverged} diverged)` : ''}`,
      ...columns.map(({ metric, text }) => text(estimateOf(lastValues(point.index, metric)))),
    ];
  });
  return renderTable({ columns: ['point', 'n', ...columns.map(({ title }) => title)], rows });
}

/** Warnings of the completed runs of every point, each with how many runs it is of. */
function warningLines({ points }: ExpandedExperiment, runs: readonly LocalRun[]): string[] {
  const labels = pointLabels(points);
  return points.flatMap((point) => {
    const mine = runs.filter(({ pointIndex }) => pointIndex === point.index);
    const messages = mine.flatMap(({ outcome }) => (outcome?.kind === 'completed' && outcome.warning ? [outcome.warning.message] : []));
    return [...new Set(messages)].map((message) => {
      const count = messages.filter((other) => other === message).length;
      return `warning: ${labels[point.index]} (${count} of ${mine.length}): ${message}`;
    });
  });
}
