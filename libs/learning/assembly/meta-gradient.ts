/**
 * Meta-gradients of a round's agents, one after another so that an agent's data stays in cache. With D, D', D'' the batches
 * S, Q, H: phi = theta - alpha grad f(theta; D), u = grad f(phi; D'), then the rule's correction of u.
 */
import {
  augmentedGram,
  enter,
  enterInputs,
  enterMoved,
  enterMovedByDirection,
  enterTangent,
  leaveGradient,
} from './entrance';
import { enteredTheta, enterTheta, innerResult, leaveResult, packWeights } from './parameters';
import {
  addPairs,
  backward,
  firstFormedLayer,
  forward,
  forwardFrom,
  gradients,
  readInputs,
  tangentBackward,
  tangentForward,
} from './passes';
import { deltasAt, layerOf, Plan, Rule, sizeOf } from './plan';
import { combine, scale, scaledDifference } from './scaling';

/**
 * @param strideTheta bytes from one agent's theta to the next's; 0 when all share one, which enterTheta has readied
 * @param delta half-width of the central difference of hessian-free
 * @param steps inner steps J; more than one under first-order and maml only, and with the first layer formed
 */
export function metaGradients(plan: Plan, rule: Rule, alpha: f32, delta: f32, steps: i32, strideTheta: usize, episodes: i32): void {
  const episodeResult = <usize>plan.parameterCount * 4;
  let theta = plan.theta;
  let x = plan.x;
  let y = plan.y;
  let result = plan.result;
  for (let episode = 0; episode < episodes; ++episode) {
    const inner = strideTheta ? enterTheta(plan, theta) : enteredTheta(plan, theta);
    if (steps == 1) {
      metaGradient(plan, rule, alpha, delta, inner, x, y, innerResult(plan, result));
    } else {
      metaGradientOfPath(plan, rule, alpha, steps, inner, x, y, innerResult(plan, result));
    }
    leaveResult(plan, result);
    theta += strideTheta;
    x += plan.strideX;
    y += plan.strideY;
    result += episodeResult;
  }
}

/** One agent's meta-gradient at `theta` into `result`. */
function metaGradient(plan: Plan, rule: Rule, alpha: f32, delta: f32, theta: usize, x: usize, y: usize, result: usize): void {
  const first = layerOf(plan, 0);
  const samples = plan.support + plan.query + plan.hessian;
  const queryX = x + <usize>plan.support * plan.strideSample;
  const queryY = y + <usize>plan.support * plan.strideTarget;
  const queryZ = plan.preactivations + <usize>plan.support * first.strideRow;
  // maml's Hessian is that of the support pass, whose deltas must stand in the twin's rows.
  const supportDeltas = rule == Rule.Maml ? plan.twinRow : plan.supportRow;
  readInputs(plan, x, samples);
  enterInputs(plan, theta, x, samples);
  augmentedGram(plan, queryX, plan.query, x, plan.support, plan.supportGram, plan.strideSupportGram);

  // Support pass at theta.
  enter(plan, plan.preactivations, plan.supportRow, plan.support);
  forward(plan, theta, plan.thetaPanels, plan.supportRow, plan.support);
  backward(plan, theta, y, plan.supportRow, supportDeltas, plan.support);

  // phi.
  gradients(plan, theta, -alpha, supportDeltas, plan.supportRow, plan.support, plan.phi);
  packWeights(plan, plan.phi, plan.phiPanels, firstFormedLayer(plan));

  // Query pass at phi.
  const moved = deltasAt(first, supportDeltas);
  enterMoved(plan, queryZ, -alpha, plan.supportGram, plan.strideSupportGram, moved, plan.support, plan.queryRow, plan.query);
  forward(plan, plan.phi, plan.phiPanels, plan.queryRow, plan.query);
  backward(plan, plan.phi, queryY, plan.queryRow, plan.queryRow, plan.query);

  // u.
  gradients(plan, 0, 1, plan.queryRow, plan.queryRow, plan.query, result);

  if (rule == Rule.FirstOrder) {
    leaveGradient(plan, plan.queryRow, queryX, plan.query, result);
    return;
  }
  if (rule == Rule.Maml) {
    hessianCorrection(plan, alpha, theta, plan.thetaPanels, y, plan.supportRow, plan.support, plan.supportGram, plan.strideSupportGram, result);
    leaveGradient(plan, plan.supportRow, x, plan.support + plan.query, result);
    return;
  }
  const hessianX = queryX + <usize>plan.query * plan.strideSample;
  const hessianY = queryY + <usize>plan.query * plan.strideTarget;
  const hessianZ = queryZ + <usize>plan.query * first.strideRow;
  augmentedGram(plan, queryX, plan.query, hessianX, plan.hessian, plan.hessianGram, plan.strideHessianGram);
  if (rule == Rule.Exact) {
    enter(plan, hessianZ, plan.hessianRow, plan.hessian);
    forward(plan, theta, plan.thetaPanels, plan.hessianRow, plan.hessian);
    backward(plan, theta, hessianY, plan.hessianRow, plan.twinRow, plan.hessian);
    hessianCorrection(plan, alpha, theta, plan.thetaPanels, hessianY, plan.hessianRow, plan.hessian, plan.hessianGram, plan.strideHessianGram, result);
  } else {
    differenceCorrection(plan, alpha, delta, theta, hessianY, hessianZ, result);
  }
  leaveGradient(plan, plan.queryRow, queryX, plan.query + plan.hessian, result);
}

