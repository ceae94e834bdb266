/**
 * Forward and backward passes of one agent through all layers whose weights are formed. Weights come as a parameter vector and the
 * panels of its transposed weight matrices; rows of activations and deltas are chosen by the caller, see plan.ts.
 */
import { activate, tangentOfActivation, tangentThroughActivation, throughActivation } from './activations';
import { gatherInputPatches, gatherPatches, scatterPatches } from './convolution';
import { multiplyPacked, multiplyPlain, multiplyTransposed } from './gemm';
import { lossDeltas, lossDeltaTangents } from './output-loss';
import { activationsAt, deltasAt, lastLayer, Layer, layerOf, operandAt, Plan, sizeOf } from './plan';

/** First layer whose weights are formed. */
// @ts-ignore: decorator
@inline
export function firstFormedLayer(plan: Plan): i32 {
  return plan.firstFormed ? 0 : 1;
}

/** Readies the inputs [samples][inputs] of an agent as the operand of the first layer. */
export function readInputs(plan: Plan, x: usize, samples: i32): void {
  const layer = layerOf(plan, 0);
  if (layer.channels == 0) {
    layer.operand = x - <usize>plan.supportRow * plan.strideSample;
    return;
  }
  for (let row = plan.supportRow; row < plan.supportRow + samples; ++row) {
    gatherInputPatches(x, layer.channels, layer.height, layer.width, operandAt(layer, row), layer.strideOperand);
    x += plan.strideSample;
  }
}

/** Patches of the activations below a convolution, for `rows` rows. */
// @ts-ignore: decorator
@inline
function gatherOperand(layer: Layer, below: Layer, row: i32, rows: i32): void {
  if (layer.channels == 0) return;
  for (let sample = row; sample < row + rows; ++sample) {
    gatherPatches(activationsAt(below, sample), layer.channels, layer.height, layer.width, operandAt(layer, sample));
  }
}

/** z = operand W' + initial, for `rows` rows; `strideInitial` is 0 for a bias and the layer's stride for other sums. */
// @ts-ignore: decorator
@inline
function affine(layer: Layer, panels: usize, operandRow: i32, rows: i32, initial: usize, strideInitial: usize, z: usize): void {
  multiplyPacked(
    operandAt(layer, operandRow),
    layer.strideOperand,
    panels + layer.panels,
    rows * layer.positions,
    layer.inputs,
    layer.outputs,
    1,
    initial,
    strideInitial,
    z,
    layer.stride,
  );
}

/** Activations of all layers at `row`, of the samples whose inputs stand there. */
// @ts-ignore: decorator
@inline
export function forward(plan: Plan, parameters: usize, panels: usize, row: i32, rows: i32): void {
  forwardFrom(plan, parameters, panels, row, row, rows);
}

/** Activations of all layers at `row`, of the samples whose inputs stand at `inputRow`. */
export function forwardFrom(plan: Plan, parameters: usize, panels: usize, inputRow: i32, row: i32, rows: i32): void {
  for (let index = firstFormedLayer(plan); index < plan.layerCount; ++index) {
    const layer = layerOf(plan, index);
    for (let done = 0; done < rows; done += layer.block) {
      const at = row + done;
      const count = min(layer.block, rows - done);
      const z = activationsAt(layer, at);
      if (index > 0) gatherOperand(layer, layerOf(plan, index - 1), at, count);
      affine(layer, panels, index > 0 ? at : inputRow + done, count, parameters + layer.bias, 0, z);
      if (index < plan.layerCount - 1) activate(plan.activation, z, sizeOf(layer, count));
    }
  }
}

/**
 * e = delta W, the gradient with respect to the activations below, for `rows` rows of deltas at `row` into the deltas below at
 * `target`. With a second pair, e = delta W + delta2 W2.
 */
function pullBack(
  plan: Plan,
  layer: Layer,
  below: Layer,
  parameters: usize,
  row: i32,
  parameters2: usize,
  row2: i32,
  target: i32,
  rows: i32,
): void {
  const strideW = <usize>layer.inputs * 4;
  const w = parameters + layer.weights;
  const w2 = parameters2 + layer.weights;
  for (let done = 0; done < rows; done += layer.block) {
    const count = min(layer.block, rows - done);
    const m = count * layer.positions;
    const delta = deltasAt(layer, row + done);
    const delta2 = deltasAt(layer, row2 + done);
    const e = deltasAt(below, target + done);
    const product = layer.channels ? plan.patchGradients : e;
    const stride = layer.channels ? layer.strideOperand : below.strideRow;
    multiplyPlain(delta, layer.stride, w, strideW, m, layer.outputs, layer.inputs, 1, 0, 0, product, stride);
    if (parameters2) {
      multiplyPlain(delta2, layer.stride, w2, strideW, m, layer.outputs, layer.inputs, 1, product, stride, product, stride);
    }
    if (layer.channels) scatterOperand(layer, below, product, target + done, count);
  }
}

/** Adds up the gradients with respect to the patches of a convolution. */
function scatterOperand(layer: Layer, below: Layer, patches: usize, target: i32, rows: i32): void {
  for (let sample = target; sample < target + rows; ++sample) {
    scatterPatches(patches, layer.channels, layer.height, layer.width, deltasAt(below, sample));
    patches += layer.strideOperandRow;
  }
}

