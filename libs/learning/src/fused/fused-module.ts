/** The compiled kernels (assembly/*.ts), and which of their two builds this machine runs. */
import { portableKernels } from '../generated/portable.wasm.js';
import { relaxedKernels } from '../generated/relaxed.wasm.js';

/** Meta-gradient rules by their numbers in assembly/plan.ts. */
export const RULES = { 'first-order': 0, maml: 1, exact: 2, 'hessian-free': 3 } as const;

/** The part of WebAssembly's JavaScript interface used here; the compiler's `es2023` library declares none of it. */
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => CompiledModule;
  Instance: new (module: CompiledModule) => { readonly exports: object };
};

interface CompiledModule {
  readonly [Symbol.toStringTag]: string;
}

/** What assembly/index.ts exports; addresses are byte offsets into `memory`. */
export interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly heapBase: { readonly value: number };
  /** Readies the theta that all episodes of the following calls share; they are then told a stride of 0. */
  shareTheta(plan: number): void;
  metaGradients(plan: number, rule: number, alpha: number, delta: number, steps: number, strideTheta: number, episodes: number): void;
  supportGradients(plan: number, strideTheta: number, episodes: number): void;
  fineTune(plan: number, alpha: number, steps: number, episodes: number): void;
  multiplyAddOnce(a: number, b: number, c: number): number;
}

/**
 * `portable`: products and sums rounded one by one, the same bits on every machine. `fused`: relaxed SIMD on a processor that
 * rounds a b + c once, the same bits on every such processor.
 */
export type KernelBuild = 'portable' | 'fused';

function instantiate(module: CompiledModule): Kernels {
  return new WebAssembly.Instance(module).exports as Kernels;
}

/** (1 + e)(1 - e) - 1 with e = 2^-13 is -2^-26 with one rounding, 0 with two. */
function fuses(kernels: Kernels): boolean {
  return kernels.multiplyAddOnce(1 + 2 ** -13, 1 - 2 ** -13, -1) !== 0;
}

function fusedModule(): CompiledModule | undefined {
  const bytes = Buffer.from(relaxedKernels, 'base64');
  if (!WebAssembly.validate(bytes)) return undefined;
  const module = new WebAssembly.Module(bytes);
  return fuses(instantiate(module)) ? module : undefined;
}

const modules = new Map<KernelBuild, CompiledModule | undefined>();

/** A build's module, compiled once per thread; undefined where the engine or the processor has no fused multiply-add. */
function moduleOf(build: KernelBuild): CompiledModule | undefined {
  if (!modules.has(build)) {
    modules.set(build, build === 'fused' ? fusedModule() : new WebAssembly.Module(Buffer.from(portableKernels, 'base64')));
  }
  return modules.get(build);
}

/** The builds this machine runs, the faster one first. */
export function availableBuilds(): readonly KernelBuild[] {
  return moduleOf('fused') ? ['fused', 'portable'] : ['portable'];
}

/**
 * A fresh instance, with memory of its own.
 * @throws Error when this machine cannot run the build
 */
export function instantiateKernels(build: KernelBuild): Kernels {
  const module = moduleOf(build);
  if (!module) throw new Error(`this engine or processor has no fused multiply-add for the ${build} kernels`);
  return instantiate(module);
}
