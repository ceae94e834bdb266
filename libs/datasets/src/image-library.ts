/** Decoded images, kept so that the runs of a process decode a data set once, as long as its files stay as they are. */
import type { TaskSpec } from '@airmeta/spec';
import { loadOmniglot, type LoadedImages } from '@airmeta/tasks';
import type { DatasetFolders } from './dataset-folders.js';

export class ImageLibrary {
  private readonly loaded = new Map<string, { readonly state: string; readonly images: LoadedImages }>();

  constructor(private readonly folders: DatasetFolders) {}

  /**
   * The images a task reads, undefined for a task that draws its own.
   * @throws DatasetError naming the file that is missing or cannot be decoded
   */
  imagesFor(task: TaskSpec): LoadedImages | undefined {
    if (task.family !== 'omniglot') return undefined;
    const key = `${task.dataset} ${task.imageSize}`;
    const state = this.folders.stateOf(task.dataset);
    const known = this.loaded.get(key);
    if (known?.state === state) return known.images;
    const images = loadOmniglot(this.folders.open(task.dataset), { imageSize: task.imageSize });
    this.loaded.set(key, { state, images });
    return images;
  }
}
