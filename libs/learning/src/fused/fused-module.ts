/** The compiled kernels (assembly/*.ts), and which of their two builds this machine runs. */
import { compileKernels, instantiateKernels, type CompiledKernels, type LinearMemory } from '@airmeta/numerics';
import { portableKernels } from '../generated/portable.wasm.js';
import { relaxedKernels } from '../generated/relaxed.wasm.js';

/** Meta-gradient rules by their numbers in assembly/plan.ts. */
export const RULES = { 'first-order': 0, maml: 1, exact: 2, 'hessian-free': 3 } as const;

/** What assembly/index.ts exports; addresses are byte offsets into `memory`. */
export interface Kernels {
  readonly memory: LinearMemory;
  readonly heapBase: { readonly value: number };
  /** Readies the theta that all episodes of the following calls share; they are then told a stride of 0. */
  shareTheta(plan: number): void;
  metaGradients(plan: number, rule: number, alpha: number, delta: number, steps: number, strideTheta: number, episodes: number): void;
  supportGradients(plan: number, strideTheta: number, episodes: number): void;
  fineTune(plan: number, alpha: number, from: number, steps: number, episodes: number): void;
  multiplyAddOnce(a: number, b: number, c: number): number;
}

/**
 * `portable`: products and sums rounded one by one, the same bits on every machine. `fused`: relaxed SIMD on a processor that
 * rounds a b + c once, the same bits on every such processor.
 */
export type KernelBuild = 'portable' | 'fused';

/** (1 + e)(1 - e) - 1 with e = 2^-13 is -2^-26 with one rounding, 0 with two. */
function fuses(kernels: Kernels): boolean {
  return kernels.multiplyAddOnce(1 + 2 ** -13, 1 - 2 ** -13, -1) !== 0;
}

function fusedModule(): CompiledKernels | undefined {
  const module = compileKernels(relaxedKernels);
  return module && fuses(instantiateKernels<Kernels>(module)) ? module : undefined;
}

const modules = new Map<KernelBuild, CompiledKernels | undefined>();

/** A build's module, compiled once per thread; undefined where the engine or the processor has no fused multiply-add. */
function moduleOf(build: KernelBuild): CompiledKernels | undefined {
  if (!modules.has(build)) modules.set(build, build === 'fused' ? fusedModule() : compileKernels(portableKernels));
  return modules.get(build);
}

/** The builds this machine runs, the faster one first. */
export function availableBuilds(): readonly KernelBuild[] {
  return moduleOf('fused') ? ['fused', 'portable'] : ['portable'];
}

/** Of each build, the instance that was closed last: making and collecting one takes longer than a short simulation computes. */
const idle = new Map<KernelBuild, Kernels>();

/** One whose memory has grown beyond this is let go, as memories never shrink. */
const MOST_IDLE_BYTES = 2 ** 25;

/**
 * An instance with a memory of its own, which is zero behind `heapBase`.
 * @throws Error when this machine cannot run the build
 */
export function openKernels(build: KernelBuild): Kernels {
  const waiting = idle.get(build);
  if (waiting) {
    idle.delete(build);
    return waiting;
  }
  const module = moduleOf(build);
  if (!module) {
    const missing = build === 'fused' ? 'fused multiply-add' : 'WebAssembly with SIMD';
    throw new Error(`this engine or processor has no ${missing}, which the ${build} kernels need`);
  }
  return instantiateKernels<Kernels>(module);
}

/** Hands an instance that is not used any more to the next one who opens the build. */
export function closeKernels(build: KernelBuild, kernels: Kernels): void {
  const { buffer } = kernels.memory;
  if (buffer.byteLength > MOST_IDLE_BYTES) return;
  if (buffer.byteLength > kernels.heapBase.value) new Uint8Array(buffer, kernels.heapBase.value).fill(0);
  idle.set(build, kernels);
}
