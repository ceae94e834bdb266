/** The thread that opens data sets for inspection, so that decoding thousands of images does not hold up the server. */
import { workerData } from 'node:worker_threads';
import { DatasetFolders, ImageLibrary, problemWithTask } from '@airmeta/datasets';
import type { PointSpec } from '@airmeta/spec';

const { datasetsDirectory } = (workerData as [unknown, { datasetsDirectory: string }])[1];
const folders = new DatasetFolders(datasetsDirectory);

/** A sentence about what keeps the data from serving this configuration, or null. Files are read afresh. */
export default function inspect(config: PointSpec): string | null {
  return problemWithTask(new ImageLibrary(folders), config);
}
