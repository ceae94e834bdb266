/** More of an experiment that is there: replicates, rounds, values. */
import { extendExperiment as extendSpecification, type Extension } from '@airmeta/spec';
import type { Caller } from './caller.js';
import { owned } from './control-experiment.js';
import { pointLabels } from './point-label.js';
import type { DatasetInspector, ExperimentStore, ExperimentSummary } from './ports.js';
import { checkDatasets, replicateSeedsOf } from './submit-experiment.js';

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
  { experiments, datasets }: { readonly experiments: ExperimentStore; readonly datasets: DatasetInspector },
): Promise<ExperimentSummary | undefined> {
  const experiment = await owned(id, caller, 'experiments:extend', experiments);
  if (experiment === undefined) return undefined;
  const { expanded, origins } = extendSpecification(experiment.specification, extension);
  const dataFingerprints = await checkDatasets(expanded, datasets);
  return experiments.extend(id, {
    expanded,
    origins,
    dataFingerprints,
    labels: pointLabels(expanded.points),
    replicateSeeds: replicateSeedsOf(expanded),
    extendedHash: experiment.hash,
  });
}
