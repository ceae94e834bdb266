/**
 * Spectra of real signals as N real slots in the transform's own order: the real and the imaginary part of each bin of the half
 * spectrum. A row of the partial DFT looks at both slots of its bin; bins f and N - f are two looks at the same slots. Bins 0 and N/2
 * are real: each has one slot, and its one look counts 2, because only the real half of its noise matters.
 */
import { BLOCK, laneSum } from './sums';

/** Where bins 0..N/2 lie: slot numbers re [N/2 + 1], im [N/2 + 1], -1 where there is none. */
// @ts-ignore: decorator
@inline
function slotOf(layout: usize, bin: i32): i32 {
  return load<i32>(layout + (bin << 2));
}

// @ts-ignore: decorator
@inline
function binOf(row: i32, length: i32): i32 {
  return row > length >>> 1 ? length - row : row;
}

/** Counts looks [N] of `uses` rows. @returns slots seen once in the low, slots seen twice in the high word */
export function observe(looks: usize, rows: usize, uses: i32, re: usize, im: usize, length: i32): u64 {
  memory.fill(looks, 0, length << 2);
  for (let use = 0; use < uses; use++) {
    const bin = binOf(load<i32>(rows + (use << 2)), length);
    const imaginary = slotOf(im, bin);
    const real = looks + (slotOf(re, bin) << 2);
    if (imaginary < 0) store<f32>(real, 2);
    else {
      const seen: f32 = load<f32>(real) + 1;
      store<f32>(real, seen);
      store<f32>(looks + (imaginary << 2), seen);
    }
  }
  let once: u32 = 0;
  let twice: u32 = 0;
  for (let slot = 0; slot < length << 2; slot += 16) {
    const seen = v128.load(looks + slot);
    once += popcnt(i32x4.bitmask(f32x4.eq(seen, f32x4.splat(1))));
    twice += popcnt(i32x4.bitmask(f32x4.eq(seen, f32x4.splat(2))));
  }
  return (<u64>twice << 32) | once;
}

// @ts-ignore: decorator
@inline
function selfConjugateEnergy(spectrum: usize, looks: usize, slot: i32): f64 {
  const value: f64 = load<f32>(spectrum + (slot << 2));
  return <f64>load<f32>(looks + (slot << 2)) * value * value;
}

/** sum += weight * spectrum. @returns N ||A x||^2: the energy of the spectrum in all looks */
export function superpose(sum: usize, spectrum: usize, looks: usize, weight: f32, re: usize, length: i32): f64 {
  const factor = f32x4.splat(weight);
  let energy: f64 = 0;
  for (let start = 0; start < length; start += BLOCK) {
    const end = min(start + BLOCK, length) << 2;
    let block = f32x4.splat(0);
    for (let at = start << 2; at < end; at += 16) {
      const x = v128.load(spectrum + at);
      block = f32x4.add(block, f32x4.mul(v128.load(looks + at), f32x4.mul(x, x)));
      v128.store(sum + at, f32x4.add(v128.load(sum + at), f32x4.mul(factor, x)));
    }
    energy += laneSum(block);
  }
  // The one look at a self-conjugate bin was counted twice.
  const doubled = selfConjugateEnergy(spectrum, looks, slotOf(re, 0)) + selfConjugateEnergy(spectrum, looks, slotOf(re, length >>> 1));
  return energy - 0.5 * doubled;
}

/**
 * What is received on each use, y = amplitude * sum + noise, folded: the mean of all looks at a slot, 0 where there are none.
 * @param noiseRe @param noiseIm [uses]
 * @param noiseScale sqrt(N): spectra are unscaled
 * @param energies receives N times the energy of the signal part and N times that of y
 */
