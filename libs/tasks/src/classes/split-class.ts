import { randomStream } from '@airmeta/numerics';

import type { SampleClass } from './sample-class.js';

/** A training class with its samples divided: `heldOut` is for evaluation only. Both hold sample indices. */
export interface SplitClass extends SampleClass {
  readonly training: Int32Array;
  readonly heldOut: Int32Array;
}

/**
 * Divides the samples of a class at random (stream `data`, keyed by the class's `splitKey`).
 * @param seed the run's seed
 * @param heldOut number of samples kept for evaluation
 */
export function splitClass(seed: number, sampleClass: SampleClass, heldOut: number): SplitClass {
  const order = randomStream(seed, 'data', { agent: sampleClass.splitKey }).permutation(sampleClass.count);
  return { ...sampleClass, heldOut: order.slice(0, heldOut), training: order.slice(heldOut) };
}
