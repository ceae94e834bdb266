import { randomStream } from './random-stream.js';

/**
 * The seed of replicate `replicate` of an experiment: 53 random bits keyed by (experiment seed, replicate), so that
 * adding replicates later leaves the earlier ones as they are.
 */
export function replicateSeed(experimentSeed: number, replicate: number): number {
  return randomStream(experimentSeed, 'replicate-seeds', { round: replicate }).uniform() * 2 ** 53;
}
