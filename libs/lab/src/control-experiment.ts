/** Changes to an experiment that its owner and admins may make. */
import type { Visibility } from '@airmeta/spec';
import { NotAllowedError } from './access-errors.js';
import { mayChange, ownershipRefusalOf, type Operation } from './access-policy.js';
import type { Caller } from './caller.js';
import type { ExperimentStore, ExperimentSummary } from './ports.js';

async function owned(id: string, caller: Caller, operation: Operation, experiments: ExperimentStore): Promise<boolean> {
  const experiment = await experiments.find(id);
  if (experiment === undefined) return false;
  if (!mayChange(caller, operation, experiment)) throw new NotAllowedError(ownershipRefusalOf(operation));
  return true;
}

/** Undefined when there is no such experiment for this caller. @throws NotAllowedError */
export async function cancelExperiment(id: string, caller: Caller, experiments: ExperimentStore): Promise<ExperimentSummary | undefined> {
  return (await owned(id, caller, 'experiments:cancel', experiments)) ? experiments.cancel(id) : undefined;
}

/** Undefined when there is no such experiment for this caller. @throws NotAllowedError */
export async function changeVisibility(
  id: string,
  visibility: Visibility,
  caller: Caller,
  experiments: ExperimentStore,
): Promise<ExperimentSummary | undefined> {
  return (await owned(id, caller, 'experiments:change', experiments)) ? experiments.change(id, { visibility }) : undefined;
}
