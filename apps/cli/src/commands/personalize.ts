/** `airmeta personalize`: fine-tunes again, here, from the parameters a run was left with. */
import { existsSync } from 'node:fs';
import { lossText, percentText } from '@airmeta/charts';
import type { LabClient } from '@airmeta/client';
import { RefusedRequestError, ThreadSimulator, type ImageCacheSettings } from '@airmeta/compute';
import {
  datasetOf,
  InvalidSpecificationError,
  readNewTask,
  readParameterFile,
  readSpecificationText,
  shortFingerprint,
  TensorFileError,
  type ParameterOrigin,
  type PointSpec,
  type TaskCurve,
  type TaskSpec,
} from '@airmeta/spec';
import { InterruptedError, UsageError } from '../exit.js';
import { readBytes, readText } from '../files.js';
import { renderTable } from '../table.js';
import { line, note, print, printJson } from '../terminal.js';

export interface PersonalizeOptions {
  readonly task?: string;
  readonly steps?: number;
  readonly tasks: number;
  readonly innerStep?: number;
  readonly seed?: number;
  readonly json?: boolean;
  readonly datasetsDirectory: string;
  readonly datasets: ReadonlyMap<string, string>;
  readonly imageCache: ImageCacheSettings;
}

/** @param source id of a run on the server, or a safetensors file that a run was saved to */
export async function personalize(client: () => LabClient, source: string, options: PersonalizeOptions): Promise<void> {
  const { origin, tensors } = parametersIn(source, existsSync(source) ? readBytes(source) : await client().parameters(source));
  const { config } = origin;
  const settings = {
    task: options.task === undefined ? config.task : taskFrom(config, options.task),
    seed: options.seed ?? origin.seed,
    tasks: options.tasks,
    innerStep: options.innerStep ?? config.meta.innerStep,
    steps: options.steps ?? config.evaluate.fineTuneSteps,
  };
  const { curves, dataFingerprint } = await computed({ config, tensors, ...settings }, options);
  for (const warning of warningsOf(origin, settings.task, dataFingerprint)) note(line`note: ${warning}`);
  if (options.json) {
    const { run, specificationHash, pointHash, round, engine, integrity, dataFingerprint: trainedOn } = origin;
    printJson({
      kind: 'personalization',
      ...{ run, specificationHash, pointHash, round, engine, integrity, trainedOn },
      ...settings,
      ...{ dataFingerprint, curves },
    });
    return;
  }
  const { tasks, steps, innerStep } = settings;
  print(curves.map(tableOf).join('\n\n'));
  print(line`\n${tasks} new tasks of family ${settings.task.family}, ${steps} ${steps === 1 ? 'step' : 'steps'} of size ${innerStep}`);
}

/**
 * What a reader of the numbers has to know: new data are what personalisation is for, but the data set a run was trained on, with other images
 * in it, gives other numbers than the run's own evaluation.
 */
function warningsOf({ config, dataFingerprint: trainedOn, integrity }: ParameterOrigin, task: TaskSpec, found: string | null): string[] {
  const dataset = datasetOf(task);
  const same = dataset !== null && task.family === config.task.family && dataset === datasetOf(config.task);
  const read = `the images of dataset "${dataset}" here have fingerprint ${shortFingerprint(found)}`;
  return [
    ...(integrity === 'unverified'
      ? ['the parameters are of a version that made no checksum: nobody can tell whether they are as they were']
      : []),
    ...(same && trainedOn === null ? [`${read}; those that the run was trained on were not recorded`] : []),
    ...(same && trainedOn !== null && trainedOn !== found
      ? [
          `${read}, those that the run was trained on ${shortFingerprint(trainedOn)}: these are other images, or the same read at another size`,
        ]
      : []),
  ];
}

function parametersIn(source: string, file: Uint8Array): ReturnType<typeof readParameterFile> {
  try {
    return readParameterFile(file);
  } catch (error) {
    if (error instanceof TensorFileError) throw new UsageError(`${source} cannot be used: ${error.message}`);
    throw error;
  }
}

/** A task is given as a file, or in place: `{ family: glyphs, ways: 5 }`. */
function taskFrom(config: PointSpec, text: string): TaskSpec {
  const inPlace = /[{:\n]/.test(text) && !existsSync(text);
  try {
    return readNewTask(config, readSpecificationText(inPlace ? text : readText(text)));
  } catch (error) {
    if (!(error instanceof InvalidSpecificationError)) throw error;
    const faults = error.faults.map(({ pointer, message }) => `  ${pointer || '/'}  ${message}`);
    throw new UsageError(['the task is not valid:', ...faults].join('\n'));
  }
}

async function computed(
  request: Parameters<ThreadSimulator['personalize']>[0],
  { datasetsDirectory, datasets, imageCache }: PersonalizeOptions,
): ReturnType<ThreadSimulator['personalize']> {
  const interrupt = new AbortController();
  const stop = () => interrupt.abort(new InterruptedError('interrupted'));
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const simulator = await ThreadSimulator.open(1, { datasetsDirectory, datasets, imageCache });
  try {
    return await simulator.personalize(request, interrupt.signal);
  } catch (error) {
    throw error instanceof RefusedRequestError ? new UsageError(error.message) : error;
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await simulator.close();
  }
}

function tableOf({ metric, mean, deviation, q05, q25, q50, q75, q95 }: TaskCurve): string {
  const text = (value: number | null) => {
    const estimate = value === null ? null : { mean: value, low: null, high: null, n: 1 };
    return metric === 'loss' ? lossText(estimate) : percentText(estimate);
  };
  const title = metric === 'loss' ? 'loss after steps' : 'accuracy % after steps';
  const rows = mean.map((_, step) => [
    String(step),
    ...[mean, deviation, q05, q25, q50, q75, q95].map((statistic) => text(statistic[step])),
  ]);
  return renderTable({ columns: [title, 'mean', 'sd', '5 %', '25 %', '50 %', '75 %', '95 %'], rows });
}
