import { unzipSync, type Unzipped } from 'fflate';

import { DatasetError } from './dataset-error.js';
import type { DatasetSource } from './dataset-source.js';

/** Inflated bytes an archive may declare; the whole of Omniglot is 12 MB. */
const MAX_INFLATED_BYTES = 2 ** 30;

/**
 * The files of a zip archive, inflated at once.
 * @param name the archive's name, for messages
 * @param bytes the archive
 * @throws DatasetError `corrupt-archive` when it is no zip, is cut off, or declares more than 1 GiB
 */
export function zipSource(name: string, bytes: Uint8Array): DatasetSource {
  const entries = Object.entries(inflate(name, bytes));
  const files = entries.filter(([path]) => !path.endsWith('/')).map(([path, content]) => ({ path, read: () => content }));
  return { name, files: () => files };
}

function inflate(name: string, bytes: Uint8Array): Unzipped {
  let declaredBytes = 0;
  try {
    return unzipSync(bytes, {
      filter: ({ originalSize }) => {
        declaredBytes += originalSize;
        if (declaredBytes > MAX_INFLATED_BYTES) throw new Error('it declares more than 1 GiB of content');
        return true;
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatasetError('corrupt-archive', name, `the zip archive cannot be read (${reason})`, { cause: error });
  }
}
