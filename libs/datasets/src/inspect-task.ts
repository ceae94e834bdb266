/** Whether the data on disk can serve a task, and what they are, found out before any run starts. */
import type { PointSpec } from '@airmeta/spec';
import { createTaskEnvironment, DatasetError, readsDataset } from '@airmeta/tasks';
import type { ImageLibrary } from './image-library.js';

/** What is missing or corrupt, in a sentence; or the fingerprint of what was read, null for a task that draws its own data. */
export type TaskInspection =
  { readonly kind: 'problem'; readonly problem: string } | { readonly kind: 'ready'; readonly fingerprint: string | null };

/** Reads the data and draws the tasks of an evaluation. */
export async function inspectTask(library: ImageLibrary, { task, agents, evaluate }: PointSpec): Promise<TaskInspection> {
  if (!readsDataset(task)) return { kind: 'ready', fingerprint: null };
  try {
    const images = await library.imagesFor(task);
    const request = { seed: 1, agents: agents.count, newAgents: evaluate.newAgents, newTasks: evaluate.newTasks };
    createTaskEnvironment(task, request, images).evaluationTasks();
    return { kind: 'ready', fingerprint: images?.fingerprint ?? null };
  } catch (error) {
    if (error instanceof DatasetError) return { kind: 'problem', problem: error.message };
    throw error;
  }
}
