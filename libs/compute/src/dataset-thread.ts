/** The thread that opens data sets for inspection, so that decoding thousands of images does not hold up the server. */
import { DatasetFolders, ImageLibrary, inspectTask, type TaskInspection } from '@airmeta/datasets';
import type { PointSpec } from '@airmeta/spec';
import { workerData } from 'piscina';
import type { ThreadSetup } from './simulation-thread.js';

const setup = workerData as ThreadSetup;
const folders = new DatasetFolders(setup.datasetsDirectory, setup.datasets);

/** What keeps the data from serving this configuration, or what they are. Files are read afresh. */
export default function inspect(config: PointSpec): TaskInspection {
  return inspectTask(new ImageLibrary(folders), config);
}
