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

declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  Memory: new (limits: { initial: number }) => LinearMemory;
  Module: new (bytes: Uint8Array) => CompiledKernels;
  Instance: new (module: CompiledKernels, imports?: KernelImports) => { readonly exports: object };
};

/** @param binary a module's bytes, or their base64 @returns undefined when this machine cannot run it */
export function compileKernels(binary: string | Uint8Array): CompiledKernels | undefined {
  const bytes = typeof binary === 'string' ? Buffer.from(binary, 'base64') : binary;
  return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : undefined;
}

/**
 * A fresh instance's exports.
 * @typeParam Exports what the module's source exports, which nothing here can check
 */
export function instantiateKernels<Exports extends object>(module: CompiledKernels, imports: KernelImports = {}): Exports {
  return new WebAssembly.Instance(module, imports).exports as Exports;
}

export function isLinearMemory(value: unknown): value is LinearMemory {
  return value instanceof WebAssembly.Memory;
}
