/**
 * How many floating-point operations a meta-gradient takes. Only matrix products are counted, with two operations (a product, a
 * sum) per multiply-add: they are all but a few per cent of the work. Activations, losses and copies are not, nor are the lanes
 * that stay unused at the right edge of a product.
 */
import { convolvedSide, type Architecture, type Layer } from '../architecture.js';
import type { GradientKind } from '../learner.js';
import { formsFirst, twinOf, type BatchShape } from './arena.js';
import { innerModelOf, type InnerLayer } from './inner-model.js';

/** Samples of D, D' and D'' of one episode; D'' is only looked at where the gradient needs it. */
export interface EpisodeSizes {
  readonly support: number;
  readonly query: number;
  readonly hessian: number;
}

export interface OperationCount {
  /**
   * What the fused kernels do. A first layer that is entered through Gram matrices (assembly/entrance.ts) counts as that;
   * channels a convolution is padded with are multiplied like the others and count too.
   */
  readonly performed: number;
  /**
   * Forward and backward pass of every batch with all weights formed, and the Hessian-vector product by the R-operator
   * [pearlmutter1994]: what automatic differentiation does that computes nothing in vain.
   */
  readonly textbook: number;
}

/** What a layer multiplies for one sample: [positions][inputs] with [inputs][outputs]. */
type LayerSize = Pick<InnerLayer, 'inputs' | 'outputs' | 'positions'>;

const OPERATIONS_PER_MULTIPLY_ADD = 2;

/** Floating-point operations of one agent's meta-gradient in one local step, with one inner step. */
export function metaGradientOperations(architecture: Architecture, sizes: EpisodeSizes, kind: GradientKind): OperationCount {
  const twin = twinOf(kind);
  const shape: BatchShape = { ...sizes, hessian: twin === 'hessian' ? sizes.hessian : 0, twinOf: twin };
  const model = innerModelOf(architecture);
  const performed = multiplyAdds(model.layers, shape, kind, kind === 'none' || formsFirst(model, shape, 1));
  const textbook = multiplyAdds(architecture.layers.map(sizeOf), shape, kind, true);
  return { performed: OPERATIONS_PER_MULTIPLY_ADD * performed, textbook: OPERATIONS_PER_MULTIPLY_ADD * textbook };
}

function sizeOf(layer: Layer): LayerSize {
  if (layer.kind === 'dense') return { inputs: layer.inputs, outputs: layer.outputs, positions: 1 };
  const positions = convolvedSide(layer.height) * convolvedSide(layer.width);
  return { inputs: 9 * layer.inChannels, outputs: layer.outChannels, positions };
}

function sum(layers: readonly LayerSize[], count: (layer: LayerSize) => number): number {
  return layers.reduce((total, layer) => total + count(layer), 0);
}

/** Multiplications by the weights, and with the biases', of one sample. */
const weights = ({ inputs, outputs, positions }: LayerSize) => positions * inputs * outputs;
const biases = ({ outputs, positions }: LayerSize) => positions * outputs;

/** The products of assembly/meta-gradient.ts in their order. */
function multiplyAdds(layers: readonly LayerSize[], shape: BatchShape, kind: GradientKind, firstFormed: boolean): number {
  const { support, query, hessian } = shape;
  const formed = layers.slice(firstFormed ? 0 : 1);
  // Of one sample each; deltas are not pulled back to the inputs.
  const forward = sum(formed, weights);
  const backward = sum(layers.slice(1), weights);
  const gradient = sum(formed, (layer) => weights(layer) + biases(layer));
  const pass = forward + backward;

  // Support and query together are one batch.
  if (kind === 'none') return (support + query) * (pass + gradient);
  const adapted = support * (pass + gradient) + query * (pass + gradient);
  return adapted + correction(formed, layers, shape, kind, pass) + (firstFormed ? 0 : entrance(layers[0], support, query, hessian, kind));
}

/** Rules that take an inner step. */
type AdaptingKind = Exclude<GradientKind, 'none'>;

/** What the rule does to u, in the layers that are formed. */
function correction(
  formed: readonly LayerSize[],
  layers: readonly LayerSize[],
  { support, hessian }: BatchShape,
  kind: AdaptingKind,
  pass: number,
): number {
  // The inputs of the first layer do not move: it has one product where the others have two.
  const movesBelow = (layer: LayerSize) => (layer === layers[0] ? 1 : 2);
  const pairs = sum(formed, (layer) => movesBelow(layer) * weights(layer));
  const tangents = pairs + 2 * sum(layers.slice(1), weights);
  const product = tangents + pairs + sum(formed, biases);
  if (kind === 'first-order') return 0;
  if (kind === 'maml') return support * product;
  if (kind === 'exact') return hessian * (pass + product);
  const difference = pairs + sum(formed, (layer) => movesBelow(layer) * biases(layer));
  return hessian * (2 * pass + difference);
}

/** A first layer that is not formed: assembly/entrance.ts. */
function entrance({ inputs, outputs }: LayerSize, support: number, query: number, hessian: number, kind: AdaptingKind): number {
  const samples = support + query + hessian;
  const grams = query * inputs * (support + hessian);
  const moved = query * support * outputs;
  // Of the batch of the Hessian: R{z} once, or the preactivations at both ends of the difference.
  const tangents = { 'first-order': 0, maml: support, exact: hessian, 'hessian-free': 2 * hessian }[kind] * query * outputs;
  const summed = query + (kind === 'first-order' ? 0 : kind === 'maml' ? support : hessian);
  return samples * inputs * outputs + grams + moved + tangents + summed * (inputs + 1) * outputs;
}
