/** Flags of V8 for simulations, for all threads of the process. */
import v8 from 'node:v8';

/**
 * Fused multiply-add in WebAssembly. The V8 of Node 20 is the last that has relaxed SIMD behind a flag. Whether the processor fuses is then
 * found out by computing, and recorded with every run as part of its engine. To be called before kernels are compiled.
 */
export function enableRelaxedSimd(): void {
  if (process.versions.node.startsWith('20.')) v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
}
