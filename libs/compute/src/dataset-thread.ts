/** The thread that opens data sets for inspection, so that decoding thousands of images does not hold up the server. */
import { DatasetFolders, ImageLibrary, problemWithTask } from '@airmeta/datasets';
import type { PointSpec } from '@airmeta/spec';
import { workerData } from 'piscina';
import type { ThreadSetup } from './simulation-thread.js';

const setup = workerData as ThreadSetup;
const folders = new DatasetFolders(setup.datasetsDirectory, setup.datasets);

/** A sentence about what keeps the data from serving this configuration, or null. Files are read afresh. */
export default function inspect(config: PointSpec): string | null {
  return problemWithTask(new ImageLibrary(folders), config);
}
