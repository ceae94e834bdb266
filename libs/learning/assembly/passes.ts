/**
 * Forward and backward passes through the layers of one agent. Weights come as a parameter vector and the panels of its
 * transposed weight matrices; rows of activations and deltas are chosen by the caller, see plan.ts.
 */
import { activate, tangentOfActivation, tangentThroughActivation, throughActivation } from './activations';
import { multiplyPacked, multiplyPlain, multiplyTransposed } from './gemm';
import { lossDeltas, lossDeltaTangents } from './output-loss';
import { packTransposed } from './pack';
import { activationsAt, deltasAt, Layer, layerOf, Plan } from './plan';

/** Numbers in `rows` rows of a layer, padding included. */
// @ts-ignore: decorator
@inline
export function sizeOf(layer: Layer, rows: i32): i32 {
  return rows * <i32>(layer.stride >> 2);
}

/** Packs the weights of all layers from `first` on. */
export function packWeights(plan: Plan, parameters: usize, panels: usize, first: i32): void {
  for (let index = first; index < plan.layerCount; ++index) {
    const layer = layerOf(plan, index);
    packTransposed(parameters + layer.weights, <usize>layer.inputs * 4, layer.outputs, layer.inputs, panels + layer.panels);
  }
}

/** Z = X W' + b of the first layer, for `rows` samples. */
export function firstPreactivations(plan: Plan, parameters: usize, panels: usize, x: usize, rows: i32): void {
  const layer = layerOf(plan, 0);
  multiplyPacked(
    x,
    <usize>layer.inputs * 4,
    panels + layer.panels,
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

/**
 * Augmented Gram matrix G = X Y' + 1 of two sets of inputs. A gradient step changes the first layer's weights by a sum over
 * samples of delta y' and its bias by the sum of delta, so that the step seen by x is G delta: no weights are formed.
 * @param columns samples in Y
 */
export function augmentedGram(plan: Plan, x: usize, rows: i32, y: usize, columns: i32, gram: usize, strideGram: usize): void {
  const inputs = layerOf(plan, 0).inputs;
  const stride = <usize>inputs * 4;
  packTransposed(y, stride, columns, inputs, plan.inputPanels);
  multiplyPacked(x, stride, plan.inputPanels, rows, inputs, columns, 1, plan.ones, 0, gram, strideGram);
}

/** First layer's activations at `row` from preactivations Z at theta. */
export function enter(plan: Plan, preactivations: usize, row: i32, rows: i32): void {
  const layer = layerOf(plan, 0);
  const a = activationsAt(layer, row);
  memory.copy(a, preactivations, <usize>rows * layer.stride);
  if (plan.layerCount > 1) activate(plan.activation, a, sizeOf(layer, rows));
}

/** The same with weights moved by s sum delta y': Z + s G delta, G [rows][depth], delta [depth][outputs]. */
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
  const layer = layerOf(plan, 0);
  const stride = layer.stride;
  const a = activationsAt(layer, row);
  multiplyPlain(gram, strideGram, deltas, stride, rows, depth, layer.outputs, s, preactivations, stride, a, stride);
  if (plan.layerCount > 1) activate(plan.activation, a, sizeOf(layer, rows));
}

/** The same with G stored as its transpose [depth][rows]. */
export function enterMovedTransposed(
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
  const layer = layerOf(plan, 0);
  const stride = layer.stride;
  const a = activationsAt(layer, row);
  multiplyTransposed(gram, strideGram, deltas, stride, rows, depth, layer.outputs, s, preactivations, stride, a, stride);
  if (plan.layerCount > 1) activate(plan.activation, a, sizeOf(layer, rows));
}

/** First layer's R{z} in the twin's rows for weights moving along sum delta y': G' delta, G [depth][rows]. */
export function enterTangent(plan: Plan, gram: usize, strideGram: usize, deltas: usize, depth: i32, rows: i32): void {
  const layer = layerOf(plan, 0);
  const stride = layer.stride;
  const rz = activationsAt(layer, plan.twinRow);
  multiplyTransposed(gram, strideGram, deltas, stride, rows, depth, layer.outputs, 1, 0, 0, rz, stride);
}

/** Activations of all layers but the first. */
export function forward(plan: Plan, parameters: usize, panels: usize, row: i32, rows: i32): void {
  let below = layerOf(plan, 0);
  for (let index = 1; index < plan.layerCount; ++index) {
    const layer = layerOf(plan, index);
    const a = activationsAt(layer, row);
    multiplyPacked(
      activationsAt(below, row),
      below.stride,
      panels + layer.panels,
      rows,
      layer.inputs,
      layer.outputs,
      1,
      parameters + layer.bias,
      0,
      a,
      layer.stride,
    );
    if (index < plan.layerCount - 1) activate(plan.activation, a, sizeOf(layer, rows));
    below = layer;
  }
}

/** Deltas of all layers, from the activations at `row` into the deltas at `target`. */
export function backward(plan: Plan, parameters: usize, y: usize, row: i32, target: i32, rows: i32): void {
  let above = layerOf(plan, plan.layerCount - 1);
  lossDeltas(plan.loss, y, activationsAt(above, row), rows, above.outputs, above.stride, deltasAt(above, target));
  for (let index = plan.layerCount - 2; index >= 0; --index) {
    const layer = layerOf(plan, index);
    const e = deltasAt(layer, target);
    multiplyPlain(
      deltasAt(above, target),
      above.stride,
      parameters + above.weights,
      <usize>above.inputs * 4,
      rows,
      above.outputs,
      above.inputs,
      1,
      0,
      0,
      e,
      layer.stride,
    );
    throughActivation(plan.activation, activationsAt(layer, row), e, sizeOf(layer, rows));
    above = layer;
  }
}

/** result = base + s (sum over rows of delta a') for weights and biases of all layers but the first; base 0 stands for zeros. */
export function gradients(plan: Plan, base: usize, s: f32, deltaRow: i32, activationRow: i32, rows: i32, result: usize): void {
  for (let index = 1; index < plan.layerCount; ++index) {
    const layer = layerOf(plan, index);
    const below = layerOf(plan, index - 1);
    const stride = <usize>layer.inputs * 4;
    multiplyTransposed(
      deltasAt(layer, deltaRow),
      layer.stride,
      activationsAt(below, activationRow),
      below.stride,
      layer.outputs,
      rows,
      layer.inputs,
      s,
      base ? base + layer.weights : 0,
      base ? stride : <usize>0,
      result + layer.weights,
      stride,
    );
  }
}

/** The biases' part: result = base + s (sum over rows of delta) for all layers from `first` on. */
export function biasGradients(plan: Plan, base: usize, s: f32, row: i32, rows: i32, first: i32, result: usize): void {
  for (let index = first; index < plan.layerCount; ++index) {
    const layer = layerOf(plan, index);
    multiplyPlain(
      plan.ones,
      0,
      deltasAt(layer, row),
      layer.stride,
      1,
      rows,
      layer.outputs,
      s,
      base ? base + layer.bias : 0,
      0,
      result + layer.bias,
      0,
    );
  }
}

/** First layer: result = sum over rows of delta x', weights and biases. */
export function firstGradients(plan: Plan, row: i32, x: usize, rows: i32, result: usize): void {
  const layer = layerOf(plan, 0);
  const stride = <usize>layer.inputs * 4;
  const deltas = deltasAt(layer, row);
  multiplyTransposed(deltas, layer.stride, x, stride, layer.outputs, rows, layer.inputs, 1, 0, 0, result + layer.weights, stride);
  multiplyPlain(plan.ones, 0, deltas, layer.stride, 1, rows, layer.outputs, 1, 0, 0, result + layer.bias, 0);
}

/**
 * R-operator [pearlmutter1994], forward: directional derivatives of all activations of batch T at theta along u, into
 * the twin's rows. R{z} = R{x} W' + x U' + u_b; the first layer's R{z} stands in the twin's rows already.
 * @param row first row of T, holding a
 */
export function tangentForward(plan: Plan, panels: usize, direction: usize, directionPanels: usize, row: i32, rows: i32): void {
  const twin = plan.twinRow;
  for (let index = 0; index < plan.layerCount; ++index) {
    const layer = layerOf(plan, index);
    const rz = activationsAt(layer, twin);
    if (index > 0) {
      const below = layerOf(plan, index - 1);
      const stride = layer.stride;
      multiplyPacked(
        activationsAt(below, row),
        below.stride,
        directionPanels + layer.panels,
        rows,
        layer.inputs,
        layer.outputs,
        1,
        direction + layer.bias,
        0,
        rz,
        stride,
      );
      multiplyPacked(
        activationsAt(below, twin),
        below.stride,
        panels + layer.panels,
        rows,
        layer.inputs,
        layer.outputs,
        1,
        rz,
        stride,
        rz,
        stride,
      );
    }
    if (index < plan.layerCount - 1) {
      const a = activationsAt(layer, row);
      tangentOfActivation(plan.activation, a, deltasAt(layer, twin), rz, layer.curvature, sizeOf(layer, rows));
    }
  }
}

/** R-operator, backward: R{delta} of all layers into T's rows of the deltas; delta stands in the twin's. */
export function tangentBackward(plan: Plan, parameters: usize, direction: usize, y: usize, row: i32, rows: i32): void {
  const twin = plan.twinRow;
  let above = layerOf(plan, plan.layerCount - 1);
  lossDeltaTangents(
    plan.loss,
    y,
    deltasAt(above, twin),
    activationsAt(above, twin),
    rows,
    above.outputs,
    above.stride,
    deltasAt(above, row),
  );
  for (let index = plan.layerCount - 2; index >= 0; --index) {
    const layer = layerOf(plan, index);
    const re = deltasAt(layer, row);
    const strideW = <usize>above.inputs * 4;
    const depth = above.outputs;
    const columns = above.inputs;
    const u = direction + above.weights;
    const w = parameters + above.weights;
    multiplyPlain(deltasAt(above, twin), above.stride, u, strideW, rows, depth, columns, 1, 0, 0, re, layer.stride);
    multiplyPlain(deltasAt(above, row), above.stride, w, strideW, rows, depth, columns, 1, re, layer.stride, re, layer.stride);
    tangentThroughActivation(plan.activation, activationsAt(layer, row), layer.curvature, re, sizeOf(layer, rows));
    above = layer;
  }
}