/**
 * One agent's meta-gradient through J inner steps theta_{j+1} = theta_j - alpha grad f(theta_j; D), into `result`:
 * u = grad f(theta_J; D'), which maml pulls back step by step, u <- u - alpha H(theta_j; D) u for j = J - 1 .. 0. The support pass
 * at theta_j is made once more on the way back: keeping its rows for all j would take J times the memory.
 */
function metaGradientOfPath(plan: Plan, rule: Rule, alpha: f32, steps: i32, theta: usize, x: usize, y: usize, result: usize): void {
  const queryY = y + <usize>plan.support * plan.strideTarget;
  const supportDeltas = rule == Rule.Maml ? plan.twinRow : plan.supportRow;
  readInputs(plan, x, plan.support + plan.query);
  let parameters = theta;
  let panels = plan.thetaPanels;
  for (let step = 1; step <= steps; ++step) {
    forward(plan, parameters, panels, plan.supportRow, plan.support);
    backward(plan, parameters, y, plan.supportRow, supportDeltas, plan.support);
    const next = rule == Rule.Maml && step < steps ? waypoint(plan, step) : plan.phi;
    gradients(plan, parameters, -alpha, supportDeltas, plan.supportRow, plan.support, next);
    parameters = next;
    panels = plan.phiPanels;
    packWeights(plan, parameters, panels, 0);
  }
  forward(plan, parameters, panels, plan.queryRow, plan.query);
  backward(plan, parameters, queryY, plan.queryRow, plan.queryRow, plan.query);
  gradients(plan, 0, 1, plan.queryRow, plan.queryRow, plan.query, result);
  if (rule == Rule.FirstOrder) return;

  for (let step = steps - 1; step >= 0; --step) {
    parameters = theta;
    panels = plan.thetaPanels;
    if (step > 0) {
      parameters = waypoint(plan, step);
      panels = plan.phiPanels;
      packWeights(plan, parameters, panels, 0);
    }
    forward(plan, parameters, panels, plan.supportRow, plan.support);
    backward(plan, parameters, y, plan.supportRow, supportDeltas, plan.support);
    hessianCorrection(plan, alpha, parameters, panels, y, plan.supportRow, plan.support, 0, 0, result);
  }
}

/** theta_step, for step = 1 .. J - 1. */
// @ts-ignore: decorator
@inline
function waypoint(plan: Plan, step: i32): usize {
  return plan.waypoints + <usize>(step - 1) * plan.strideWaypoint;
}

