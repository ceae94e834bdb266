import { randomStream, type RandomStream } from '@airmeta/numerics';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { architectureOf, initialParameters, type Architecture, type ModelOptions } from '../architecture.js';
import type { GradientKind, Learner, LearnerBatch, LearnerEngine, LearnerEpisode } from '../learner.js';
import { createTfjsEngine } from '../tfjs/tfjs-learner.js';
import { createFusedEngine, fusedSupports } from './fused-learner.js';
import { availableBuilds } from './fused-module.js';

const KINDS: readonly GradientKind[] = ['first-order', 'maml', 'exact', 'hessian-free', 'none'];

/** A model, its data and how it is used, small enough to be tried many times and odd enough to meet every edge of a tile. */
interface Case {
  readonly seed: number;
  readonly model: ModelOptions;
  readonly image: readonly [channels: number, height: number, width: number];
  readonly loss: 'cross-entropy' | 'mean-squared-error';
  readonly outputSize: number;
  readonly support: number;
  readonly query: number;
  readonly hessian: number;
  readonly episodes: number;
  readonly innerStep: number;
}

const SMALL: Case = {
  seed: 3,
  model: { kind: 'mlp', hidden: [7], activation: 'tanh' },
  image: [1, 2, 3],
  loss: 'cross-entropy',
  outputSize: 3,
  support: 3,
  query: 2,
  hessian: 2,
  episodes: 2,
  innerStep: 0.1,
};

const activations = fc.constantFrom('relu', 'tanh');

const perceptrons: fc.Arbitrary<ModelOptions> = fc.record({
  kind: fc.constant('mlp'),
  hidden: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 3 }),
  activation: activations,
});

const networks: fc.Arbitrary<ModelOptions> = fc.record({
  kind: fc.constant('cnn'),
  filters: fc.integer({ min: 1, max: 9 }),
  blocks: fc.integer({ min: 1, max: 3 }),
  activation: activations,
});

function casesOf(model: fc.Arbitrary<ModelOptions>, longestSide: number): fc.Arbitrary<Case> {
  const side = fc.integer({ min: 1, max: longestSide });
  return fc.record({
    seed: fc.nat(1e6),
    model,
    image: fc.tuple(fc.integer({ min: 1, max: 3 }), side, side),
    loss: fc.constantFrom('cross-entropy', 'mean-squared-error'),
    outputSize: fc.integer({ min: 1, max: 9 }),
    support: fc.integer({ min: 1, max: 11 }),
    query: fc.integer({ min: 1, max: 14 }),
    hessian: fc.integer({ min: 1, max: 11 }),
    episodes: fc.integer({ min: 1, max: 4 }),
    innerStep: fc.double({ min: 0.01, max: 0.3, noNaN: true }),
  });
}

const cases = fc.oneof(casesOf(perceptrons, 6), casesOf(fc.constant({ kind: 'linear' }), 6), casesOf(networks, 9));

function inputSizeOf({ image }: Case): number {
  return image[0] * image[1] * image[2];
}

function architectureIn(problem: Case): Architecture {
  return architectureOf(problem.model, { ...problem, inputSize: inputSizeOf(problem) });
}

function normals(stream: RandomStream, count: number): Float32Array {
  return Float32Array.from({ length: count }, () => stream.normal());
}

function randomBatch(problem: Case, stream: RandomStream, size: number): LearnerBatch {
  const { outputSize, loss } = problem;
  const x = normals(stream, size * inputSizeOf(problem));
  if (loss === 'mean-squared-error') return { size, x, y: normals(stream, size * outputSize) };
  return { size, x, y: Int32Array.from({ length: size }, () => stream.integer(outputSize)) };
}

function episodesIn(problem: Case): Required<LearnerEpisode>[] {
  const stream = randomStream(problem.seed, 'data');
  return Array.from({ length: problem.episodes }, () => ({
    support: randomBatch(problem, stream, problem.support),
    query: randomBatch(problem, stream, problem.query),
    hessian: randomBatch(problem, stream, problem.hessian),
  }));
}

