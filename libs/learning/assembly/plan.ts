/**
 * What the host (src/fused/arena.ts) writes into memory once per architecture and batch shape: sizes, and where every buffer
 * lies. The order of the fields is the contract between the two files; all are 32-bit, strides and offsets in bytes.
 *
 * Rows. One agent's samples are stacked as S | Q | H (support D, query D', third batch D''). Every layer has two buffers with
 * a row per sample, its activations a and its deltas = d loss / d preactivation, and in each K more rows, the twin of the batch
 * the Hessian is taken on (S for maml, H for exact). The directional derivatives R{.} of that batch need room beside
 * the values, and are laid out so that
 *
 *   activations:  T: a        twin: R{a}
 *   deltas:       T: R{delta} twin: delta
 *
 * are neighbours: R{delta}' a + delta' R{a}, the Hessian-vector product of a layer, is then one product of depth 2 K.
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
  activation: Activation;
  loss: Loss;
  /** Bytes of one parameter vector. */
  parameterBytes: usize;
  /** Samples of S, Q, H. */
  support: i32;
  query: i32;
  hessian: i32;
  /** First row of S, Q, H and the twin in the buffers of every layer. */
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
  /** phi [d]: adapted parameters; its first layer stays unused, being a low-rank change of theta's. */
  phi: usize;
  /** Panels of the weights of theta, of phi, and of the direction u. */
  thetaPanels: usize;
  phiPanels: usize;
  directionPanels: usize;
  /** Preactivations of the first layer at theta [S | Q | H][outputs of the first layer]. */
  preactivations: usize;
  /** Inputs of one batch in panels. */
  inputPanels: usize;
  /** Augmented Gram matrices [S | Q][S] and [Q][H]. */
  supportGram: usize;
  strideSupportGram: usize;
  hessianGram: usize;
  strideHessianGram: usize;
  /** Sum of the first layer's support deltas over fine-tuning steps [S][outputs of the first layer]. */
  totalDeltas: usize;
  /** Ones, as many as any sum here has terms. */
  ones: usize;
}

@unmanaged
export class Layer {
  inputs: i32;
  outputs: i32;
  /** Where W [outputs][inputs], and then b [outputs], lie in a parameter vector. */
  weights: usize;
  bias: usize;
  /** Where the transpose of W lies among the panels. */
  panels: usize;
  /** Row stride of activations, deltas and curvature. */
  stride: usize;
  activations: usize;
  deltas: usize;
  /** sigma''(z) (d loss / d a) R{z} of the twin's batch; used where sigma'' is not 0. */
  curvature: usize;
}

/** Layer `index` of a plan, from 0. */
// @ts-ignore: decorator
@inline
export function layerOf(plan: Plan, index: i32): Layer {
  return changetype<Layer>(plan.layers + <usize>index * offsetof<Layer>());
}

/** Activations of a layer from a row on. */
// @ts-ignore: decorator
@inline
export function activationsAt(layer: Layer, row: i32): usize {
  return layer.activations + <usize>row * layer.stride;
}

/** Deltas of a layer from a row on. */
// @ts-ignore: decorator
@inline
export function deltasAt(layer: Layer, row: i32): usize {
  return layer.deltas + <usize>row * layer.stride;
}
