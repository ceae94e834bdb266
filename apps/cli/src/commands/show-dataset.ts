/** `airmeta dataset`: what is read of a data set, and what is not. */
import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { LabClient } from '@airmeta/client';
import { ThreadInspector, type ImageCacheSettings } from '@airmeta/compute';
import { UnreadableDatasetError } from '@airmeta/lab';
import { datasetTask, type DatasetSummary } from '@airmeta/spec';
import { datasetText } from '../dataset-text.js';
import { UsageError } from '../exit.js';
import { writeResult } from '../files.js';
import { print, printJson } from '../terminal.js';

export interface DatasetOptions {
  readonly json?: boolean;
  /** Where a PNG of its images is written. */
  readonly contactSheet?: string;
  readonly family?: string;
  readonly imageSize?: number;
  readonly channels?: number;
  readonly ink?: string;
  readonly invert?: boolean;
  readonly leastImages?: number;
  readonly leastClasses?: number;
  /** Ask the server, instead of reading the folder here. */
  readonly server?: boolean;
  readonly datasetsDirectory: string;
  readonly imageCache: ImageCacheSettings;
}

interface Shown {
  readonly summary: DatasetSummary;
  readonly png: Uint8Array | null;
}

/** @param named a data set's name, or the path of a folder */
export async function showDataset(named: string, options: DatasetOptions, client: () => LabClient): Promise<void> {
  const { summary, png } = options.server ? await fromServer(named, options, client()) : await fromFolder(named, options);
  if (options.contactSheet !== undefined && png) writeResult(options.contactSheet, png);
  if (options.json) printJson(summary);
  else print(datasetText(summary));
}

function readingOf({ family, imageSize, channels, ink, invert, leastImages, leastClasses }: DatasetOptions) {
  const given = Object.entries({ family, imageSize, channels, ink, invert, leastImages, leastClasses });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined)) as Record<string, string | number | boolean>;
}

async function fromServer(name: string, options: DatasetOptions, client: LabClient): Promise<Shown> {
  const reading = readingOf(options);
  return {
    summary: await client.dataset(name, reading),
    png: options.contactSheet === undefined ? null : await client.contactSheet(name, reading),
  };
}

async function fromFolder(named: string, options: DatasetOptions): Promise<Shown> {
  const { name, datasets } = placeOf(named);
  const task = datasetTask(name, readingOf(options));
  const inspector = new ThreadInspector({ datasetsDirectory: options.datasetsDirectory, datasets, imageCache: options.imageCache });
  try {
    const summary = await inspector.summaryOf(task);
    if (!summary) throw new TypeError('a task that reads a data set has a summary');
    return { summary, png: options.contactSheet === undefined ? null : await inspector.contactSheetOf(task) };
  } catch (error) {
    throw error instanceof UnreadableDatasetError ? new UsageError(error.message) : error;
  } finally {
    await inspector.close();
  }
}

/** What has a separator is a path, as is what is there and no plain name; a plain name is looked for among the data sets. */
function placeOf(named: string): { readonly name: string; readonly datasets: ReadonlyMap<string, string> } {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(named)) return { name: named, datasets: new Map() };
  const folder = resolve(named);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new UsageError(`there is no folder ${named}`);
  const name = basename(folder)
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^[^A-Za-z0-9]*/, '');
  return { name: name || 'folder', datasets: new Map([[name || 'folder', folder]]) };
}
