/**
 * What a run's numbers depend on besides its configuration and its seed: the program. Runs of one point, seed and engine version are
 * one computation, which the lab does once. Raise it with every change after which a run may give other bits.
 *
 * 2: a compression is a share of the bins of the transform, so that 1 is lossless under `transform: fast` too, and short vectors are not
 * padded; updates are carried at any size that float32 has.
 * 1: the first.
 */
export const ENGINE_VERSION = 2;
