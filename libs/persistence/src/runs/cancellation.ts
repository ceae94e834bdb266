import { COMPUTE_TIME_OVER, type RunEnd } from '@airmeta/lab';
import type { LockedExperiment } from '../bookkeeping/experiment-lock.js';

/** How a run ends that its worker has given back or lost, where no run of the experiment is to go on; undefined where it is. */
export function cancellation({ ending }: Pick<LockedExperiment, 'ending'>): Extract<RunEnd, { kind: 'cancelled' }> | undefined {
  if (ending === 'cancel') return { kind: 'cancelled' };
  return ending === 'budget' ? { kind: 'cancelled', failure: COMPUTE_TIME_OVER } : undefined;
}
