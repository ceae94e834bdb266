/** Loss and accuracy from logits, in double precision and the same for every engine. */
import type { Architecture } from './architecture.js';
import type { LearnerBatch } from './learner.js';

export interface Score {
  readonly loss: number;
  readonly accuracy: number | null;
}

/**
 * Scores one batch.
 * @param outputs logits or predictions [size][outputSize], at `offset`
 */
export function scoreOutputs(architecture: Architecture, outputs: Float32Array, offset: number, batch: LearnerBatch): Score {
  const width = architecture.outputSize;
  let loss = 0;
  let correct = 0;
  for (let sample = 0; sample < batch.size; sample++) {
    const row = offset + sample * width;
    if (architecture.loss === 'mean-squared-error') {
      for (let output = 0; output < width; output++) {
        const error = outputs[row + output] - batch.y[sample * width + output];
        loss += (error * error) / width;
      }
      continue;
    }
    let best = 0;
    for (let output = 1; output < width; output++) if (outputs[row + output] > outputs[row + best]) best = output;
    let sum = 1;
    for (let output = 0; output < width; output++) if (output !== best) sum += Math.exp(outputs[row + output] - outputs[row + best]);
    loss += Math.log(sum) + outputs[row + best] - outputs[row + batch.y[sample]];
    if (best === batch.y[sample]) correct++;
  }
  return {
    loss: loss / batch.size,
    accuracy: architecture.loss === 'cross-entropy' ? correct / batch.size : null,
  };
}
