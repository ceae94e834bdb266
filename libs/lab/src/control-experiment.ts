/** What the owner of an experiment and admins may do to it, and to its runs. */
import type { ExperimentChange } from '@airmeta/spec';
import { NotAllowedError } from './access-errors.js';
import { mayChange, ownershipRefusalOf, type Operation } from './access-policy.js';
import type { Caller } from './caller.js';
import type { DatasetInspector, Experiment, ExperimentStore, ExperimentSummary } from './ports.js';
import { requireSameData } from './same-data.js';

/** The experiment, when there is one of this id for the caller. @throws NotAllowedError when it is another’s */
export async function owned(
  id: string,
  caller: Caller,
  operation: Operation,
  experiments: Pick<ExperimentStore, 'find'>,
): Promise<Experiment | undefined> {
  const experiment = await experiments.find(id);
  if (experiment === undefined) return undefined;
  if (!mayChange(caller, operation, experiment)) throw new NotAllowedError(ownershipRefusalOf(operation));
  return experiment;
}

/** Undefined when there is no such experiment for this caller. @throws NotAllowedError, and what the store throws */
type Deed = (id: string, caller: Caller, experiments: ExperimentStore) => Promise<ExperimentSummary | undefined>;

function deed(operation: Operation, work: (id: string, experiments: ExperimentStore) => ReturnType<Deed>): Deed {
  return async (id, caller, experiments) => ((await owned(id, caller, operation, experiments)) ? work(id, experiments) : undefined);
}

/** Queued runs are cancelled at once, running ones as their workers let go. */
export const cancelExperiment: Deed = deed('experiments:cancel', (id, experiments) => experiments.cancel(id));

/** No run starts; running ones are given back with a checkpoint. @throws ControlConflictError when it has ended */
export const pauseExperiment: Deed = deed('experiments:pause', (id, experiments) => experiments.pause(id));

/** What going on with an experiment needs: its runs, and a look at their data. */
interface ContinuationStores {
  readonly experiments: ExperimentStore;
  readonly datasets: DatasetInspector;
}

/**
 * Lifts what holds or ends it, and queues every run that has no result.
 * @throws ControlConflictError when its compute time is used up, or its images are not those it began with
 */
export async function resumeExperiment(
  id: string,
  caller: Caller,
  { experiments, datasets }: ContinuationStores,
): Promise<ExperimentSummary | undefined> {
  if (!(await owned(id, caller, 'experiments:resume', experiments))) return undefined;
  await requireSameData(await experiments.points(id), datasets);
  return experiments.resume(id);
}

/** Queued runs are cancelled, running ones go on to their end. @throws ControlConflictError when it has ended */
export const stopExperiment: Deed = deed('experiments:stop', (id, experiments) => experiments.stop(id));

/**
 * Queues failed runs again, computed anew even where another experiment has their results when `force` is set.
 * @throws ControlConflictError when it was stopped or cancelled, or its images are not those it began with
 */
export async function retryFailedRuns(
  id: string,
  options: { readonly force: boolean },
  caller: Caller,
  { experiments, datasets }: ContinuationStores,
): Promise<ExperimentSummary | undefined> {
  if (!(await owned(id, caller, 'experiments:retry', experiments))) return undefined;
  await requireSameData(await experiments.points(id), datasets);
  return experiments.retryFailed(id, options);
}

/** Changes what touches no run: who sees it, its priority, tags, notes, and whether it is archived. */
export async function changeExperiment(
  id: string,
  change: ExperimentChange,
  caller: Caller,
  experiments: ExperimentStore,
): Promise<ExperimentSummary | undefined> {
  return (await owned(id, caller, 'experiments:change', experiments)) ? experiments.change(id, change) : undefined;
}

/** False when there is no such run for this caller. @throws NotAllowedError @throws ControlConflictError while it is open */
export async function deleteRun(runId: string, caller: Caller, experiments: ExperimentStore): Promise<boolean> {
  const run = await experiments.findRun(runId);
  if (run === undefined || !(await owned(run.experimentId, caller, 'runs:delete', experiments))) return false;
  return experiments.deleteRun(runId);
}
