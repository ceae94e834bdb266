import type { LabClient } from '@airmeta/client';
import type { ExperimentSummaryBody } from '@airmeta/spec';
import { durationBetween, stateOf } from '@airmeta/charts';
import { Progress } from '../progress.js';

function details({ runs, runCount, ...experiment }: ExperimentSummaryBody): string {
  const parts = [`${runs.completed + runs.diverged} of ${runCount} runs done`, ...(runs.running > 0 ? [`${runs.running} running`] : [])];
  for (const state of ['diverged', 'failed', 'cancelled'] as const) if (runs[state] > 0) parts.push(`${runs[state]} ${state}`);
  const state = stateOf(experiment);
  if (state !== 'running') parts.unshift(experiment.hold === null ? state : `${state} until it is resumed`);
  return parts.join(', ');
}

/** Follows an experiment to its end, showing progress. */
export async function watch(client: LabClient, id: string): Promise<ExperimentSummaryBody> {
  const progress = new Progress();
  let last = await client.experiment(id);
  for await (const item of client.follow(id)) {
    if (item.kind !== 'progress') continue;
    last = item.summary;
    const { roundsDone, roundsTotal, remainingMs } = last;
    const left = remainingMs === null ? '' : `${durationBetween(remainingMs)} left`;
    progress.show({ done: roundsDone, total: roundsTotal, details: details(last), left });
  }
  progress.end();
  return last;
}
