/** Compiled kernels: the part of WebAssembly's JavaScript interface used here; the compiler's `es2023` library declares none of it. */

/** Linear memory; the buffer is another one after it grew. */
export interface LinearMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** A compiled module, to be instantiated any number of times. */
export interface CompiledKernels {
  readonly [Symbol.toStringTag]: string;
}

/** Imports by module and name. */
export type KernelImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What an instance exports, by name. */
export type KernelExports = Readonly<Record<string, unknown>>;

declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  Memory: new (limits: { initial: number }) => LinearMemory;
  Module: new (bytes: Uint8Array) => CompiledKernels;
  Instance: new (module: CompiledKernels, imports?: KernelImports) => { readonly exports: KernelExports };
};

/** @param base64 a module's binary @returns undefined when this machine cannot run it */
export function compileKernels(base64: string): CompiledKernels | undefined {
  const bytes = Buffer.from(base64, 'base64');
  return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : undefined;
}

/** A fresh instance's exports. */
export function instantiateKernels(module: CompiledKernels, imports: KernelImports = {}): KernelExports {
  return new WebAssembly.Instance(module, imports).exports;
}

export function isLinearMemory(value: unknown): value is LinearMemory {
  return value instanceof WebAssembly.Memory;
}
