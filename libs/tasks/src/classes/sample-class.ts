import type { Batch } from '../task-environment.js';

/** A class with its samples: what few-shot classification tasks are made of, whatever a sample is. */
export interface SampleClass {
  /** For messages. */
  readonly name: string;
  /** What whole-group splits go by: an image's alphabet. */
  readonly group: string;
  /** Keys the split into training and held-out samples; classes with the same underlying samples share it. */
  readonly splitKey: number;
  /** Number of samples. */
  readonly count: number;
  /** Writes sample `index` to `out` from `offset` on. */
  writeSample(index: number, out: Float32Array, offset: number): void;
}

/**
 * The batch of the chosen samples, class by class in the order given; the label of a sample is its class's position.
 * @param classes the task's tuple of classes
 * @param chosen per class, indices of its samples
 * @param inputSize numbers per sample
 * @param spare a batch no longer needed, whose arrays are used again if they have the size
 */
export function classBatch(classes: readonly SampleClass[], chosen: readonly Int32Array[], inputSize: number, spare?: Batch): Batch {
  const size = chosen.reduce((sum, indices) => sum + indices.length, 0);
  const x = spare?.x.length === size * inputSize ? spare.x : new Float32Array(size * inputSize);
  const y = new Int32Array(size);
  let position = 0;
  classes.forEach((sampleClass, label) => {
    for (const index of chosen[label]) {
      sampleClass.writeSample(index, x, position * inputSize);
      y[position++] = label;
    }
  });
  return { size, x, y };
}
