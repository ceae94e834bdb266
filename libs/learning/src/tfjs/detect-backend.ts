/** What TensorFlow.js would compute on here, found out without loading it. */

export type TfjsBackend = 'tensorflow' | 'wasm' | 'cpu';

/** The native package is optional: absent where its library could not be installed. */
const NATIVE_PACKAGE = '@tensorflow/tfjs-node';

/** Native libtensorflow where it loads, else WebAssembly, which comes with the package. */
export async function detectTfjsBackend(): Promise<'tensorflow' | 'wasm'> {
  try {
    await import(NATIVE_PACKAGE);
    return 'tensorflow';
  } catch {
    // Not installed, or its library does not fit this machine: WebAssembly computes the same, slower.
    return 'wasm';
  }
}
