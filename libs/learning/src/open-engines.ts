/** Which engine computes a run. */
import type { Architecture } from './architecture.js';
import { createFusedEngine, fusedSupports } from './fused/fused-learner.js';
import type { LearnerEngine } from './learner.js';

import { detectTfjsBackend, type TfjsBackend } from './tfjs/detect-backend.js';

/** `auto` takes the fused engine for every model it has kernels for, and TensorFlow.js for the rest. */
export type EnginePreference = 'auto' | 'fused' | 'tfjs';

export interface LearnerEngines {
  /** One line for the log: what there is on this machine. */
  readonly summary: string;
  /**
   * The engine for a model; TensorFlow.js is loaded when it is first needed.
   * @throws RangeError when `fused` is asked for a model it has no kernels for
   */
  engineFor(preference: EnginePreference, architecture: Architecture): Promise<LearnerEngine>;
}

/** Loads TensorFlow.js, which takes some 60 MB, and makes its engine. @param backend the best there is when left out */
export async function openTfjsEngine(backend?: TfjsBackend): Promise<LearnerEngine> {
  const { createTfjsEngine } = await import('./tfjs/tfjs-learner.js');
  return createTfjsEngine(backend);
}

/** Looks what this thread can compute on. */
export async function openLearnerEngines(): Promise<LearnerEngines> {
  const fused = createFusedEngine();
  const backend = await detectTfjsBackend();
  let tfjs: Promise<LearnerEngine> | undefined;
  return {
    summary: `${fused.name}, tfjs on ${backend}`,
    async engineFor(preference, architecture) {
      const supported = fusedSupports(architecture);
      if (preference === 'fused' && !supported)
        throw new RangeError('the fused engine has no kernels for this model: use engine auto or tfjs');
      if (preference !== 'tfjs' && supported) return fused;
      tfjs ??= openTfjsEngine(backend);
      return tfjs;
    },
  };
}
