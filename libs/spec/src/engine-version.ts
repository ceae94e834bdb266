/**
 * What a run's numbers depend on besides its configuration and its seed: the program. Runs of one point, seed and engine version are
 * one computation, which the lab does once. Raise it with every change after which a run may give other bits.
 */
export const ENGINE_VERSION = 1;
