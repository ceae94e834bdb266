export * from './architecture.js';
export * from './learner.js';
export { TFJS_BACKENDS, type TfjsBackend } from './tfjs/backend.js';
export { createTfjsEngine } from './tfjs/tfjs-learner.js';
export { openLearnerEngine } from './open-engine.js';
export { createFusedEngine, fusedSupports } from './fused/fused-learner.js';
export { availableBuilds, type KernelBuild } from './fused/fused-module.js';
