/** Chooses what TensorFlow.js computes on: native libtensorflow where it is installed, else WebAssembly. */
import * as tf from '@tensorflow/tfjs';
import { setThreadsCount } from '@tensorflow/tfjs-backend-wasm';

export type TfjsBackend = 'tensorflow' | 'wasm' | 'cpu';

export const TFJS_BACKENDS: readonly TfjsBackend[] = ['tensorflow', 'wasm', 'cpu'];

async function nativeBindingLoads(): Promise<boolean> {
  const optionalPackage = '@tensorflow/tfjs-node';
  try {
    await import(optionalPackage);
    return true;
  } catch {
    // Optional: absent where its native library could not be installed.
    return false;
  }
}

let chosen: Promise<TfjsBackend> | undefined;

/**
 * Prepares the fastest backend there is, once per thread: `tensorflow`, else `wasm`, else `cpu`. WebAssembly runs on one
 * thread, so that a run's bits do not depend on the machine's cores; parallelism is over runs.
 * @param preferred use this one instead
 * @throws Error when the preferred backend is not there
 */
export function prepareTfjs(preferred?: TfjsBackend): Promise<TfjsBackend> {
  chosen ??= (async () => {
    tf.enableProdMode();
    setThreadsCount(1);
    const candidates = preferred ? [preferred] : TFJS_BACKENDS;
    for (const backend of candidates) {
      if (backend === 'tensorflow' && !(await nativeBindingLoads())) continue;
      if (await tf.setBackend(backend)) {
        await tf.ready();
        return backend;
      }
    }
    throw new Error(`no TensorFlow.js backend of ${candidates.join(', ')} could be started`);
  })();
  return chosen;
}
