import type { RunFailure } from './ports.js';

/** Why a run ends whose experiment has used up its compute time, which ends all of its runs. */
export const COMPUTE_TIME_OVER: RunFailure = Object.freeze({
  code: 'compute-time-over',
  message: 'the experiment has used up its compute time (limits.computeTime)',
});