/** Deltas of all layers, from the activations at `row` into the deltas at `target`. */
export function backward(plan: Plan, parameters: usize, y: usize, row: i32, target: i32, rows: i32): void {
  const last = lastLayer(plan);
  lossDeltas(plan.loss, y, activationsAt(last, row), rows, last.outputs, last.stride, deltasAt(last, target));
  for (let index = plan.layerCount - 1; index > 0; --index) {
    const below = layerOf(plan, index - 1);
    pullBack(plan, layerOf(plan, index), below, parameters, target, 0, 0, target, rows);
    throughActivation(plan.activation, activationsAt(below, row), deltasAt(below, target), sizeOf(below, rows));
  }
}

/**
 * Weights' gradient of one layer, result = base + s (sum over rows and positions of delta operand'); base 0 stands for zeros.
 * Longer sums are taken block by block.
 */
function weightGradient(layer: Layer, base: usize, s: f32, deltaRow: i32, operandRow: i32, rows: i32, result: usize): void {
  const stride = <usize>layer.inputs * 4;
  const target = result + layer.weights;
  let initial = base ? base + layer.weights : 0;
  for (let done = 0; done < rows; done += layer.block) {
    multiplyTransposed(
      deltasAt(layer, deltaRow + done),
      layer.stride,
      operandAt(layer, operandRow + done),
      layer.strideOperand,
      layer.outputs,
      min(layer.block, rows - done) * layer.positions,
      layer.inputs,
      s,
      initial,
      initial ? stride : <usize>0,
      target,
      stride,
    );
    initial = target;
  }
}

/** Biases' gradient of one layer, result = base + s (sum over rows and positions of delta). */
function biasGradient(plan: Plan, layer: Layer, base: usize, s: f32, row: i32, rows: i32, result: usize): void {
  let initial = base ? base + layer.bias : 0;
  for (let done = 0; done < rows; done += layer.block) {
    const count = min(layer.block, rows - done) * layer.positions;
    const deltas = deltasAt(layer, row + done);
    multiplyPlain(plan.ones, 0, deltas, layer.stride, 1, count, layer.outputs, s, initial, 0, result + layer.bias, 0);
    initial = result + layer.bias;
  }
}

/** result = base + s (gradient of the batch whose deltas and activations stand at the given rows), all formed layers. */
export function gradients(plan: Plan, base: usize, s: f32, deltaRow: i32, row: i32, rows: i32, result: usize): void {
  for (let index = firstFormedLayer(plan); index < plan.layerCount; ++index) {
    const layer = layerOf(plan, index);
    weightGradient(layer, base, s, deltaRow, row, rows, result);
    biasGradient(plan, layer, base, s, deltaRow, rows, result);
  }
}

/**
 * result += s (sum over a batch and its twin of delta operand'), all formed layers; the inputs below the first layer have no
 * twin, and its deltas at `row` are the whole sum.
 * @param biasRows how many rows from `row` on sum up to the biases' gradient, above the first layer
 */
export function addPairs(plan: Plan, s: f32, row: i32, rows: i32, biasRows: i32, result: usize): void {
  const pair = min(row, plan.twinRow);
  for (let index = firstFormedLayer(plan); index < plan.layerCount; ++index) {
    const layer = layerOf(plan, index);
    if (index == 0) {
      weightGradient(layer, result, s, row, row, rows, result);
      biasGradient(plan, layer, result, s, row, rows, result);
    } else {
      weightGradient(layer, result, s, pair, pair, 2 * rows, result);
      biasGradient(plan, layer, result, s, row, biasRows, result);
    }
  }
}

/**
 * R-operator [pearlmutter1994], forward: directional derivatives of all activations of a batch at theta along u, into
 * the twin's rows. R{z} = x U' + u_b + R{x} W'. A first layer that is not formed has its R{z} in the twin's rows already.
 * @param row first row of the batch, where its activations stand; its deltas stand in the twin's rows
 */
export function tangentForward(plan: Plan, panels: usize, direction: usize, directionPanels: usize, row: i32, rows: i32): void {
  const twin = plan.twinRow;
  for (let index = 0; index < plan.layerCount; ++index) {
    const layer = layerOf(plan, index);
    const rz = activationsAt(layer, twin);
    if (index >= firstFormedLayer(plan)) {
      affine(layer, directionPanels, row, rows, direction + layer.bias, 0, rz);
      if (index > 0) {
        gatherOperand(layer, layerOf(plan, index - 1), twin, rows);
        affine(layer, panels, twin, rows, rz, layer.stride, rz);
      }
    }
    if (index < plan.layerCount - 1) {
      const a = activationsAt(layer, row);
      tangentOfActivation(plan.activation, a, deltasAt(layer, twin), rz, layer.curvature, sizeOf(layer, rows));
    }
  }
}

/** R-operator, backward: R{delta} of all layers into the batch's rows of the deltas; delta stands in the twin's. */
export function tangentBackward(plan: Plan, parameters: usize, direction: usize, y: usize, row: i32, rows: i32): void {
  const twin = plan.twinRow;
  const last = lastLayer(plan);
  const rz = activationsAt(last, twin);
  lossDeltaTangents(plan.loss, y, deltasAt(last, twin), rz, rows, last.outputs, last.stride, deltasAt(last, row));
  for (let index = plan.layerCount - 1; index > 0; --index) {
    const below = layerOf(plan, index - 1);
    pullBack(plan, layerOf(plan, index), below, direction, twin, parameters, row, row, rows);
    const a = activationsAt(below, row);
    tangentThroughActivation(plan.activation, a, below.curvature, deltasAt(below, row), sizeOf(below, rows));
  }
}
