/** A specification that is to be simulated here. */
import { ThreadInspector } from '@airmeta/compute';
import { checkExperiment } from '@airmeta/lab';
import type { ExpandedExperiment } from '@airmeta/spec';

/** @throws InvalidSpecificationError with every fault, those of the data included */
export async function checkedExperiment(
  document: unknown,
  setup: ConstructorParameters<typeof ThreadInspector>[0],
): Promise<ExpandedExperiment> {
  const inspector = new ThreadInspector(setup);
  try {
    return await checkExperiment(document, inspector);
  } finally {
    await inspector.close();
  }
}