export function receive(
  y: usize,
  sum: usize,
  amplitude: f32,
  rows: usize,
  uses: i32,
  noiseRe: usize,
  noiseIm: usize,
  noiseScale: f32,
  re: usize,
  im: usize,
  length: i32,
  energies: usize,
): void {
  memory.fill(y, 0, length << 2);
  let signalEnergy: f64 = 0;
  let receivedEnergy: f64 = 0;
  const half = length >>> 1;
  for (let use = 0; use < uses << 2; use += 4) {
    const row = load<i32>(rows + use);
    const mirrored = row > half;
    const bin = mirrored ? length - row : row;
    const realSlot = slotOf(re, bin) << 2;
    const imaginarySlot = slotOf(im, bin) << 2;
    const wRe = noiseScale * load<f32>(noiseRe + use);
    const wIm = noiseScale * load<f32>(noiseIm + use);
    const sRe = amplitude * load<f32>(sum + realSlot);
    const yRe = sRe + wRe;
    signalEnergy += <f64>sRe * sRe;
    receivedEnergy += <f64>yRe * yRe;
    if (imaginarySlot < 0) {
      store<f32>(y + realSlot, yRe);
      receivedEnergy += <f64>wIm * wIm;
      continue;
    }
    const sIm = amplitude * load<f32>(sum + imaginarySlot);
    const yIm = mirrored ? sIm - wIm : sIm + wIm;
    signalEnergy += <f64>sIm * sIm;
    receivedEnergy += <f64>yIm * yIm;
    store<f32>(y + realSlot, load<f32>(y + realSlot) + yRe);
    store<f32>(y + imaginarySlot, load<f32>(y + imaginarySlot) + yIm);
  }
  store<f64>(energies, signalEnergy);
  store<f64>(energies, receivedEnergy, 8);
}

/**
 * What arrives in quadrature: adds amplitude * j * quadrature on each use to the noise.
 * @param noiseRe @param noiseIm [uses], of their own scale: 1/sqrt(N) of the spectra's
 * @param spectrumScale 1/sqrt(N)
 * @returns N times the energy of amplitude * (sum + j quadrature)
 */
export function addQuadrature(
  noiseRe: usize,
  noiseIm: usize,
  sum: usize,
  quadrature: usize,
  amplitude: f32,
  rows: usize,
  uses: i32,
  spectrumScale: f32,
  re: usize,
  im: usize,
  length: i32,
): f64 {
  let energy: f64 = 0;
  const half = length >>> 1;
  for (let use = 0; use < uses << 2; use += 4) {
    const row = load<i32>(rows + use);
    const mirrored = row > half;
    const bin = mirrored ? length - row : row;
    const realSlot = slotOf(re, bin) << 2;
    const imaginarySlot = slotOf(im, bin) << 2;
    const qRe = amplitude * load<f32>(quadrature + realSlot);
    let qIm: f32 = 0;
    let sIm: f32 = 0;
    if (imaginarySlot >= 0) {
      qIm = amplitude * load<f32>(quadrature + imaginarySlot);
      sIm = amplitude * load<f32>(sum + imaginarySlot);
    }
    if (mirrored) {
      qIm = -qIm;
      sIm = -sIm;
    }
    const yRe = amplitude * load<f32>(sum + realSlot) - qIm;
    const yIm = sIm + qRe;
    energy += <f64>yRe * yRe + <f64>yIm * yIm;
    store<f32>(noiseRe + use, load<f32>(noiseRe + use) - spectrumScale * qIm);
    store<f32>(noiseIm + use, load<f32>(noiseIm + use) + spectrumScale * qRe);
  }
  return energy;
}

/** Turns sums over looks into `scale` times their mean. */
export function fold(y: usize, looks: usize, scale: f32, re: usize, length: i32): void {
  const zero = slotOf(re, 0) << 2;
  const half = slotOf(re, length >>> 1) << 2;
  const zeroValue = load<f32>(y + zero) * scale;
  const halfValue = load<f32>(y + half) * scale;
  const factor = f32x4.splat(scale);
  const halfFactor = f32x4.splat(scale * 0.5);
  for (let at = 0; at < length << 2; at += 16) {
    const twice = f32x4.eq(v128.load(looks + at), f32x4.splat(2));
    v128.store(y + at, f32x4.mul(v128.load(y + at), v128.bitselect(halfFactor, factor, twice)));
  }
  // The one look at a self-conjugate bin is its own mean.
  store<f32>(y + zero, zeroValue);
  store<f32>(y + half, halfValue);
}

/** residual = (y - spectrum) times `once` or `twice` where seen so often, else 0 */
export function weighResidual(residual: usize, y: usize, spectrum: usize, looks: usize, once: f32, twice: f32, length: i32): void {
  const onceFactor = f32x4.splat(once);
  const twiceFactor = f32x4.splat(twice);
  for (let at = 0; at < length << 2; at += 16) {
    const seen = v128.load(looks + at);
    const difference = f32x4.sub(v128.load(y + at), v128.load(spectrum + at));
    const factor = v128.bitselect(twiceFactor, onceFactor, f32x4.gt(seen, f32x4.splat(1)));
    v128.store(residual + at, v128.and(f32x4.mul(factor, difference), f32x4.gt(seen, f32x4.splat(0))));
  }
}
