/** The machine's peak of single-precision multiply-adds in WebAssembly SIMD on one thread, measured. */
import type { KernelBuild } from '@airmeta/learning';
import { compileKernels, instantiateKernels } from '@airmeta/numerics';
import { BenchmarkError } from './benchmark-error.js';
import { portableKernels } from './generated/portable.wasm.js';
import { relaxedKernels } from './generated/relaxed.wasm.js';

/** What assembly/peak.ts exports. */
interface PeakKernel {
  readonly CHAINS: { readonly value: number };
  multiplyAdds(steps: number, factor: number, summand: number): number;
}

const BINARIES: Readonly<Record<KernelBuild, string>> = { portable: portableKernels, fused: relaxedKernels };

const LANES = 4;
const OPERATIONS_PER_MULTIPLY_ADD = 2;

/** One trial is some milliseconds; all of them are enough for the engine to have compiled its best code and the processor to have sped up. */
const STEPS = 100_000;
const MEASURED_MS = 200;

/**
 * GFLOP/s of the best of many trials in about 200 ms.
 * @param build one that this machine runs, see `availableBuilds`
 */
export function wasmPeak(build: KernelBuild): number {
  const module = compileKernels(BINARIES[build]);
  if (!module) throw new BenchmarkError(`this machine cannot run ${build} kernels`);
  const kernel = instantiateKernels<PeakKernel>(module);
  const operations = STEPS * kernel.CHAINS.value * LANES * OPERATIONS_PER_MULTIPLY_ADD;
  let best = Infinity;
  for (const end = performance.now() + MEASURED_MS; performance.now() < end;) {
    const start = performance.now();
    // A factor just under 1 and a small summand keep the sums in range and out of denormals.
    kernel.multiplyAdds(STEPS, 0.999, 0.001);
    best = Math.min(best, performance.now() - start);
  }
  return operations / best / 1e6;
}