/**
 * result -= alpha H u by the R-operator, for the batch at `row` whose activations stand there and whose deltas stand in the twin's
 * rows. The part of a first layer that is not formed, -alpha R{delta}, is left in its deltas at `row`.
 * @param panels of the weights of theta
 * @param gram G [Q][batch]; unused where the first layer is formed
 */
function hessianCorrection(
  plan: Plan,
  alpha: f32,
  theta: usize,
  panels: usize,
  y: usize,
  row: i32,
  rows: i32,
  gram: usize,
  strideGram: usize,
  result: usize,
): void {
  const first = layerOf(plan, 0);
  packWeights(plan, result, plan.directionPanels, firstFormedLayer(plan));
  enterTangent(plan, gram, strideGram, rows);
  tangentForward(plan, panels, result, plan.directionPanels, row, rows);
  tangentBackward(plan, theta, result, y, row, rows);
  addPairs(plan, -alpha, row, rows, rows, result);
  if (!plan.firstFormed) scale(-alpha, deltasAt(first, row), sizeOf(first, rows));
}

/**
 * result -= alpha / (2 h) [grad f(theta + h u; H) - grad f(theta - h u; H)], the difference taken sample by sample before it is
 * multiplied. The part of a first layer that is not formed is left in its deltas of H.
 */
function differenceCorrection(plan: Plan, alpha: f32, h: f32, theta: usize, y: usize, z: usize, result: usize): void {
  const first = layerOf(plan, 0);
  const rows = plan.hessian;
  const s = -alpha / (2 * h);
  gradientAlong(plan, h, theta, y, z, result, plan.hessianRow);
  gradientAlong(plan, -h, theta, y, z, result, plan.twinRow);
  scaledDifference(plan.firstFormed ? 1 : s, deltasAt(first, plan.hessianRow), deltasAt(first, plan.twinRow), sizeOf(first, rows));
  for (let index = 1; index < plan.layerCount; ++index) {
    const layer = layerOf(plan, index);
    scale(-1, deltasAt(layer, plan.twinRow), sizeOf(layer, rows));
  }
  addPairs(plan, s, plan.hessianRow, rows, 2 * rows, result);
}

/** Activations and deltas of H at theta + h u, into the rows at `row`. */
function gradientAlong(plan: Plan, h: f32, theta: usize, y: usize, z: usize, u: usize, row: i32): void {
  for (let index = firstFormedLayer(plan); index < plan.layerCount; ++index) {
    const layer = layerOf(plan, index);
    const offset = layer.weights;
    combine(theta + offset, h, u + offset, plan.phi + offset, (layer.inputs + 1) * layer.outputs);
  }
  packWeights(plan, plan.phi, plan.phiPanels, firstFormedLayer(plan));
  enterMovedByDirection(plan, z, h, row);
  forwardFrom(plan, plan.phi, plan.phiPanels, plan.hessianRow, row, plan.hessian);
  backward(plan, plan.phi, y, row, row, plan.hessian);
}

/** grad f(theta; D) of every agent's support set. */
export function supportGradients(plan: Plan, strideTheta: usize, episodes: i32): void {
  const episodeResult = <usize>plan.parameterCount * 4;
  let theta = plan.theta;
  let x = plan.x;
  let y = plan.y;
  let result = plan.result;
  for (let episode = 0; episode < episodes; ++episode) {
    const inner = strideTheta ? enterTheta(plan, theta) : enteredTheta(plan, theta);
    readInputs(plan, x, plan.support);
    forward(plan, inner, plan.thetaPanels, plan.supportRow, plan.support);
    backward(plan, inner, y, plan.supportRow, plan.supportRow, plan.support);
    gradients(plan, 0, 1, plan.supportRow, plan.supportRow, plan.support, innerResult(plan, result));
    leaveResult(plan, result);
    theta += strideTheta;
    x += plan.strideX;
    y += plan.strideY;
    result += episodeResult;
  }
}
