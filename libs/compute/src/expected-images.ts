/** The images of a task, provided that they are those a run is of. */
import type { ImageLibrary } from '@airmeta/datasets';
import { datasetOf, shortFingerprint, type TaskSpec } from '@airmeta/spec';
import { DatasetError, type LoadedImages } from '@airmeta/tasks';

/** The data here are not those the run is of, or cannot be read; another worker may have them. */
export class OtherDataError extends Error {}

/**
 * @param expected fingerprint; without it, any images will do
 * @returns undefined for a task that draws its own data
 * @throws OtherDataError when others are expected, or the expected ones cannot be read here
 * @throws DatasetError when any will do and they cannot be read
 */
export async function expectedImages(
  library: ImageLibrary,
  task: TaskSpec,
  expected: string | undefined,
): Promise<LoadedImages | undefined> {
  if (expected === undefined) return library.imagesFor(task);
  const wanted = `the run is of the images with fingerprint ${shortFingerprint(expected)}`;
  let images: LoadedImages | undefined;
  try {
    images = await library.imagesFor(task);
  } catch (error) {
    if (error instanceof DatasetError) throw new OtherDataError(`${wanted}, which cannot be read: ${error.message}`, { cause: error });
    throw error;
  }
  const found = images?.fingerprint ?? null;
  if (found !== expected) {
    throw new OtherDataError(`${wanted}; dataset "${datasetOf(task)}" has those with fingerprint ${shortFingerprint(found)}`);
  }
  return images;
}
