/**
 * Fine-tuning from the same theta on each episode's support set. Where the first layer is not formed, its weights after t
 * steps are W - alpha (sum of the deltas of all steps)' X: only that sum [S][outputs] is kept, and the products with W and
 * between inputs are done once.
 */
import { augmentedGram, enter, enterInputs, enterMoved } from './entrance';
import { enteredTheta, packWeights } from './parameters';
import { backward, firstFormedLayer, forward, gradients, readInputs } from './passes';
import { activationsAt, deltasAt, lastLayer, layerOf, Plan, sizeOf } from './plan';
import { combine } from './scaling';

/** Outputs on the query set after from .. steps steps: result [episodes][steps + 1 - from][Q][outputs]. enterTheta comes first. */
export function fineTune(plan: Plan, alpha: f32, from: i32, steps: i32, episodes: i32): void {
  const theta = enteredTheta(plan, plan.theta);
  let x = plan.x;
  let y = plan.y;
  let result = plan.result;
  for (let episode = 0; episode < episodes; ++episode) {
    result = fineTuneOne(plan, alpha, from, steps, theta, x, y, result);
    x += plan.strideX;
    y += plan.strideY;
  }
}

function fineTuneOne(plan: Plan, alpha: f32, from: i32, steps: i32, theta: usize, x: usize, y: usize, result: usize): usize {
  const first = layerOf(plan, 0);
  const samples = plan.support + plan.query;
  let parameters = theta;
  let panels = plan.thetaPanels;
  readInputs(plan, x, samples);
  enterInputs(plan, theta, x, samples);
  augmentedGram(plan, x, samples, x, plan.support, plan.supportGram, plan.strideSupportGram);
  enter(plan, plan.preactivations, plan.supportRow, samples);
  memory.fill(plan.totalDeltas, 0, <usize>plan.support * first.strideRow);

  if (from === 0) {
    forward(plan, parameters, panels, plan.queryRow, plan.query);
    result = exportOutputs(plan, result);
  }
  for (let step = 1; step <= steps; ++step) {
    forward(plan, parameters, panels, plan.supportRow, plan.support);
    backward(plan, parameters, y, plan.supportRow, plan.supportRow, plan.support);
    gradients(plan, parameters, -alpha, plan.supportRow, plan.supportRow, plan.support, plan.phi);
    parameters = plan.phi;
    panels = plan.phiPanels;
    packWeights(plan, parameters, panels, firstFormedLayer(plan));
    enterSteps(plan, alpha);
    if (step < from) continue;
    forward(plan, parameters, panels, plan.queryRow, plan.query);
    result = exportOutputs(plan, result);
  }
  return result;
}

/** Activations of a first layer that is not formed, of support and query, after one more step. */
function enterSteps(plan: Plan, alpha: f32): void {
  if (plan.firstFormed) return;
  const first = layerOf(plan, 0);
  const supportRow = plan.supportRow;
  const support = plan.support;
  const totalDeltas = plan.totalDeltas;
  combine(totalDeltas, 1, deltasAt(first, supportRow), totalDeltas, sizeOf(first, support));
  const samples = support + plan.query;
  enterMoved(plan, plan.preactivations, -alpha, plan.supportGram, plan.strideSupportGram, totalDeltas, support, supportRow, samples);
}

/** Copies the last layer's outputs on Q without padding; returns where the copy ends. */
function exportOutputs(plan: Plan, result: usize): usize {
  const last = lastLayer(plan);
  const width = <usize>last.outputs * 4;
  let source = activationsAt(last, plan.queryRow);
  for (let row = 0; row < plan.query; ++row) {
    memory.copy(result, source, width);
    source += last.stride;
    result += width;
  }
  return result;
}
