import { randomStream, type RandomStream } from '@airmeta/numerics';
import { beforeAll, describe, expect, it } from 'vitest';
import { architectureOf, initialParameters, type Architecture, type ModelOptions } from '../architecture.js';
import type { GradientKind, Learner, LearnerBatch, LearnerEngine, LearnerEpisode } from '../learner.js';
import { createTfjsEngine } from './tfjs-learner.js';

const SHAPES = {
  'cross-entropy': { inputSize: 18, image: [2, 3, 3], outputSize: 3, loss: 'cross-entropy' },
  'mean-squared-error': { inputSize: 18, image: [2, 3, 3], outputSize: 2, loss: 'mean-squared-error' },
} as const;
type Loss = keyof typeof SHAPES;

/** tanh throughout: every derivative exists, so that finite differences mean something. */
const MODELS: Readonly<Record<string, ModelOptions>> = {
  mlp: { kind: 'mlp', hidden: [7, 6], activation: 'tanh' },
  cnn: { kind: 'cnn', filters: 3, blocks: 2, activation: 'tanh' },
  linear: { kind: 'linear' },
};
const CASES = Object.keys(MODELS).flatMap((model) => (Object.keys(SHAPES) as Loss[]).map((loss) => ({ model, loss })));

const ALPHA = 0.1;
const DELTA = 1e-2;

function batchOf({ inputSize, outputSize, loss }: Architecture, stream: RandomStream, size: number): LearnerBatch {
  const x = Float32Array.from({ length: size * inputSize }, () => stream.normal());
  const y =
    loss === 'cross-entropy'
      ? Int32Array.from({ length: size }, () => stream.integer(outputSize))
      : Float32Array.from({ length: size * outputSize }, () => stream.normal());
  return { size, x, y };
}

/** Both batches as one. */
function joined(a: LearnerBatch, b: LearnerBatch): LearnerBatch {
  const y = a.y instanceof Int32Array ? Int32Array.of(...a.y, ...b.y) : Float32Array.of(...a.y, ...b.y);
  return { size: a.size + b.size, x: Float32Array.of(...a.x, ...b.x), y };
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, value, index) => sum + value * b[index], 0);
const norm = (a: ArrayLike<number>) => Math.sqrt(dot(a, a));
const minus = (a: Float32Array, b: Float32Array) => a.map((value, index) => value - b[index]);
const moved = (theta: Float32Array, direction: ArrayLike<number>, step: number) =>
  theta.map((value, index) => value + step * direction[index]);

