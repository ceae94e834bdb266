/** What the host calls; see src/stream-kernels.ts. */
export { normals } from './normals';
export { sample } from './sample';

/** First byte the host may use. */
export const heapBase: usize = __heap_base;
