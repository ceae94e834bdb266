/** More of an experiment that is there: replicates, rounds, values. */
import type { Extension } from '@airmeta/spec';
import type { Caller } from './caller.js';
import { owned } from './control-experiment.js';
import { checkData } from './data-needs.js';
import type { DatasetInspector, ExperimentStore, ExperimentSummary, SpecificationReader } from './ports.js';

interface ExtensionPorts {
  readonly experiments: Pick<ExperimentStore, 'find' | 'extend'>;
  readonly datasets: DatasetInspector;
  readonly specifications: Pick<SpecificationReader, 'extend'>;
}

/**
 * Undefined when there is no such experiment for this caller; nothing is written when anything is wrong.
 * @throws NotAllowedError
 * @throws InvalidSpecificationError with every fault of the extension, or of the data that its points need
 * @throws ControlConflictError when its images are not those it began with, when somebody else extended it meanwhile, or it was stopped or cancelled
 */
export async function extendExperiment(
  id: string,
  extension: Extension,
  caller: Caller,
  { experiments, datasets, specifications }: ExtensionPorts,
): Promise<ExperimentSummary | undefined> {
  const experiment = await owned(id, caller, 'experiments:extend', experiments);
  if (experiment === undefined) return undefined;
  const { needs, ...draft } = await specifications.extend(experiment.specification, extension);
  return experiments.extend(id, { ...draft, dataFingerprints: await checkData(needs, datasets), extendedHash: experiment.hash });
}
