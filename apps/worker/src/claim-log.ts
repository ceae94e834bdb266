/** A log that knows which run its lines are about, from the moment the run is claimed. */
import type { Admission, RunStore } from '@airmeta/lab';
import type { Logger } from 'pino';

export interface ClaimLog {
  /** Names the run; once it is claimed, its experiment and the fence of the claim as well. */
  readonly log: Logger;
  /** The store, which tells the log of the claim. */
  readonly runs: RunStore;
}

export function followClaim(admission: Admission, runs: RunStore, log: Logger): ClaimLog {
  let current = log.child({ runId: admission.runId });
  return {
    get log() {
      return current;
    },
    runs: {
      ...runs,
      claim: async (...request) => {
        const claim = await runs.claim(...request);
        if (claim) {
          current = log.child({ runId: claim.runId, experimentId: claim.experimentId, fence: claim.fence });
          current.info('run started');
        }
        return claim;
      },
    },
  };
}
