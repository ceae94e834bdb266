/** What the host calls; see src/fused/fused-module.ts. */
export { fineTune } from './fine-tune';
export { metaGradients, supportGradients } from './meta-gradient';
export { multiplyAddOnce } from './multiply-add';

/** First byte the host may lay its arena out from. */
export const heapBase: usize = __heap_base;
