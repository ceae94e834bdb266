/** Decoded images, kept so that the runs of a process decode a data set once, as long as its files stay as they are. */
import type { TaskSpec } from '@airmeta/spec';
import { loadImages, readsDataset, type LoadedImages } from '@airmeta/tasks';
import type { DatasetFolders } from './dataset-folders.js';

export class ImageLibrary {
  private readonly loaded = new Map<string, { readonly state: string; readonly images: LoadedImages }>();

  constructor(private readonly folders: DatasetFolders) {}

  /**
   * The images a task reads, undefined for a task that draws its own.
   * @throws DatasetError naming the file that is missing or cannot be decoded
   */
  imagesFor(task: TaskSpec): LoadedImages | undefined {
    if (!readsDataset(task)) return undefined;
    const key = JSON.stringify([task.family, task.dataset, task.imageSize, 'invert' in task && task.invert]);
    const state = this.folders.stateOf(task.dataset);
    const known = this.loaded.get(key);
    if (known?.state === state) return known.images;
    const images = loadImages(task, this.folders.open(task.dataset));
    this.loaded.set(key, { state, images });
    return images;
  }
}
