export * from './architecture.js';
export * from './learner.js';
export { createTfjsEngine } from './tfjs/tfjs-learner.js';
export { openLearnerEngines, type EnginePreference, type LearnerEngines } from './open-engines.js';
export { createFusedEngine, fusedSupports } from './fused/fused-learner.js';
export { availableBuilds, type KernelBuild } from './fused/fused-module.js';
