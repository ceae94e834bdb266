/** A specification that is to be simulated here. */
import { ThreadInspector } from '@airmeta/compute';
import { checkExperiment, datasetTasksOf, summarizeDatasets, type CheckedExperiment } from '@airmeta/lab';
import { datasetLines } from './dataset-text.js';
import { note } from './terminal.js';

/** Tells on standard error what is read of its data sets. @throws InvalidSpecificationError with every fault, those of the data included */
export async function checkedExperiment(
  document: unknown,
  setup: ConstructorParameters<typeof ThreadInspector>[0],
): Promise<CheckedExperiment> {
  const inspector = new ThreadInspector(setup);
  try {
    const checked = await checkExperiment(document, inspector);
    for (const summary of await summarizeDatasets(datasetTasksOf(checked.expanded), inspector)) note(datasetLines(summary));
    return checked;
  } finally {
    await inspector.close();
  }
}
