import type { LabClient } from '@airmeta/client';
import type { ExperimentSummaryBody } from '@airmeta/spec';
import { Progress } from '../progress.js';

function details({ runs, runCount }: ExperimentSummaryBody): string {
  const ended = runs.completed + runs.diverged + runs.failed + runs.cancelled;
  const parts = [`${ended} of ${runCount} runs`, `${runs.running} running`];
  for (const state of ['diverged', 'failed', 'cancelled'] as const) if (runs[state] > 0) parts.push(`${runs[state]} ${state}`);
  return parts.join(', ');
}

/** Follows an experiment to its end, showing progress. */
export async function watch(client: LabClient, id: string): Promise<ExperimentSummaryBody> {
  const progress = new Progress();
  let last = await client.experiment(id);
  for await (const item of client.follow(id)) {
    if (item.kind !== 'progress') continue;
    last = item.summary;
    progress.show({ done: last.roundsDone, total: last.roundsTotal, details: details(last) });
  }
  progress.end();
  return last;
}
