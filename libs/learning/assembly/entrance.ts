/**
 * The first layer of a perceptron, by far its largest, entered without forming its weights. Every gradient in it is a sum over samples
 * y of delta y', and of delta for the bias, so that a step of s times it moves the preactivation of x by s (x . y + 1) delta:
 * a Gram matrix of the inputs, a few numbers wide, stands for the product with the changed weights. The product with
 * theta's weights, common to all steps, is done once; the meta-gradient's own first layer is made at the end in one product over
 * the samples of D' and of the Hessian's batch.
 *
 * Where the first layer is formed (plan.ts), all of this does nothing and the passes start at the inputs.
 */
import { activate } from './activations';
import { multiplyPacked, multiplyPlain, multiplyTransposed } from './gemm';
import { packTransposed } from './pack';
import { activationsAt, deltasAt, Layer, layerOf, Plan, sizeOf } from './plan';

/** Z = X W' + b for the first `rows` samples of an agent. */
export function enterInputs(plan: Plan, parameters: usize, x: usize, rows: i32): void {
  if (plan.firstFormed) return;
  const layer = layerOf(plan, 0);
  multiplyPacked(
    x,
    plan.strideSample,
    plan.thetaPanels + layer.panels,
    rows,
    layer.inputs,
    layer.outputs,
    1,
    parameters + layer.bias,
    0,
    plan.preactivations,
    layer.stride,
  );
}

/** Augmented Gram matrix G = X Y' + 1 of two sets of inputs, [rows][columns]. */
export function augmentedGram(plan: Plan, x: usize, rows: i32, y: usize, columns: i32, gram: usize, strideGram: usize): void {
  if (plan.firstFormed) return;
  const inputs = layerOf(plan, 0).inputs;
  const stride = plan.strideSample;
  packTransposed(y, stride, columns, inputs, plan.inputPanels);
  multiplyPacked(x, stride, plan.inputPanels, rows, inputs, columns, 1, plan.ones, 0, gram, strideGram);
}

// @ts-ignore: decorator
@inline
function activateFirst(plan: Plan, layer: Layer, row: i32, rows: i32): void {
  if (plan.layerCount > 1) activate(plan.activation, activationsAt(layer, row), sizeOf(layer, rows));
}

/** Activations at `row` from preactivations Z at theta. */
export function enter(plan: Plan, preactivations: usize, row: i32, rows: i32): void {
  if (plan.firstFormed) return;
  const layer = layerOf(plan, 0);
  memory.copy(activationsAt(layer, row), preactivations, <usize>rows * layer.strideRow);
  activateFirst(plan, layer, row, rows);
}

/** Activations at `row` with weights moved by s sum delta y': Z + s G delta, G [rows][depth], delta [depth][outputs]. */
export function enterMoved(
  plan: Plan,
  preactivations: usize,
  s: f32,
  gram: usize,
  strideGram: usize,
  deltas: usize,
  depth: i32,
  row: i32,
  rows: i32,
): void {
  if (plan.firstFormed) return;
  const layer = layerOf(plan, 0);
  const stride = layer.stride;
  const a = activationsAt(layer, row);
  multiplyPlain(gram, strideGram, deltas, stride, rows, depth, layer.outputs, s, preactivations, stride, a, stride);
  activateFirst(plan, layer, row, rows);
}

/** Activations of H at `row`, its weights moved by s u: Z + s G' delta with the query's deltas. */
export function enterMovedByDirection(plan: Plan, preactivations: usize, s: f32, row: i32): void {
  if (plan.firstFormed) return;
  const layer = layerOf(plan, 0);
  const stride = layer.stride;
  multiplyTransposed(
    plan.hessianGram,
    plan.strideHessianGram,
    deltasAt(layer, plan.queryRow),
    stride,
    plan.hessian,
    plan.query,
    layer.outputs,
    s,
    preactivations,
    stride,
    activationsAt(layer, row),
    stride,
  );
  activateFirst(plan, layer, row, plan.hessian);
}

/** R{z} in the twin's rows for weights moving along u: G' delta, G [Q][rows]. */
export function enterTangent(plan: Plan, gram: usize, strideGram: usize, rows: i32): void {
  if (plan.firstFormed) return;
  const layer = layerOf(plan, 0);
  const stride = layer.stride;
  const deltas = deltasAt(layer, plan.queryRow);
  const rz = activationsAt(layer, plan.twinRow);
  multiplyTransposed(gram, strideGram, deltas, stride, rows, plan.query, layer.outputs, 1, 0, 0, rz, stride);
}

/**
 * The first layer's gradient, sum of delta x' and of delta, over `rows` samples.
 * @param x the inputs of the samples whose deltas start at `row`
 */
export function leaveGradient(plan: Plan, row: i32, x: usize, rows: i32, result: usize): void {
  if (plan.firstFormed) return;
  const layer = layerOf(plan, 0);
  const stride = plan.strideSample;
  const deltas = deltasAt(layer, row);
  multiplyTransposed(deltas, layer.stride, x, stride, layer.outputs, rows, layer.inputs, 1, 0, 0, result + layer.weights, stride);
  multiplyPlain(plan.ones, 0, deltas, layer.stride, 1, rows, layer.outputs, 1, 0, 0, result + layer.bias, 0);
}
