/** The thread that opens data sets for inspection, so that decoding thousands of images does not hold up the server. */
import {
  contactSheetPng,
  DatasetFolders,
  ImageCache,
  ImageLibrary,
  inspectTask,
  summarizeDataset,
  type TaskInspection,
} from '@airmeta/datasets';
import type { DatasetSummary, PointSpec, TaskSpec } from '@airmeta/spec';
import { DatasetError, readsDataset, type DatasetTask, type LoadedImages } from '@airmeta/tasks';
import { workerData } from 'piscina';
import type { ThreadSetup } from './simulation-thread.js';

export type DatasetQuestion =
  | { readonly kind: 'inspection'; readonly config: PointSpec }
  | { readonly kind: 'summary'; readonly task: TaskSpec }
  | { readonly kind: 'contact-sheet'; readonly task: TaskSpec };

export type DatasetAnswer =
  /** What keeps the data from serving the configuration, or what they are. */
  | { readonly kind: 'inspection'; readonly inspection: TaskInspection }
  | { readonly kind: 'summary'; readonly summary: DatasetSummary | null }
  | { readonly kind: 'contact-sheet'; readonly png: Uint8Array | null }
  /** The data set cannot be read. */
  | { readonly kind: 'unreadable'; readonly message: string };

const setup = workerData as ThreadSetup;
/** Looks at the files at every question, and reads them again when they have changed. */
const library = new ImageLibrary(
  new DatasetFolders(setup.datasetsDirectory, setup.datasets),
  setup.imageCache && new ImageCache(setup.imageCache),
);

async function read<Read>(task: TaskSpec, use: (images: LoadedImages, task: DatasetTask) => Read): Promise<Read | null> {
  const images = await library.imagesFor(task);
  return images && readsDataset(task) ? use(images, task) : null;
}

async function answerTo(question: DatasetQuestion): Promise<DatasetAnswer> {
  switch (question.kind) {
    case 'inspection':
      return { kind: 'inspection', inspection: await inspectTask(library, question.config) };
    case 'summary':
      return { kind: 'summary', summary: await read(question.task, (images, task) => summarizeDataset(task, images)) };
    case 'contact-sheet':
      return { kind: 'contact-sheet', png: await read(question.task, contactSheetPng) };
  }
}

export default async function handle(question: DatasetQuestion): Promise<DatasetAnswer> {
  try {
    return await answerTo(question);
  } catch (error) {
    if (error instanceof DatasetError) return { kind: 'unreadable', message: error.message };
    throw error;
  }
}
