import { stateOf } from '@airmeta/charts';
import type { ExperimentSummaryBody } from '@airmeta/spec';
import { StateBadge } from '../elements/state-badge.js';

/** What an experiment is doing; one that is held or ends looks as what it waits for. */
export function ExperimentState({ experiment }: { readonly experiment: ExperimentSummaryBody }) {
  const { state, hold, ending } = experiment;
  const tone = state !== 'running' ? state : ending !== null ? 'stopped' : hold !== null ? 'held' : 'running';
  return <StateBadge tone={tone} text={stateOf(experiment)} />;
}
