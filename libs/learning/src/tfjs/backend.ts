/** Starts the backend TensorFlow.js computes on. */
import * as tf from '@tensorflow/tfjs';
import { setThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import type { TfjsBackend } from './detect-backend.js';

/**
 * Prepares a backend. WebAssembly runs on one thread, so that a run's bits do not depend on the machine's cores;
 * parallelism is over runs.
 * @throws Error when the backend is not there
 */
export async function prepareTfjs(backend: TfjsBackend): Promise<void> {
  tf.enableProdMode();
  setThreadsCount(1);
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js could not start its ${backend} backend`);
  await tf.ready();
}