describe.each(['wasm', 'cpu'] as const)('tfjs learner on %s', (backend) => {
  let engine: LearnerEngine;

  // The backend is TensorFlow.js's own global state: each suite sets its own.
  beforeAll(async () => {
    engine = await createTfjsEngine(backend);
  });

  describe.each(CASES)('$model with $loss', ({ model, loss }) => {
    const architecture = architectureOf(MODELS[model], SHAPES[loss]);
    const stream = randomStream(7, 'data');
    const [support, query, other, hessian] = [3, 4, 4, 3].map((size) => batchOf(architecture, stream, size));
    const theta = initialParameters(architecture, randomStream(7, 'initial-weights'));
    const direction = (() => {
      const values = Float64Array.from(theta, () => stream.normal());
      return values.map((value) => value / norm(values));
    })();
    let learner: Learner;

    beforeAll(() => {
      learner = engine.createLearner(architecture);
    });

    const gradient = (kind: GradientKind, episode: LearnerEpisode, at = theta) =>
      learner.metaGradients(at, [episode], { kind, innerStep: ALPHA, delta: DELTA });
    const lossAfter = (at: Float32Array, episode: LearnerEpisode, steps: number) =>
      learner.fineTune(at, [episode], ALPHA, steps).loss[steps];

    /** u = grad f(phi; D') and H(theta; D'') u, out of two gradient rules. */
    function hessianTimes(queries: LearnerBatch): { u: Float32Array; hu: Float32Array } {
      const u = gradient('first-order', { support, query: queries, hessian });
      const hu = minus(u, gradient('exact', { support, query: queries, hessian })).map((value) => value / ALPHA);
      return { u, hu };
    }

    /**
     * Five-point differences err by h^4/30 = 3e-8 times the fifth derivative at h = 1/32. Inputs have norms around 4, so that is
     * 4^5 = 1e3, and ten times as much through an inner step: up to 3e-4. Rounding of a float32 loss, a few times 6e-8, is
     * multiplied by 3/(2h) = 48: some 1e-5. Gradients here have norms from 0.3 to 10.
     */
    const H = 1 / 32;
    const SLACK = 1e-3;

    /** The steepest direction, along which no part of the gradient can hide, and one chosen blindly. */
    const directionsFor = (expected: Float32Array) => [expected.map((value) => value / norm(expected)), direction];
    const slope = (f: (at: Float32Array) => number, along: ArrayLike<number>) => {
      const rise = (steps: number) => f(moved(theta, along, steps * H)) - f(moved(theta, along, -steps * H));
      return (8 * rise(1) - rise(2)) / (12 * H);
    };

    it('has the slope of the support loss for support gradient', () => {
      const self = { support, query: support };
      const actual = learner.supportGradients(theta, [self]);
      for (const along of directionsFor(actual)) {
        expect(Math.abs(dot(actual, along) - slope((at) => lossAfter(at, self, 0), along))).toBeLessThan(SLACK);
      }
    });

    it('has the slope of the loss after an inner step for maml gradient', () => {
      const episode = { support, query };
      const actual = gradient('maml', episode);
      for (const along of directionsFor(actual)) {
        expect(Math.abs(dot(actual, along) - slope((at) => lossAfter(at, episode, 1), along))).toBeLessThan(SLACK);
      }
    });

    it('takes for first-order gradient that of the query loss at the adapted parameters', () => {
      const phi = moved(theta, learner.supportGradients(theta, [{ support, query }]), -ALPHA);
      const expected = learner.supportGradients(phi, [{ support: query, query }]);
      expect(norm(minus(gradient('first-order', { support, query }), expected)) / norm(expected)).toBeLessThan(1e-5);
    });

    it('multiplies by a symmetric Hessian: <v, H u> = <u, H v>', () => {
      const first = hessianTimes(query);
      const second = hessianTimes(other);
      // H u is a difference of float32 gradients over alpha = 1/10: errors of some 1e-7 |u| times ten.
      const scale = norm(first.u) * norm(second.u);
      expect(Math.abs(dot(second.u, first.hu) - dot(first.u, second.hu))).toBeLessThan(1e-5 * scale);
    });

    it('multiplies linearly: the product with a mean is the mean of the products', () => {
      const first = hessianTimes(query);
      const second = hessianTimes(other);
      const both = hessianTimes(joined(query, other));
      const mean = (a: Float32Array, b: Float32Array) => a.map((value, index) => (value + b[index]) / 2);
      expect(norm(minus(both.u, mean(first.u, second.u)))).toBeLessThan(1e-5 * norm(both.u));
      expect(norm(minus(both.hu, mean(first.hu, second.hu)))).toBeLessThan(1e-5 * (norm(first.u) + norm(second.u)));
    });

    it('multiplies by the Hessian that differences of the gradient show', () => {
      const { u, hu } = hessianTimes(query);
      const unit = u.map((value) => value / norm(u));
      const rise = (steps: number) => {
        const at = (step: number) => learner.supportGradients(moved(theta, unit, step), [{ support: hessian, query: hessian }]);
        return minus(at(steps * H), at(-steps * H));
      };
      const [one, two] = [rise(1), rise(2)];
      const difference = one.map((value, index) => (norm(u) * (8 * value - two[index])) / (12 * H));
      expect(norm(minus(hu, difference)) / norm(u)).toBeLessThan(SLACK);
    });

    it('agrees with itself between rules: exact on D″ = D is maml, and hessian-free comes near it', () => {
      const episode = { support, query, hessian: support };
      const maml = gradient('maml', episode);
      expect(norm(minus(gradient('exact', episode), maml)) / norm(maml)).toBeLessThan(1e-5);
      // Central difference: error alpha delta^2 |u|^3 f'''' / 6 and rounding 1e-7 alpha / delta, both far under 1e-3.
      expect(norm(minus(gradient('hessian-free', episode), maml)) / norm(maml)).toBeLessThan(1e-3);
    });

    it('treats every episode as if it were alone, from shared or own parameters', () => {
      const episodes = [
        { support, query, hessian },
        { support: hessian, query: other, hessian: support },
      ];
      const rule = { kind: 'exact', innerStep: ALPHA, delta: DELTA } as const;
      const elsewhere = moved(theta, direction, 0.5);
      const own = learner.metaGradients(Float32Array.of(...theta, ...elsewhere), episodes, rule);
      const alone = [gradient('exact', episodes[0]), gradient('exact', episodes[1], elsewhere)];
      alone.forEach((expected, index) => {
        const actual = own.subarray(index * theta.length, (index + 1) * theta.length);
        expect(norm(minus(actual, expected)) / norm(expected)).toBeLessThan(1e-5);
      });
    });

    it('fine-tunes by its support gradient, one score per step', () => {
      const episode = { support, query };
      const { loss: losses, accuracy } = learner.fineTune(theta, [episode, { support, query: other }], ALPHA, 2);
      expect(losses).toHaveLength(6);
      expect(accuracy?.length).toBe(loss === 'cross-entropy' ? 6 : undefined);
      let phi = theta;
      for (let step = 0; step <= 2; step++) {
        expect(losses[step] / lossAfter(phi, episode, 0)).toBeCloseTo(1, 5);
        phi = moved(phi, learner.supportGradients(phi, [episode]), -ALPHA);
      }
    });

    it('gives the same bits again', () => {
      const episode = { support, query, hessian };
      for (const kind of ['maml', 'exact', 'first-order', 'hessian-free', 'none'] as const)
        expect(gradient(kind, episode)).toEqual(gradient(kind, episode));
    });
  });

  it('fine-tunes more tasks than one batch holds, each as if alone', () => {
    const architecture = architectureOf(MODELS.mlp, SHAPES['cross-entropy']);
    const stream = randomStream(8, 'data');
    const episodes = Array.from({ length: 70 }, () => ({
      support: batchOf(architecture, stream, 3),
      query: batchOf(architecture, stream, 4),
    }));
    const theta = initialParameters(architecture, stream);
    const learner = engine.createLearner(architecture);
    const together = learner.fineTune(theta, episodes, ALPHA, 1);
    for (const index of [0, 63, 64, 69]) {
      const alone = learner.fineTune(theta, [episodes[index]], ALPHA, 1);
      expect(together.loss[2 * index + 1]).toBeCloseTo(alone.loss[1], 5);
      expect(together.accuracy?.[2 * index + 1]).toBe(alone.accuracy?.[1]);
    }
  });

  it('names what does not fit', () => {
    const architecture = architectureOf(MODELS.mlp, SHAPES['cross-entropy']);
    const stream = randomStream(9, 'data');
    const [three, four] = [3, 4].map((size) => batchOf(architecture, stream, size));
    const learner = engine.createLearner(architecture);
    const theta = new Float32Array(learner.parameterCount);
    const rule = { kind: 'exact', innerStep: ALPHA, delta: DELTA } as const;
    expect(() => learner.metaGradients(theta, [{ support: three, query: four }], rule)).toThrow(
      /the exact meta-gradient needs a third batch D''/,
    );
    expect(() => learner.metaGradients(theta, [{ support: three, query: four }], { ...rule, kind: 'none', innerSteps: 2 })).toThrow(
      /none .* not defined for 2 inner steps/,
    );
    const uneven = [
      { support: three, query: four },
      { support: four, query: four },
    ];
    expect(() => learner.supportGradients(theta, uneven)).toThrow(/batch sizes 3 and 4 differ/);
    expect(() => learner.supportGradients(theta.subarray(1), [uneven[0]])).toThrow(/expected \[\d+\] or \[1\]\[\d+\], got \d+ numbers/);
  });
});
