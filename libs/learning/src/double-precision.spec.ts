/** Both engines against differences of losses in double precision. */
import { randomStream, type RandomStream } from '@airmeta/numerics';
import { beforeAll, describe, expect, it } from 'vitest';
import { adapted, batchLoss, gradientOf } from '../test/double-precision.js';
import { architectureOf, initialParameters, type Architecture, type ModelOptions } from './architecture.js';
import { createFusedEngine } from './fused/fused-learner.js';
import type { Learner, LearnerBatch, LearnerEngine } from './learner.js';
import { createTfjsEngine } from './tfjs/tfjs-learner.js';

/** Small, as every difference of a difference costs as many losses as there are pairs of parameters; tanh, as they need derivatives. */
const MODELS: Readonly<Record<string, ModelOptions>> = {
  mlp: { kind: 'mlp', hidden: [3, 2], activation: 'tanh' },
  cnn: { kind: 'cnn', filters: 2, blocks: 1, activation: 'tanh' },
  linear: { kind: 'linear' },
};
const LOSSES = ['cross-entropy', 'mean-squared-error'] as const;
const CASES = Object.keys(MODELS).flatMap((model) => LOSSES.map((loss) => ({ model, loss })));

const ALPHA = 0.15;

/** What float32 arithmetic of such sums loses: some tens of roundings of 6e-8. The golden vectors have the same limit. */
const TOLERANCE = 1e-5;

function batchOf({ inputSize, outputSize, loss }: Architecture, stream: RandomStream, size: number): LearnerBatch {
  const x = Float32Array.from({ length: size * inputSize }, () => stream.normal());
  const y =
    loss === 'cross-entropy'
      ? Int32Array.from({ length: size }, () => stream.integer(outputSize))
      : Float32Array.from({ length: size * outputSize }, () => stream.normal());
  return { size, x, y };
}

function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let index = 0; index < expected.length; index++) {
    difference += (actual[index] - expected[index]) ** 2;
    size += expected[index] ** 2;
  }
  return Math.sqrt(difference / size);
}

describe.each(['fused', 'tfjs'])('%s in double precision', (name) => {
  let engine: LearnerEngine;

  beforeAll(async () => {
    engine = name === 'fused' ? createFusedEngine() : await createTfjsEngine();
  });

  describe.each(CASES)('$model with $loss', ({ model, loss }) => {
    const architecture = architectureOf(MODELS[model], { inputSize: 8, image: [2, 2, 2], outputSize: 2, loss });
    const stream = randomStream(11, 'data');
    const [support, query] = [3, 4].map((size) => batchOf(architecture, stream, size));
    const theta = initialParameters(architecture, randomStream(11, 'initial-weights')).map((value) => value + 0.1 * stream.normal());
    const start = Float64Array.from(theta);
    let learner: Learner;

    beforeAll(() => {
      learner = engine.createLearner(architecture);
    });

    it('none is the gradient of the loss on all samples of support and query', () => {
      const expected = gradientOf((at) => (3 * batchLoss(architecture, at, support) + 4 * batchLoss(architecture, at, query)) / 7, start);
      const actual = learner.metaGradients(theta, [{ support, query }], { kind: 'none', innerStep: ALPHA, delta: 1 });
      expect(relativeError(actual, expected)).toBeLessThan(TOLERANCE);
    });

    it.each([1, 2, 5])('maml is the gradient of the loss after %i inner steps', (innerSteps) => {
      const lossAfter = (at: Float64Array) => batchLoss(architecture, adapted(architecture, at, support, ALPHA, innerSteps), query);
      const actual = learner.metaGradients(theta, [{ support, query }], { kind: 'maml', innerStep: ALPHA, innerSteps, delta: 1 });
      expect(relativeError(actual, gradientOf(lossAfter, start))).toBeLessThan(TOLERANCE);
    });

    it.each([1, 5])('first-order is the gradient of the loss where %i inner steps lead', (innerSteps) => {
      const expected = gradientOf((at) => batchLoss(architecture, at, query), adapted(architecture, start, support, ALPHA, innerSteps));
      const actual = learner.metaGradients(theta, [{ support, query }], { kind: 'first-order', innerStep: ALPHA, innerSteps, delta: 1 });
      expect(relativeError(actual, expected)).toBeLessThan(TOLERANCE);
    });
  });
});
