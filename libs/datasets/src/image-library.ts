/** Decoded images, kept so that the runs of a process read a data set once, as long as its files stay as they are. */
import { createHash } from 'node:crypto';
import type { TaskSpec } from '@airmeta/spec';
import {
  DatasetError,
  loadImages,
  READING_VERSION,
  readsDataset,
  type DatasetTask,
  type ImageDecoder,
  type LoadedImages,
} from '@airmeta/tasks';
import type { DatasetFolders } from './dataset-folders.js';
import { DECODER_VERSION, openImageDecoder } from './decoders/open-image-decoder.js';
import type { ImageCache } from './image-cache.js';

/** Pixels that are held at once; the data set that was asked for longest ago goes first. */
const MAX_HELD_BYTES = 2 ** 30;

/** How often a data set is read again when its files changed meanwhile. */
const MAX_READINGS = 3;

export class ImageLibrary {
  /** By data set and how it is read, least recently asked for first; a data set that cannot be read is known too. */
  private readonly known = new Map<string, { readonly state: string; readonly result: LoadedImages | DatasetError }>();
  private decoder: Promise<ImageDecoder> | undefined;

  /** @param cache shared with other processes; without it, each decodes for itself */
  constructor(
    private readonly folders: DatasetFolders,
    private readonly cache?: ImageCache,
  ) {}

  /**
   * The images a task reads, undefined for a task that draws its own.
   * @throws DatasetError naming the file that is missing or cannot be decoded
   */
  async imagesFor(task: TaskSpec): Promise<LoadedImages | undefined> {
    if (!readsDataset(task)) return undefined;
    const reading = JSON.stringify(readingOf(task));
    const { state } = this.folders.find(task.dataset);
    const known = this.known.get(reading);
    const entry = known?.state === state ? known : { state, result: await this.read(task, reading) };
    this.known.delete(reading);
    this.known.set(reading, entry);
    this.dropOld();
    if (entry.result instanceof DatasetError) throw entry.result;
    return entry.result;
  }

  private async read(task: DatasetTask, reading: string): Promise<LoadedImages | DatasetError> {
    try {
      for (let readings = 0; readings < MAX_READINGS; readings++) {
        const folder = this.folders.find(task.dataset);
        const key = createHash('sha256')
          .update(JSON.stringify([READING_VERSION, DECODER_VERSION, reading, folder.state]))
          .digest('hex');
        const decode = async () => loadImages(task, folder.open(), await (this.decoder ??= openImageDecoder()));
        const images = await (this.cache ? this.cache.get(key, decode) : decode());
        if (this.folders.find(task.dataset).state === folder.state) return images;
      }
    } catch (error) {
      if (error instanceof DatasetError) return error;
      throw error;
    }
    return new DatasetError('no-images', task.dataset, 'its files change while they are read; try again when they are all there');
  }

  private dropOld(): void {
    const bytesOf = (result: LoadedImages | DatasetError) =>
      result instanceof DatasetError ? 0 : result.classes.reduce((sum, { samples }) => sum + samples.byteLength, 0);
    let held = [...this.known.values()].reduce((sum, { result }) => sum + bytesOf(result), 0);
    for (const [key, { result }] of [...this.known].slice(0, -1)) {
      if (held <= MAX_HELD_BYTES) return;
      held -= bytesOf(result);
      this.known.delete(key);
    }
  }
}

/** Everything of a task that decides what is read: with the files and the decoders, it decides the images. */
function readingOf(task: DatasetTask): readonly unknown[] {
  switch (task.family) {
    case 'omniglot':
      return [task.family, task.dataset, task.imageSize, task.ink];
    case 'image-folder':
      return [task.family, task.dataset, task.imageSize, task.channels, task.invert, task.leastImages, task.leastClasses];
  }
}