/** [episodes][d], every agent's parameters a little different. */
function ownParameters(problem: Case, theta: Float32Array): Float32Array {
  const stream = randomStream(problem.seed, 'noise');
  return Float32Array.from({ length: problem.episodes * theta.length }, (_, index) => {
    return theta[index % theta.length] + 0.05 * stream.normal();
  });
}

function thetaIn(problem: Case): Float32Array {
  return initialParameters(architectureIn(problem), randomStream(problem.seed, 'initial-weights'));
}

function repeated(theta: Float32Array, times: number): Float32Array {
  const result = new Float32Array(times * theta.length);
  for (let index = 0; index < times; index++) result.set(theta, index * theta.length);
  return result;
}

/** Both batches as one. */
function joined(a: LearnerBatch, b: LearnerBatch): LearnerBatch {
  const y = a.y instanceof Int32Array ? Int32Array.of(...a.y, ...b.y) : Float32Array.of(...a.y, ...b.y);
  return { size: a.size + b.size, x: Float32Array.of(...a.x, ...b.x), y };
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, value, index) => sum + value * b[index], 0);
const norm = (a: ArrayLike<number>) => Math.sqrt(dot(a, a));
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) => norm(Array.from(a, (value, index) => value - b[index]));

/** || a - b || relative to || b ||, or to `floor` where b all but vanishes. */
function relativeError(a: ArrayLike<number>, b: ArrayLike<number>, floor = 1e-3): number {
  let difference = 0;
  let size = 0;
  for (let index = 0; index < b.length; index++) {
    difference += (a[index] - b[index]) ** 2;
    size += b[index] ** 2;
  }
  return Math.sqrt(difference) / Math.max(Math.sqrt(size), floor);
}

