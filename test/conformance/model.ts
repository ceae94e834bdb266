/** Models and batches as golden vectors write them. */
import { architectureOf, type Architecture, type GradientKind, type LearnerBatch, type LearnerEpisode } from '@airmeta/learning';
import { z } from 'zod';
import { tensorSchema } from './vector-file.js';

const loss = z.enum(['ce', 'mse']);
const activation = z.enum(['relu', 'tanh']);

export const modelSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('mlp'), dims: z.array(z.int()).min(2), activation, loss }),
  z.object({
    kind: z.literal('cnn'),
    inC: z.int(),
    inHW: z.int(),
    filters: z.int(),
    layers: z.int(),
    out: z.int(),
    activation,
    loss,
    kernel: z.literal(3),
    stride: z.literal(2),
    pad: z.literal(1),
  }),
]);

export const batchSchema = z.object({ x: tensorSchema, y: tensorSchema });
export const episodeSchema = z.object({ D: batchSchema, D1: batchSchema, D2: batchSchema.nullish() });

const LOSSES = { ce: 'cross-entropy', mse: 'mean-squared-error' } as const;

/** Names of the meta-gradients in golden vectors. */
export const GRADIENT_KINDS = { fo: 'first-order', maml: 'maml', exact: 'exact', hf: 'hessian-free' } as const satisfies Record<
  string,
  GradientKind
>;

export function architectureFrom(model: z.output<typeof modelSchema>): Architecture {
  if (model.kind === 'cnn') {
    return architectureOf(
      { kind: 'cnn', filters: model.filters, blocks: model.layers, activation: model.activation },
      {
        inputSize: model.inC * model.inHW ** 2,
        image: [model.inC, model.inHW, model.inHW],
        outputSize: model.out,
        loss: LOSSES[model.loss],
      },
    );
  }
  const hidden = model.dims.slice(1, -1);
  return architectureOf(
    { kind: 'mlp', hidden, activation: model.activation },
    { inputSize: model.dims[0], outputSize: model.dims[model.dims.length - 1], loss: LOSSES[model.loss] },
  );
}

function batchFrom(batch: z.output<typeof batchSchema>): LearnerBatch {
  const classes = batch.y.dtype === 'int32';
  return {
    size: batch.x.shape[0],
    x: Float32Array.from(batch.x.data),
    y: classes ? Int32Array.from(batch.y.data) : Float32Array.from(batch.y.data),
  };
}

export function episodeFrom(episode: z.output<typeof episodeSchema>): LearnerEpisode {
  const { D, D1, D2 } = episode;
  return { support: batchFrom(D), query: batchFrom(D1), ...(D2 ? { hessian: batchFrom(D2) } : {}) };
}
