/** Heavy work in threads: the lab's `Simulator` and `DatasetInspector` ports. */
export { enableRelaxedSimd } from './engine-flags.js';
export { imageCacheDirectory, type ImageCacheSettings } from '@airmeta/datasets';
export { READING_THREADS, ThreadInspector } from './thread-inspector.js';
export { ThreadSpecifications } from './thread-specifications.js';
export { failureOf, RefusedRequestError, ThreadSimulator } from './thread-simulator.js';
