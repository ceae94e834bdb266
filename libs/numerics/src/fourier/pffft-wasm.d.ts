/** The part of the PFFFT module's interface that is used here; the package ships no types. */
declare module '@echogarden/pffft-wasm/simd' {
  export interface Pffft {
    _malloc(bytes: number): number;
    _free(block: number): void;
    _pffft_new_setup(length: number, transform: number): number;
    _pffft_destroy_setup(setup: number): void;
    _pffft_transform(setup: number, input: number, output: number, work: number, direction: number): void;
    _pffft_zreorder(setup: number, input: number, output: number, direction: number): void;
  }
  interface ModuleOptions {
    /** Instantiates in the caller's stead, and hands the instance over. */
    instantiateWasm(imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>, receive: (instance: object) => void): object;
  }
  export default function createPffft(options: ModuleOptions): Promise<Pffft>;
}
