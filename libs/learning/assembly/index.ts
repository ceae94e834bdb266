/** What the host calls; see src/fused/fused-module.ts. */
import { enterTheta } from './parameters';
import { Plan } from './plan';

export { fineTune } from './fine-tune';
export { metaGradients, supportGradients } from './meta-gradient';
export { multiplyAddOnce } from './multiply-add';

/** Readies the theta that all episodes of the following calls share. */
export function shareTheta(plan: Plan): void {
  enterTheta(plan, plan.theta);
}

/** First byte the host may lay its arena out from. */
export const heapBase: usize = __heap_base;
