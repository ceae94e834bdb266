/**
 * Meta-gradients of a round's agents, one after another so that an agent's data stays in cache. With D, D', D'' the batches
 * S, Q, H: phi = theta - alpha grad f(theta; D), u = grad f(phi; D'), then the rule's correction of u.
 *
 * The first layer, by far the largest, never has its adapted weights, its direction U or an input gradient formed: every
 * gradient in it is a sum over samples delta x', so a step along it is seen by other samples through a Gram matrix of
 * the inputs, and the result's first layer is a single product over the samples of D' and of the Hessian's batch together.
 */
import {
  augmentedGram,
  backward,
  biasGradients,
  enter,
  enterMoved,
  enterMovedTransposed,
  enterTangent,
  firstGradients,
  firstPreactivations,
  forward,
  gradients,
  packWeights,
  sizeOf,
  tangentBackward,
  tangentForward,
} from './passes';
import { deltasAt, layerOf, Plan, Rule } from './plan';
import { combine, scale, scaledDifference } from './scaling';

/**
 * @param strideTheta bytes from one agent's theta to the next's: 0 when all agents start from the same
 * @param delta half-width of the central difference of hessian-free
 */
export function metaGradients(plan: Plan, rule: Rule, alpha: f32, delta: f32, strideTheta: usize, episodes: i32): void {
  let theta = plan.theta;
  let x = plan.x;
  let y = plan.y;
  let result = plan.result;
  for (let episode = 0; episode < episodes; ++episode) {
    if (episode == 0 || strideTheta != 0) packWeights(plan, theta, plan.thetaPanels, 0);
    metaGradient(plan, rule, alpha, delta, theta, x, y, result);
    theta += strideTheta;
    x += plan.strideX;
    y += plan.strideY;
    result += plan.parameterBytes;
  }
}

/** One agent's meta-gradient at `theta` into `result` [d]. */
function metaGradient(plan: Plan, rule: Rule, alpha: f32, delta: f32, theta: usize, x: usize, y: usize, result: usize): void {
  const first = layerOf(plan, 0);
  const queryX = x + <usize>plan.support * plan.strideSample;
  const queryY = y + <usize>plan.support * plan.strideTarget;
  const queryZ = plan.preactivations + <usize>plan.support * first.stride;
  // maml's Hessian is that of the support pass, whose deltas must stand in the twin's rows.
  const supportDeltas = rule == Rule.Maml ? plan.twinRow : plan.supportRow;
  firstPreactivations(plan, theta, plan.thetaPanels, x, plan.support + plan.query + plan.hessian);
  augmentedGram(plan, queryX, plan.query, x, plan.support, plan.supportGram, plan.strideSupportGram);

  // Support pass at theta.
  enter(plan, plan.preactivations, plan.supportRow, plan.support);
  forward(plan, theta, plan.thetaPanels, plan.supportRow, plan.support);
  backward(plan, theta, y, plan.supportRow, supportDeltas, plan.support);

  // phi.
  gradients(plan, theta, -alpha, supportDeltas, plan.supportRow, plan.support, plan.phi);
  biasGradients(plan, theta, -alpha, supportDeltas, plan.support, 1, plan.phi);
  packWeights(plan, plan.phi, plan.phiPanels, 1);

  // Query pass at phi.
  const moved = deltasAt(first, supportDeltas);
  enterMoved(plan, queryZ, -alpha, plan.supportGram, plan.strideSupportGram, moved, plan.support, plan.queryRow, plan.query);
  forward(plan, plan.phi, plan.phiPanels, plan.queryRow, plan.query);
  backward(plan, plan.phi, queryY, plan.queryRow, plan.queryRow, plan.query);

  // u.
  gradients(plan, 0, 1, plan.queryRow, plan.queryRow, plan.query, result);
  biasGradients(plan, 0, 1, plan.queryRow, plan.query, 1, result);

  if (rule == Rule.FirstOrder) {
    firstGradients(plan, plan.queryRow, queryX, plan.query, result);
    return;
  }
  if (rule == Rule.Maml) {
    hessianCorrection(plan, alpha, theta, y, plan.supportRow, plan.support, plan.supportGram, plan.strideSupportGram, result);
    firstGradients(plan, plan.supportRow, x, plan.support + plan.query, result);
    return;
  }
  const hessianX = queryX + <usize>plan.query * plan.strideSample;
  const hessianY = queryY + <usize>plan.query * plan.strideTarget;
  const hessianZ = queryZ + <usize>plan.query * first.stride;
  augmentedGram(plan, queryX, plan.query, hessianX, plan.hessian, plan.hessianGram, plan.strideHessianGram);
  if (rule == Rule.Exact) {
    enter(plan, hessianZ, plan.hessianRow, plan.hessian);
    forward(plan, theta, plan.thetaPanels, plan.hessianRow, plan.hessian);
    backward(plan, theta, hessianY, plan.hessianRow, plan.twinRow, plan.hessian);
    hessianCorrection(plan, alpha, theta, hessianY, plan.hessianRow, plan.hessian, plan.hessianGram, plan.strideHessianGram, result);
  } else {
    differenceCorrection(plan, alpha, delta, theta, hessianY, hessianZ, result);
  }
  firstGradients(plan, plan.queryRow, queryX, plan.query + plan.hessian, result);
}

