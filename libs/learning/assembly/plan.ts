/**
 * What the host (src/fused/arena.ts) writes into memory once per architecture and batch shape: sizes, and where every buffer
 * lies. The order of the fields is the contract between the two files; all are 32-bit, strides and offsets in bytes.
 *
 * Rows. One agent's samples are stacked as S | Q | H (support D, query D', third batch D''). Every layer has a row per
 * sample for its activations a and one for its deltas = d loss / d preactivation, and in each as many rows more as the batch has
 * on which the Hessian is taken (S for maml, H for exact): that batch's twin. The directional derivatives R{.} of the
 * batch need room beside the values, and are laid out so that
 *
 *   activations:  batch: a         twin: R{a}
 *   deltas:       batch: R{delta}  twin: delta
 *
 * are neighbours: R{delta}' a + delta' R{a}, the Hessian-vector product of a layer, is then one product of twice the depth.
 *
 * Convolutions are products too: of patches [positions][inputs] with weights [outputs][inputs], inputs = 9 x channels. A row of
 * such a layer is a sample's [positions][outputs], channels last and padded to a multiple of four; a dense layer has one position.
 */

export const enum Activation {
  Relu,
  Tanh,
}

export const enum Loss {
  CrossEntropy,
  MeanSquaredError,
}

export const enum Rule {
  FirstOrder,
  Maml,
  Exact,
  HessianFree,
}

@unmanaged
export class Plan {
  /** Number of layers and the address of the first Layer. */
  layerCount: i32;
  layers: usize;
  /** 1: the weights of the first layer are formed like the others. 0: steps in them are seen through Gram matrices (entrance.ts). */
  firstFormed: i32;
  activation: Activation;
  loss: Loss;
  /** Numbers of a parameter vector as the host knows it. */
  parameterCount: i32;
  /** Where each of them lies in a vector as the kernels know it, i32 [d]; 0 when they know it as it is. */
  order: usize;
  /** Such vectors: theta, the adapted phi, one agent's result. */
  innerTheta: usize;
  phi: usize;
  innerResult: usize;
  /** Samples of S, Q, H. */
  support: i32;
  query: i32;
  hessian: i32;
  /** First row of S, Q, H and the twin. */
  supportRow: i32;
  queryRow: i32;
  hessianRow: i32;
  twinRow: i32;
  /** Inputs [episodes][S | Q | H][inputs]; bytes of one agent's, of one sample. */
  x: usize;
  strideX: usize;
  strideSample: usize;
  /** Labels i32 [episodes][S | Q | H] or targets f32 [episodes][S | Q | H][outputs]. */
  y: usize;
  strideY: usize;
  strideTarget: usize;
  /** theta [d] or [episodes][d]. */
  theta: usize;
  /** Results [episodes][d], or outputs [episodes][steps + 1][Q][outputs]. */
  result: usize;
  /** Panels of the weights of theta, of phi, and of the direction u. */
  thetaPanels: usize;
  phiPanels: usize;
  directionPanels: usize;
  /** Entrance: preactivations of the first layer at theta [S | Q | H][outputs]. */
  preactivations: usize;
  /** Inputs of one batch in panels. */
  inputPanels: usize;
  /** Augmented Gram matrices [S | Q][S] and [Q][H]. */
  supportGram: usize;
  strideSupportGram: usize;
  hessianGram: usize;
  strideHessianGram: usize;
  /** Sum of the first layer's support deltas over fine-tuning steps [S][outputs]. */
  totalDeltas: usize;
  /** Gradients with respect to the patches of a few samples. */
  patchGradients: usize;
  /** Ones, as many as any sum here has terms. */
  ones: usize;
  /** Parameter vectors theta_1 .. theta_{J-1} of a path of J inner steps; bytes from one to the next. */
  waypoints: usize;
  strideWaypoint: usize;
}

@unmanaged
export class Layer {
  inputs: i32;
  outputs: i32;
  positions: i32;
  /** Samples that are taken through the layer at once, so that their patches stay in cache. */
  block: i32;
  /** Input image of a convolution, 0 for a dense layer. */
  channels: i32;
  height: i32;
  width: i32;
  /** Where W [outputs][inputs], and then b [outputs], lie in a parameter vector. */
  weights: usize;
  bias: usize;
  /** Where the transpose of W lies among the panels. */
  panels: usize;
  /** Bytes from position to position, and from sample to sample, of activations, deltas and curvature. */
  stride: usize;
  strideRow: usize;
  activations: usize;
  deltas: usize;
  /** sigma''(z) (d loss / d a) R{z} of the twin's batch; used where sigma'' is not 0. */
  curvature: usize;
  /** What the weights are multiplied with: patches, the activations below, or the inputs; with the same two strides. */
  operand: usize;
  strideOperand: usize;
  strideOperandRow: usize;
}

/** Layer `index` of a plan, from 0. */
// @ts-ignore: decorator
@inline
export function layerOf(plan: Plan, index: i32): Layer {
  return changetype<Layer>(plan.layers + <usize>index * offsetof<Layer>());
}

/** The layer the loss is taken on. */
// @ts-ignore: decorator
@inline
export function lastLayer(plan: Plan): Layer {
  return layerOf(plan, plan.layerCount - 1);
}

/** Activations of a layer from a row on. */
// @ts-ignore: decorator
@inline
export function activationsAt(layer: Layer, row: i32): usize {
  return layer.activations + <usize>row * layer.strideRow;
}

/** Deltas of a layer from a row on. */
// @ts-ignore: decorator
@inline
export function deltasAt(layer: Layer, row: i32): usize {
  return layer.deltas + <usize>row * layer.strideRow;
}

/** What a layer's weights are multiplied with, from a row on. */
// @ts-ignore: decorator
@inline
export function operandAt(layer: Layer, row: i32): usize {
  return layer.operand + <usize>row * layer.strideOperandRow;
}

/** Numbers in `rows` rows of a layer, padding included. */
// @ts-ignore: decorator
@inline
export function sizeOf(layer: Layer, rows: i32): i32 {
  return rows * <i32>(layer.strideRow >> 2);
}