describe.each(availableBuilds())('fused learner, %s build', (build) => {
  const engine = createFusedEngine(build);
  let oracle: LearnerEngine;

  beforeAll(async () => {
    oracle = await createTfjsEngine();
  });

  // A seed is fixed because a preactivation within rounding of a ReLU's corner makes engines differ without fault.
  const options = { seed: 20240611, numRuns: 60 };

  it.each(KINDS)('agrees with automatic differentiation: %s', (kind) => {
    fc.assert(
      fc.property(cases, fc.boolean(), (problem, shared) => {
        const architecture = architectureIn(problem);
        const theta = shared ? thetaIn(problem) : ownParameters(problem, thetaIn(problem));
        const rule = { kind, innerStep: problem.innerStep, delta: 1e-2 };
        const episodes = episodesIn(problem);
        const actual = engine.createLearner(architecture).metaGradients(theta, episodes, rule);
        const expected = oracle.createLearner(architecture).metaGradients(theta, episodes, rule);
        // The central difference divides rounding errors by 2 delta.
        expect(relativeError(actual, expected)).toBeLessThan(kind === 'hessian-free' ? 1e-4 : 1e-5);
      }),
      options,
    );
  });

  it.each(['first-order', 'maml'] as const)('agrees with automatic differentiation through several inner steps: %s', (kind) => {
    fc.assert(
      fc.property(cases, fc.boolean(), fc.integer({ min: 2, max: 5 }), (problem, shared, innerSteps) => {
        const architecture = architectureIn(problem);
        const theta = shared ? thetaIn(problem) : ownParameters(problem, thetaIn(problem));
        // As long a path as the one step of the other tests: a longer one multiplies differences of rounding by its own curvature.
        const rule = { kind, innerStep: problem.innerStep / innerSteps, innerSteps, delta: 1 };
        const episodes = episodesIn(problem);
        const actual = engine.createLearner(architecture).metaGradients(theta, episodes, rule);
        const expected = oracle.createLearner(architecture).metaGradients(theta, episodes, rule);
        expect(relativeError(actual, expected)).toBeLessThan(1e-5);
      }),
      options,
    );
  });

  /** u = grad f(phi; D') and H(theta; D'') u for one episode, out of two gradient rules. */
  function hessianTimes(
    learner: Learner,
    theta: Float32Array,
    episode: LearnerEpisode,
    alpha: number,
  ): { u: Float32Array; hu: Float64Array } {
    const gradient = (kind: GradientKind) => learner.metaGradients(theta, [episode], { kind, innerStep: alpha, delta: 1 });
    const [u, exact] = [gradient('first-order'), gradient('exact')];
    return { u, hu: Float64Array.from(u, (value, index) => (value - exact[index]) / alpha) };
  }

  /** Each number of H u is a difference of float32 numbers of the size of u, over alpha: 6e-8 |u| / alpha, some tens of times. */
  const hessianSlack = (problem: Case) => 5e-6 / problem.innerStep;

  it('multiplies by a symmetric Hessian: <v, H u> = <u, H v>', () => {
    fc.assert(
      fc.property(cases, (problem) => {
        const learner = engine.createLearner(architectureIn(problem));
        const theta = thetaIn(problem);
        const [{ query, ...shared }, other] = episodesIn({ ...problem, episodes: 2 });
        const first = hessianTimes(learner, theta, { ...shared, query }, problem.innerStep);
        const second = hessianTimes(learner, theta, { ...shared, query: other.query }, problem.innerStep);
        const scale = norm(first.u) * norm(second.u) + norm(first.hu) * norm(second.u) + norm(first.u) * norm(second.hu);
        expect(Math.abs(dot(second.u, first.hu) - dot(first.u, second.hu))).toBeLessThanOrEqual(hessianSlack(problem) * scale);
      }),
      options,
    );
  });

  it('multiplies linearly: H (a u + b v) = a H u + b H v, a and b being shares of the samples', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 9 }), (problem, otherSize) => {
        const learner = engine.createLearner(architectureIn(problem));
        const theta = thetaIn(problem);
        const [{ query, ...shared }] = episodesIn({ ...problem, episodes: 1 });
        const other = randomBatch(problem, randomStream(problem.seed, 'evaluation'), otherSize);
        const [first, second, both] = [query, other, joined(query, other)].map((each) =>
          hessianTimes(learner, theta, { ...shared, query: each }, problem.innerStep),
        );
        const a = query.size / (query.size + otherSize);
        const mixed = (u: ArrayLike<number>, v: ArrayLike<number>) => Array.from(u, (value, index) => a * value + (1 - a) * v[index]);
        const size = norm(first.u) + norm(second.u) + norm(first.hu) + norm(second.hu);
        expect(distance(both.hu, mixed(first.hu, second.hu))).toBeLessThanOrEqual(hessianSlack(problem) * size);
      }),
      options,
    );
  });

  it.each<Case>([
    { ...SMALL, model: { kind: 'mlp', hidden: [9], activation: 'tanh' }, support: 270, query: 300, hessian: 5 },
    { ...SMALL, model: { kind: 'cnn', filters: 5, blocks: 2, activation: 'tanh' }, image: [1, 40, 35], query: 9 },
  ])('agrees with automatic differentiation where sums are long: $model.kind', (problem) => {
    const architecture = architectureIn(problem);
    const theta = thetaIn(problem);
    const episodes = episodesIn(problem);
    for (const kind of ['maml', 'exact'] as const) {
      const rule = { kind, innerStep: problem.innerStep, delta: 1 };
      const actual = engine.createLearner(architecture).metaGradients(theta, episodes, rule);
      const expected = oracle.createLearner(architecture).metaGradients(theta, episodes, rule);
      expect(relativeError(actual, expected)).toBeLessThan(1e-5);
    }
  });

  it('agrees with automatic differentiation: support gradients and fine-tuning', () => {
    fc.assert(
      fc.property(cases, fc.nat(4), (problem, steps) => {
        const architecture = architectureIn(problem);
        const theta = thetaIn(problem);
        const episodes = episodesIn(problem);
        const learner = engine.createLearner(architecture);
        const reference = oracle.createLearner(architecture);
        expect(relativeError(learner.supportGradients(theta, episodes), reference.supportGradients(theta, episodes))).toBeLessThan(1e-5);

        const actual = learner.fineTune(theta, episodes, problem.innerStep / 3, steps);
        const expected = reference.fineTune(theta, episodes, problem.innerStep / 3, steps);
        expect(actual.loss).toHaveLength(problem.episodes * (steps + 1));
        expect(relativeError(actual.loss, expected.loss)).toBeLessThan(1e-5);
        expect(actual.accuracy).toEqual(expected.accuracy);

        const later = (scores: Float64Array | null, from: number) => scores && scores.filter((_, at) => at % (steps + 1) >= from);
        {
          const from = Math.ceil(steps / 2);
          for (const [engaged, all] of [
            [learner, actual],
            [reference, expected],
          ] as const) {
            const scored = engaged.fineTune(theta, episodes, problem.innerStep / 3, steps, from);
            expect(scored).toEqual({ loss: later(all.loss, from), accuracy: later(all.accuracy, from) });
          }
        }
      }),
      options,
    );
  });

  it('gives the same bits whether agents share theta or own a copy, alone or together, again and again', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(...KINDS), fc.integer({ min: 1, max: 3 }), (problem, kind, steps) => {
        const learner = engine.createLearner(architectureIn(problem));
        const theta = thetaIn(problem);
        const episodes = episodesIn(problem);
        const innerSteps = kind === 'maml' || kind === 'first-order' ? steps : 1;
        const rule = { kind, innerStep: problem.innerStep, innerSteps, delta: 1e-3 };
        const together = learner.metaGradients(theta, episodes, rule);
        expect(learner.metaGradients(repeated(theta, episodes.length), episodes, rule)).toEqual(together);
        episodes.forEach((episode, index) => {
          const alone = learner.metaGradients(theta, [episode], rule);
          expect(alone).toEqual(together.subarray(index * theta.length, (index + 1) * theta.length));
        });
        expect(learner.metaGradients(theta, episodes, rule)).toEqual(together);
      }),
    );
  });

  it('fine-tunes every episode to the same bits, alone or among more than one call of the kernels takes', () => {
    const problem: Case = {
      ...SMALL,
      model: { kind: 'mlp', hidden: [8], activation: 'relu' },
      image: [1, 64, 16],
      support: 5,
      query: 20,
      episodes: 30,
      innerStep: 0.01,
    };
    const learner = engine.createLearner(architectureIn(problem));
    const theta = thetaIn(problem);
    const episodes = episodesIn(problem);
    const together = learner.fineTune(theta, episodes, problem.innerStep, 2);
    for (const index of [0, 7, 29]) {
      const alone = learner.fineTune(theta, [episodes[index]], problem.innerStep, 2);
      expect(together.loss.subarray(3 * index, 3 * index + 3)).toEqual(alone.loss);
    }
  });

  it('starts fine-tuning from the outputs at theta and takes the steps of its support gradient', () => {
    const problem: Case = { ...SMALL, loss: 'mean-squared-error', support: 6, query: 6, episodes: 1 };
    const learner = engine.createLearner(architectureIn(problem));
    const theta = thetaIn(problem);
    const [episode] = episodesIn(problem);
    const gradient = learner.supportGradients(theta, [episode]);
    const phi = theta.map((value, index) => value - problem.innerStep * gradient[index]);
    const [, afterOne, afterTwo] = learner.fineTune(theta, [episode], problem.innerStep, 2).loss;
    const [atPhi, fromPhi] = learner.fineTune(phi, [episode], problem.innerStep, 1).loss;
    expect(atPhi).toBeCloseTo(afterOne, 5);
    expect(fromPhi).toBeCloseTo(afterTwo, 5);
  });

  it('returns results that later calls leave alone', () => {
    fc.assert(
      fc.property(cases, (problem) => {
        const learner = engine.createLearner(architectureIn(problem));
        const theta = thetaIn(problem);
        const rule = { kind: 'maml', innerStep: 0.1, delta: 1 } as const;
        const first = learner.metaGradients(theta, episodesIn(problem), rule);
        const kept = first.slice();
        learner.metaGradients(theta, episodesIn({ ...problem, seed: problem.seed + 1 }), rule);
        expect(first).toEqual(kept);
      }),
      { numRuns: 10 },
    );
  });

  it('computes the same in a memory that another one has used', () => {
    fc.assert(
      fc.property(cases, cases, (problem, before) => {
        const rule = { kind: 'maml', innerStep: 0.1, delta: 1 } as const;
        const expected = engine.createLearner(architectureIn(problem)).metaGradients(thetaIn(problem), episodesIn(problem), rule);
        const user = engine.createLearner(architectureIn(before));
        user.metaGradients(thetaIn(before).fill(NaN), episodesIn(before), rule);
        user.close?.();
        const learner = engine.createLearner(architectureIn(problem));
        expect(learner.metaGradients(thetaIn(problem), episodesIn(problem), rule)).toEqual(expected);
        learner.close?.();
      }),
      { numRuns: 20 },
    );
  });

  it('names shapes that do not fit', () => {
    const learner = engine.createLearner(architectureIn(SMALL));
    const theta = thetaIn(SMALL);
    const [episode, other] = episodesIn(SMALL);
    const rule = { kind: 'exact', innerStep: 0.1, delta: 1 } as const;
    expect(() => learner.metaGradients(theta.subarray(1), [episode], rule)).toThrow(/expected \[73\].*got 72/);
    expect(() => learner.metaGradients(theta, [{ support: episode.support, query: episode.query }], rule)).toThrow(/third batch/);
    const uneven = { ...other, query: episode.support };
    expect(() => learner.metaGradients(theta, [episode, uneven], rule)).toThrow(/query batch sizes 2 and 3 differ/);
    const short = { ...episode.support, x: episode.support.x.subarray(1) };
    expect(() => learner.supportGradients(theta, [{ ...episode, support: short }])).toThrow(/x \[3\]\[6\].*got 17/);
    expect(() => learner.metaGradients(theta, [episode], { ...rule, innerSteps: 2 })).toThrow(/exact .* not defined for 2 inner steps/);
    expect(() => learner.metaGradients(theta, [episode], { ...rule, kind: 'maml', innerSteps: 0 })).toThrow(/whole number from 1, got 0/);
    const empty = { size: 0, x: new Float32Array(0), y: new Int32Array(0) };
    expect(() => learner.fineTune(theta, [{ ...episode, query: empty }], 0.1, 1)).toThrow(/query batch of 0/);
    const mislabelled = { ...episode.support, y: Int32Array.from([0, 3, 1]) };
    expect(() => learner.supportGradients(theta, [{ ...episode, support: mislabelled }])).toThrow(/label 3 is none of 3 classes/);
  });

  it('takes no episodes for an answer', () => {
    const learner = engine.createLearner(architectureOf({ kind: 'linear' }, { inputSize: 2, outputSize: 2, loss: 'cross-entropy' }));
    const theta = new Float32Array(learner.parameterCount);
    expect(learner.metaGradients(theta, [], { kind: 'maml', innerStep: 0.1, delta: 1 })).toHaveLength(0);
    expect(learner.fineTune(theta, [], 0.1, 3).loss).toHaveLength(0);
  });
});

describe('fusedSupports', () => {
  const shape = { inputSize: 36, image: [1, 6, 6], outputSize: 3, loss: 'cross-entropy' } as const;
  const models: ModelOptions[] = [
    { kind: 'mlp', hidden: [4], activation: 'tanh' },
    { kind: 'linear' },
    { kind: 'cnn', filters: 2, blocks: 1, activation: 'relu' },
  ];

  it.each(models)('is true of $kind', (model) => {
    expect(fusedSupports(architectureOf(model, shape))).toBe(true);
  });

  it('is false of convolutions behind dense layers, and says so', () => {
    const network = architectureOf({ kind: 'cnn', filters: 2, blocks: 1, activation: 'relu' }, shape);
    const reversed = { ...network, layers: network.layers.toReversed() };
    expect(fusedSupports(reversed)).toBe(false);
    expect(() => createFusedEngine().createLearner(reversed)).toThrow(/use the tfjs engine/);
  });
});
