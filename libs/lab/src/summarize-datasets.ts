/** The data sets that an experiment reads. */
import type { DatasetSummary, ExpandedExperiment, TaskSpec } from '@airmeta/spec';
import type { DatasetReader } from './ports.js';

/** Options that decide what is read of a data set, and not how it is used: points that share them share a summary. */
const READING = ['family', 'dataset', 'imageSize', 'channels', 'invert', 'ink', 'leastImages', 'leastClasses'] as const;

/** A text and no hash: there may be ten thousand points. */
function readingOf(task: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(READING.map((key) => task[key] ?? null));
}

/** A task for every data set, and for every way it is read, in order of the points. */
export function datasetTasksOf({ points }: ExpandedExperiment): TaskSpec[] {
  const tasks = new Map<string, TaskSpec>();
  for (const { config } of points) {
    if (!('dataset' in config.task)) continue;
    const reading = readingOf(config.task);
    if (!tasks.has(reading)) tasks.set(reading, config.task);
  }
  return [...tasks.values()];
}

/** @param tasks see `datasetTasksOf` @throws UnreadableDatasetError */
export async function summarizeDatasets(tasks: readonly TaskSpec[], datasets: DatasetReader): Promise<DatasetSummary[]> {
  const summaries = await Promise.all(tasks.map((task) => datasets.summaryOf(task)));
  return summaries.filter((summary) => summary !== null);
}
