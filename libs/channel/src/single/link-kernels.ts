/** The compiled kernels of the uplink (assembly/*.ts); they compute in the memory of the transform they are opened on. */
import { compileKernels, instantiateKernels, type CompiledKernels, type LinearMemory } from '@airmeta/numerics';
import { linkKernels } from '../generated/link.wasm.js';

/** What assembly/index.ts exports; the files there document each. Addresses are byte offsets. */
export interface LinkKernels {
  readonly HISTOGRAM_BYTES: { readonly value: number };
  takeTopK(
    z: number,
    d: number,
    k: number,
    indices: number,
    values: number,
    candidates: number,
    bits: number,
    shared: number,
    histogram: number,
  ): number;
  takeAt(z: number, count: number, indices: number, values: number, k: number): number;
  exponentOf(values: number, k: number): number;
  scaleTo(target: number, values: number, scale: number, k: number): void;
  addScaled(z: number, x: number, scale: number, count: number): void;
  scatterAdd(target: number, indices: number, values: number, k: number, weight: number): void;
  scatter(target: number, indices: number, values: number, k: number): void;
  clearAt(target: number, indices: number, k: number): void;
  sparseEnergy(values: number, k: number): number;
  observe(looks: number, rows: number, uses: number, re: number, im: number, length: number): bigint;
  superpose(sum: number, spectrum: number, looks: number, weight: number, re: number, length: number): number;
  receive(
    y: number,
    sum: number,
    amplitude: number,
    rows: number,
    uses: number,
    noiseRe: number,
    noiseIm: number,
    noiseScale: number,
    re: number,
    im: number,
    length: number,
    energies: number,
  ): void;
  addQuadrature(
    noiseRe: number,
    noiseIm: number,
    sum: number,
    quadrature: number,
    amplitude: number,
    rows: number,
    uses: number,
    spectrumScale: number,
    re: number,
    im: number,
    length: number,
  ): number;
  fold(y: number, looks: number, scale: number, re: number, length: number): void;
  weighResidual(residual: number, y: number, spectrum: number, looks: number, once: number, twice: number, length: number): void;
  denoise(r: number, x: number, posterior: number, d: number, slope: number, offset: number, shrink: number, sums: number): void;
  combine(x: number, posterior: number, r: number, a: number, b: number, count: number): void;
  addNoise(estimate: number, target: number, noiseScale: number, noise: number, count: number): number;
  deliver(
    update: number,
    estimate: number,
    updateScale: number,
    unit: number,
    target: number,
    targetScale: number,
    mean: number,
    meanScale: number,
    count: number,
    sums: number,
  ): void;
}

let compiled: CompiledKernels | undefined;

export function openLinkKernels(memory: LinearMemory): LinkKernels {
  compiled ??= compileKernels(linkKernels);
  if (!compiled) throw new Error('airmeta needs WebAssembly with SIMD, which this JavaScript engine lacks');
  return instantiateKernels<LinkKernels>(compiled, { env: { memory } });
}
