/** The part of WebAssembly's JavaScript interface that is used here; the compiler's `es2023` library has none. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module);
    readonly exports: object;
  }
  class Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  class Global {
    readonly value: number;
  }
  function validate(bytes: Uint8Array): boolean;
}
