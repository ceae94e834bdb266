/** Whether the data on disk can serve a task, found out before any run starts. */
import type { PointSpec } from '@airmeta/spec';
import { createTaskEnvironment, DatasetError, readsDataset } from '@airmeta/tasks';
import type { ImageLibrary } from './image-library.js';

/** A sentence about what is missing or corrupt, or null when the task can be drawn. */
export async function problemWithTask(library: ImageLibrary, { task, agents, evaluate }: PointSpec): Promise<string | null> {
  if (!readsDataset(task)) return null;
  try {
    const images = await library.imagesFor(task);
    const request = { seed: 1, agents: agents.count, newAgents: evaluate.newAgents, newTasks: evaluate.newTasks };
    createTaskEnvironment(task, request, images).evaluationTasks();
    return null;
  } catch (error) {
    if (error instanceof DatasetError) return error.message;
    throw error;
  }
}
