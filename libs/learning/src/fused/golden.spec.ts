/** Conformance of the fused learner with vectors from an independent double-precision implementation. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { architectureOf, type Architecture } from '../architecture.js';
import type { GradientKind, LearnerBatch, LearnerEpisode } from '../learner.js';
import { createFusedEngine } from './fused-learner.js';
import { availableBuilds } from './fused-module.js';

interface Tensor {
  readonly data: readonly number[];
}

interface BatchVectors {
  readonly x: Tensor & { readonly shape: readonly number[] };
  readonly y: Tensor;
}

type ModelVectors =
  | { readonly kind: 'mlp'; readonly dims: readonly number[] }
  | {
      readonly kind: 'cnn';
      readonly inC: number;
      readonly inHW: number;
      readonly filters: number;
      readonly layers: number;
      readonly out: number;
    };

type RuleVectors = 'fo' | 'maml' | 'exact' | 'hf';

interface GradientVectors {
  readonly model: ModelVectors & { readonly activation: 'relu' | 'tanh'; readonly loss: 'ce' | 'mse' };
  readonly d: number;
  readonly alpha: number;
  readonly delta: number;
  readonly inputs: { readonly theta: Tensor; readonly D: BatchVectors; readonly D1: BatchVectors; readonly D2: BatchVectors };
  readonly expected: Record<RuleVectors | 'gradSupport', Tensor> & {
    readonly lossQueryBefore: number;
    readonly fineTune: readonly { readonly steps: number; readonly queryLoss: number; readonly queryAcc?: number }[];
    readonly float32RelErrorSeen: Record<RuleVectors, number>;
  };
}

const RULES: Record<RuleVectors, GradientKind> = { fo: 'first-order', maml: 'maml', exact: 'exact', hf: 'hessian-free' };

const folder = new URL('../../../../test/reference/', import.meta.url);

function relativeError(actual: Float32Array, expected: readonly number[]): number {
  const squared = expected.reduce((sum, value, index) => sum + (actual[index] - value) ** 2, 0);
  return Math.sqrt(squared / expected.reduce((sum, value) => sum + value ** 2, 0));
}

function architectureIn({ model }: GradientVectors): Architecture {
  const { activation } = model;
  const loss = model.loss === 'ce' ? 'cross-entropy' : 'mean-squared-error';
  if (model.kind === 'mlp') {
    const { dims } = model;
    const shape = { inputSize: dims[0], outputSize: dims[dims.length - 1], loss } as const;
    return architectureOf({ kind: 'mlp', hidden: dims.slice(1, -1), activation }, shape);
  }
  const { inC, inHW, filters, layers, out } = model;
  const shape = { inputSize: inC * inHW * inHW, image: [inC, inHW, inHW], outputSize: out, loss } as const;
  return architectureOf({ kind: 'cnn', filters, blocks: layers, activation }, shape);
}

function episodeIn({ inputs, model }: GradientVectors): Required<LearnerEpisode> {
  const batch = ({ x, y }: BatchVectors): LearnerBatch => ({
    size: x.shape[0],
    x: Float32Array.from(x.data),
    y: model.loss === 'ce' ? Int32Array.from(y.data) : Float32Array.from(y.data),
  });
  return { support: batch(inputs.D), query: batch(inputs.D1), hessian: batch(inputs.D2) };
}

function vectorFiles(): string[] {
  return readdirSync(folder).filter((name) => /^grad_.*\.json$/.test(name));
}

describe('golden vectors', () => {
  for (const build of availableBuilds()) {
    for (const file of vectorFiles()) {
      const vectors = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as GradientVectors;
      const learner = createFusedEngine(build).createLearner(architectureIn(vectors));
      const theta = Float32Array.from(vectors.inputs.theta.data);
      const episode = episodeIn(vectors);
      const { expected, alpha, delta } = vectors;

      it(`${build}: ${file}: support gradient`, () => {
        expect(learner.parameterCount).toBe(vectors.d);
        expect(relativeError(learner.supportGradients(theta, [episode]), expected.gradSupport.data)).toBeLessThan(1e-6);
      });

      for (const rule of Object.keys(RULES) as RuleVectors[]) {
        it(`${build}: ${file}: ${RULES[rule]}`, () => {
          const gradient = learner.metaGradients(theta, [episode], { kind: RULES[rule], innerStep: alpha, delta });
          const tolerance = rule === 'hf' ? 5 * expected.float32RelErrorSeen.hf : 1e-5;
          expect(relativeError(gradient, expected[rule].data)).toBeLessThan(tolerance);
        });
      }

      it(`${build}: ${file}: fine-tuning`, () => {
        const steps = Math.max(...expected.fineTune.map((stage) => stage.steps));
        const scores = learner.fineTune(theta, [episode], alpha, steps);
        expect(scores.loss[0] / expected.lossQueryBefore).toBeCloseTo(1, 5);
        for (const stage of expected.fineTune) {
          expect(scores.loss[stage.steps] / stage.queryLoss).toBeCloseTo(1, 5);
          if (stage.queryAcc !== undefined) expect(scores.accuracy?.[stage.steps]).toBeCloseTo(stage.queryAcc, 12);
        }
      });
    }
  }
});
