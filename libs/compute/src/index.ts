/** Heavy work in threads: the lab's `Simulator` and `DatasetInspector` ports. */
export { ThreadInspector } from './thread-inspector.js';
export { failureOf, ThreadSimulator } from './thread-simulator.js';
