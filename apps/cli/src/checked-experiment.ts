/** A specification that is to be simulated here. */
import { ThreadInspector } from '@airmeta/compute';
import { checkExperiment, type CheckedExperiment } from '@airmeta/lab';

/** @throws InvalidSpecificationError with every fault, those of the data included */
export async function checkedExperiment(
  document: unknown,
  setup: ConstructorParameters<typeof ThreadInspector>[0],
): Promise<CheckedExperiment> {
  const inspector = new ThreadInspector(setup);
  try {
    return await checkExperiment(document, inspector);
  } finally {
    await inspector.close();
  }
}
