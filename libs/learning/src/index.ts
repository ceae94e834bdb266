export * from './architecture.js';
export * from './learner.js';
export { parameterTensors, type ParameterTensor } from './parameter-tensors.js';
export { openLearnerEngines, openTfjsEngine, type EnginePreference, type LearnerEngines } from './open-engines.js';
export { createFusedEngine, fusedSupports } from './fused/fused-learner.js';
export { availableBuilds, type KernelBuild } from './fused/fused-module.js';
export { metaGradientOperations, type EpisodeSizes, type OperationCount } from './fused/operation-count.js';
