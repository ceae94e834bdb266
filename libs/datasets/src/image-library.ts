/** Decoded images, kept so that the runs of a process decode a data set once. */
import type { TaskSpec } from '@airmeta/spec';
import { loadOmniglot, type LoadedImages } from '@airmeta/tasks';
import type { DatasetFolders } from './dataset-folders.js';

export class ImageLibrary {
  private readonly loaded = new Map<string, LoadedImages>();

  constructor(private readonly folders: DatasetFolders) {}

  /**
   * The images a task reads, undefined for a task that draws its own.
   * @throws DatasetError naming the file that is missing or cannot be decoded
   */
  imagesFor(task: TaskSpec): LoadedImages | undefined {
    if (task.family !== 'omniglot') return undefined;
    const key = `${task.dataset} ${task.imageSize}`;
    let images = this.loaded.get(key);
    if (!images) {
      images = loadOmniglot(this.folders.open(task.dataset), { imageSize: task.imageSize });
      this.loaded.set(key, images);
    }
    return images;
  }
}
