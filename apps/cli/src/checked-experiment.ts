/** A specification that is to be simulated here. */
import { ThreadInspector } from '@airmeta/compute';
import { checkExperiment, summarizeDatasets } from '@airmeta/lab';
import type { ExpandedExperiment } from '@airmeta/spec';
import { datasetLines } from './dataset-text.js';

/** Tells on standard error what is read of its data sets. @throws InvalidSpecificationError with every fault, those of the data included */
export async function checkedExperiment(
  document: unknown,
  setup: ConstructorParameters<typeof ThreadInspector>[0],
): Promise<ExpandedExperiment> {
  const inspector = new ThreadInspector(setup);
  try {
    const expanded = await checkExperiment(document, inspector);
    for (const summary of await summarizeDatasets(expanded, inspector)) console.error(datasetLines(summary));
    return expanded;
  } finally {
    await inspector.close();
  }
}
