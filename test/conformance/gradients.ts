/** Group `gradients`: losses, meta-gradients and fine-tuning of one agent. */
import type { LearnerEngine } from '@airmeta/learning';
import { z } from 'zod';
import { architectureFrom, batchSchema, episodeFrom, GRADIENT_KINDS, modelSchema } from './model.js';
import { Comparison, relativeError, type ConformanceResult } from './result.js';
import { tensorSchema, type VectorFile } from './vector-file.js';

const kinds = ['fo', 'maml', 'exact', 'hf'] as const;

const fileSchema = z.object({
  model: modelSchema,
  alpha: z.number(),
  delta: z.number(),
  inputs: z.object({ theta: tensorSchema, D: batchSchema, D1: batchSchema, D2: batchSchema }),
  expected: z.object({
    lossQueryBefore: z.number(),
    gradSupport: tensorSchema,
    fo: tensorSchema,
    maml: tensorSchema,
    exact: tensorSchema,
    hf: tensorSchema,
    fineTune: z.array(z.object({ steps: z.int(), queryLoss: z.number(), queryAcc: z.number().nullish() })),
    float32RelErrorSeen: z.object({ hf: z.number() }),
  }),
  tolerance: z.object({ float32Rel: z.number() }),
});

/** Largest multiple of the reference's own float32 error that `hf` may have, as its file states. */
const HESSIAN_FREE_FACTOR = 5;

export function checkGradients(file: VectorFile, engine: LearnerEngine): ConformanceResult[] {
  const { model, alpha, delta, inputs, expected, tolerance } = fileSchema.parse(file.content);
  const learner = engine.createLearner(architectureFrom(model));
  const comparison = new Comparison(file.file, `${file.what}, ${engine.name}`);
  const theta = Float32Array.from(inputs.theta.data);
  const episode = episodeFrom(inputs);

  comparison.atMost(
    'gradSupport',
    relativeError(learner.supportGradients(theta, [episode]), expected.gradSupport.data),
    tolerance.float32Rel,
    'relative',
  );
  for (const name of kinds) {
    const gradient = learner.metaGradients(theta, [episode], { kind: GRADIENT_KINDS[name], innerStep: alpha, delta });
    const limit = name === 'hf' ? HESSIAN_FREE_FACTOR * expected.float32RelErrorSeen.hf : tolerance.float32Rel;
    comparison.atMost(name, relativeError(gradient, expected[name].data), limit, 'relative');
  }
  const steps = Math.max(...expected.fineTune.map((entry) => entry.steps));
  const scores = learner.fineTune(theta, [episode], alpha, steps);
  comparison.atMost('lossQueryBefore', relativeError([scores.loss[0]], [expected.lossQueryBefore]), tolerance.float32Rel, 'relative');
  for (const entry of expected.fineTune) {
    comparison.atMost(
      `loss after ${entry.steps} steps`,
      relativeError([scores.loss[entry.steps]], [entry.queryLoss]),
      tolerance.float32Rel,
      'relative',
    );
    if (entry.queryAcc != null && scores.accuracy) {
      comparison.atMost(`accuracy after ${entry.steps} steps`, Math.abs(scores.accuracy[entry.steps] - entry.queryAcc), 1e-12, 'absolute');
    }
  }
  return comparison.results;
}