/**
 * result -= alpha H u by the R-operator, for the batch at `row` whose activations stand there and whose deltas stand in the twin's
 * rows. The first layer's part, -alpha R{delta}, is left in its deltas at `row`.
 * @param gram G [Q][batch]
 */
function hessianCorrection(
  plan: Plan,
  alpha: f32,
  theta: usize,
  y: usize,
  row: i32,
  rows: i32,
  gram: usize,
  strideGram: usize,
  result: usize,
): void {
  const first = layerOf(plan, 0);
  packWeights(plan, result, plan.directionPanels, 1);
  enterTangent(plan, gram, strideGram, deltasAt(first, plan.queryRow), plan.query, rows);
  tangentForward(plan, plan.thetaPanels, result, plan.directionPanels, row, rows);
  tangentBackward(plan, theta, result, y, row, rows);
  const start = min(row, plan.twinRow);
  gradients(plan, result, -alpha, start, start, 2 * rows, result);
  biasGradients(plan, result, -alpha, row, rows, 1, result);
  scale(-alpha, deltasAt(first, row), sizeOf(first, rows));
}

/**
 * result -= alpha / (2 h) [grad f(theta + h u; H) - grad f(theta - h u; H)], the difference taken sample by sample before it is
 * multiplied. The first layer's part is left in its deltas of H.
 */
function differenceCorrection(plan: Plan, alpha: f32, h: f32, theta: usize, y: usize, z: usize, result: usize): void {
  const first = layerOf(plan, 0);
  const rows = plan.hessian;
  gradientAlong(plan, h, theta, y, z, result, plan.hessianRow);
  gradientAlong(plan, -h, theta, y, z, result, plan.twinRow);
  const s = -alpha / (2 * h);
  scaledDifference(s, deltasAt(first, plan.hessianRow), deltasAt(first, plan.twinRow), sizeOf(first, rows));
  for (let index = 1; index < plan.layerCount; ++index) {
    const layer = layerOf(plan, index);
    scale(-1, deltasAt(layer, plan.twinRow), sizeOf(layer, rows));
  }
  gradients(plan, result, s, plan.hessianRow, plan.hessianRow, 2 * rows, result);
  biasGradients(plan, result, s, plan.hessianRow, 2 * rows, 1, result);
}

/** Activations and deltas of H at theta + h u, into the rows at `row`. */
function gradientAlong(plan: Plan, h: f32, theta: usize, y: usize, z: usize, u: usize, row: i32): void {
  const moved = deltasAt(layerOf(plan, 0), plan.queryRow);
  for (let index = 1; index < plan.layerCount; ++index) {
    const layer = layerOf(plan, index);
    const offset = layer.weights;
    combine(theta + offset, h, u + offset, plan.phi + offset, (layer.inputs + 1) * layer.outputs);
  }
  packWeights(plan, plan.phi, plan.phiPanels, 1);
  enterMovedTransposed(plan, z, h, plan.hessianGram, plan.strideHessianGram, moved, plan.query, row, plan.hessian);
  forward(plan, plan.phi, plan.phiPanels, row, plan.hessian);
  backward(plan, plan.phi, y, row, row, plan.hessian);
}

/** grad f(theta; D) of every agent's support set. */
export function supportGradients(plan: Plan, strideTheta: usize, episodes: i32): void {
  let theta = plan.theta;
  let x = plan.x;
  let y = plan.y;
  let result = plan.result;
  for (let episode = 0; episode < episodes; ++episode) {
    if (episode == 0 || strideTheta != 0) packWeights(plan, theta, plan.thetaPanels, 0);
    firstPreactivations(plan, theta, plan.thetaPanels, x, plan.support);
    enter(plan, plan.preactivations, plan.supportRow, plan.support);
    forward(plan, theta, plan.thetaPanels, plan.supportRow, plan.support);
    backward(plan, theta, y, plan.supportRow, plan.supportRow, plan.support);
    gradients(plan, 0, 1, plan.supportRow, plan.supportRow, plan.support, result);
    biasGradients(plan, 0, 1, plan.supportRow, plan.support, 1, result);
    firstGradients(plan, plan.supportRow, x, plan.support, result);
    theta += strideTheta;
    x += plan.strideX;
    y += plan.strideY;
    result += plan.parameterBytes;
  }
}
