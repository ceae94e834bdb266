import type { LearnerEngine } from './learner.js';
import { createTfjsEngine } from './tfjs/tfjs-learner.js';

/** Opens the engine that runs use in this thread. */
export function openLearnerEngine(): Promise<LearnerEngine> {
  return createTfjsEngine();
}
