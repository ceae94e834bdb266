import type { Ending, ExperimentSummaryBody, Hold } from '@airmeta/spec';

const HELD: Readonly<Record<Hold, string>> = { paused: 'paused', failures: 'held after failures' };
const ENDING: Readonly<Record<Ending, string>> = { stop: 'stopping', cancel: 'being cancelled', budget: 'out of compute time' };

/** What an experiment is doing, in a word or two. */
export function stateOf({ state, hold, ending }: Pick<ExperimentSummaryBody, 'state' | 'hold' | 'ending'>): string {
  if (state !== 'running') return ending === 'budget' ? `${state}, ${ENDING.budget}` : state;
  if (ending !== null) return ENDING[ending];
  return hold === null ? state : HELD[hold];
}

/** Its runs by state, those of which there are any: "3 queued, 1 running, 4 completed". */
export function countsOf({ runs, sharedRuns }: Pick<ExperimentSummaryBody, 'runs' | 'sharedRuns'>): string {
  const parts = Object.entries(runs).flatMap(([state, count]) => (count > 0 ? [`${count} ${state}`] : []));
  if (sharedRuns > 0) parts.push(`${sharedRuns} of them shared`);
  return parts.length > 0 ? parts.join(', ') : 'no runs';
}
