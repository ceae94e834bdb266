/** Parameter vectors: the order the kernels want them in, and their weights in panels. */
import { packTransposed } from './pack';
import { layerOf, Plan } from './plan';

/**
 * Packs the weights of all layers from `first` on.
 * @param parameters in the kernels' order
 */
export function packWeights(plan: Plan, parameters: usize, panels: usize, first: i32): void {
  for (let index = first; index < plan.layerCount; ++index) {
    const layer = layerOf(plan, index);
    packTransposed(parameters + layer.weights, <usize>layer.inputs * 4, layer.outputs, layer.inputs, panels + layer.panels);
  }
}

/** Readies theta: into the kernels' order where that is another one, and into panels. Returns where it lies then. */
export function enterTheta(plan: Plan, theta: usize): usize {
  const order = plan.order;
  if (order != 0) {
    const inner = plan.innerTheta;
    for (let index: usize = 0, end = <usize>plan.parameterCount * 4; index < end; index += 4) {
      store<f32>(inner + load<u32>(order + index), load<f32>(theta + index));
    }
    theta = inner;
  }
  packWeights(plan, theta, plan.thetaPanels, 0);
  return theta;
}

/** Where theta lies after enterTheta. */
export function enteredTheta(plan: Plan, theta: usize): usize {
  return plan.order != 0 ? plan.innerTheta : theta;
}

/** Where an agent's result is made, before leaveResult. */
export function innerResult(plan: Plan, result: usize): usize {
  return plan.order != 0 ? plan.innerResult : result;
}

/** Brings an agent's result into the host's order. */
export function leaveResult(plan: Plan, result: usize): void {
  const order = plan.order;
  if (order == 0) return;
  const inner = plan.innerResult;
  for (let index: usize = 0, end = <usize>plan.parameterCount * 4; index < end; index += 4) {
    store<f32>(result + index, load<f32>(inner + load<u32>(order + index)));
  }
}
