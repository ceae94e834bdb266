import { randomStream } from '@airmeta/numerics';

import type { SampleClass } from './sample-class.js';

/** A training class with its samples divided: `heldOut` is for evaluation only. Both hold sample indices. */
export interface SplitClass extends SampleClass {
  readonly training: Int32Array;
  readonly heldOut: Int32Array;
}

/** The `step` part of the addresses of what agents own; step 0 is the split itself. */
const FIRST_OWNER = 1;

/**
 * Divides the samples of a class at random (stream `data`, keyed by the class's `splitKey`).
 * @param seed the run's seed
 * @param heldOut number of samples kept for evaluation
 */
export function splitClass(seed: number, sampleClass: SampleClass, heldOut: number): SplitClass {
  const order = randomStream(seed, 'data', { agent: sampleClass.splitKey }).permutation(sampleClass.count);
  return { ...sampleClass, heldOut: order.slice(0, heldOut), training: order.slice(heldOut) };
}

/**
 * The training samples of a class that an agent owns: a random subset (stream `data`, keyed by `splitKey` and agent), so
 * what is owned of a character is owned of its rotations.
 * @param count size of the subset, at most the number of training samples
 */
export function ownedSamples(seed: number, agent: number, { splitKey, training }: SplitClass, count: number): Int32Array {
  const stream = randomStream(seed, 'data', { agent: splitKey, step: FIRST_OWNER + agent });
  return stream.sample(training.length, count).map((position) => training[position]);
}
