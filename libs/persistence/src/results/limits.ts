/** How much the database keeps of runs. */

/** Bytes of one run's parameters: more are not kept, and the run completes without. */
export const MAX_RUN_BYTES = 64 * 2 ** 20;
/** Bytes of parameters and last checkpoints that an experiment keeps. */
export const MAX_EXPERIMENT_BYTES = 4 * 2 ** 30;
