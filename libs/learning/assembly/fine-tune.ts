/**
 * Fine-tuning from the same theta on each episode's support set. The first layer's weights after t steps are
 * W - alpha (sum of the deltas of all steps)' X_S: only that sum [S][outputs] is kept, and the products with W are done once.
 */
import {
  augmentedGram,
  backward,
  biasGradients,
  enter,
  enterMoved,
  firstPreactivations,
  forward,
  gradients,
  packWeights,
  sizeOf,
} from './passes';
import { activationsAt, deltasAt, layerOf, Plan } from './plan';
import { combine } from './scaling';

/** Outputs on the query set after 0 .. steps steps: result [episodes][steps + 1][Q][outputs]. */
export function fineTune(plan: Plan, alpha: f32, steps: i32, episodes: i32): void {
  let x = plan.x;
  let y = plan.y;
  let result = plan.result;
  packWeights(plan, plan.theta, plan.thetaPanels, 0);
  for (let episode = 0; episode < episodes; ++episode) {
    result = fineTuneOne(plan, alpha, steps, x, y, result);
    x += plan.strideX;
    y += plan.strideY;
  }
}

function fineTuneOne(plan: Plan, alpha: f32, steps: i32, x: usize, y: usize, result: usize): usize {
  const first = layerOf(plan, 0);
  const z = plan.preactivations;
  const queryZ = z + <usize>plan.support * first.stride;
  const stride = plan.strideSupportGram;
  const queryGram = plan.supportGram + <usize>plan.support * stride;
  const samples = plan.support + plan.query;
  const total = plan.totalDeltas;
  const sum = sizeOf(first, plan.support);
  let parameters = plan.theta;
  let panels = plan.thetaPanels;

  firstPreactivations(plan, parameters, panels, x, samples);
  augmentedGram(plan, x, samples, x, plan.support, plan.supportGram, stride);
  memory.fill(total, 0, <usize>sum * 4);
  enter(plan, z, plan.supportRow, samples);
  forward(plan, parameters, panels, plan.queryRow, plan.query);
  result = exportOutputs(plan, result);
  for (let step = 0; step < steps; ++step) {
    forward(plan, parameters, panels, plan.supportRow, plan.support);
    backward(plan, parameters, y, plan.supportRow, plan.supportRow, plan.support);
    gradients(plan, parameters, -alpha, plan.supportRow, plan.supportRow, plan.support, plan.phi);
    biasGradients(plan, parameters, -alpha, plan.supportRow, plan.support, 1, plan.phi);
    parameters = plan.phi;
    panels = plan.phiPanels;
    packWeights(plan, parameters, panels, 1);
    combine(total, 1, deltasAt(first, plan.supportRow), total, sum);
    enterMoved(plan, z, -alpha, plan.supportGram, stride, total, plan.support, plan.supportRow, plan.support);
    enterMoved(plan, queryZ, -alpha, queryGram, stride, total, plan.support, plan.queryRow, plan.query);
    forward(plan, parameters, panels, plan.queryRow, plan.query);
    result = exportOutputs(plan, result);
  }
  return result;
}

/** Copies the last layer's outputs on Q without padding; returns where the copy ends. */
function exportOutputs(plan: Plan, result: usize): usize {
  const last = layerOf(plan, plan.layerCount - 1);
  const width = <usize>last.outputs * 4;
  let source = activationsAt(last, plan.queryRow);
  for (let row = 0; row < plan.query; ++row) {
    memory.copy(result, source, width);
    source += last.stride;
    result += width;
  }
  return result;
}
