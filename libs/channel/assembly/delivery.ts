/** What the server makes of an estimate, and how far it is off. */
import { BLOCK, laneSum } from './sums';

// @ts-ignore: decorator
@inline
function square(x: v128): v128 {
  return f32x4.mul(x, x);
}

/**
 * update = unit * updateScale * estimate. Errors are taken before the unit, a power of two, is multiplied by: squares of updates leave the
 * range of single precision long before updates do.
 * @param count a multiple of four; entries past d are zeros
 * @param sums receives ||estimate - targetScale target||^2, ||targetScale target||^2, ||updateScale estimate - meanScale mean||^2,
 *   ||meanScale mean||^2 and <updateScale estimate - meanScale mean, meanScale mean>
 */
export function deliver(
  update: usize,
  estimate: usize,
  updateScale: f32,
  unit: f32,
  target: usize,
  targetScale: f32,
  mean: usize,
  meanScale: f32,
  count: i32,
  sums: usize,
): void {
  let decodingError: f64 = 0;
  let targetEnergy: f64 = 0;
  let aggregationError: f64 = 0;
  let meanEnergy: f64 = 0;
  let errorAlongMean: f64 = 0;
  for (let start = 0; start < count; start += BLOCK) {
    const end = min(start + BLOCK, count) << 2;
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    let d = f32x4.splat(0);
    let e = f32x4.splat(0);
    for (let at = start << 2; at < end; at += 16) {
      const decoded = v128.load(estimate + at);
      const sent = f32x4.mul(f32x4.splat(targetScale), v128.load(target + at));
      const scaled = f32x4.mul(f32x4.splat(updateScale), decoded);
      const exact = f32x4.mul(f32x4.splat(meanScale), v128.load(mean + at));
      v128.store(update + at, f32x4.mul(f32x4.splat(unit), scaled));
      a = f32x4.add(a, square(f32x4.sub(decoded, sent)));
      b = f32x4.add(b, square(sent));
      const error = f32x4.sub(scaled, exact);
      c = f32x4.add(c, square(error));
      d = f32x4.add(d, square(exact));
      e = f32x4.add(e, f32x4.mul(error, exact));
    }
    decodingError += laneSum(a);
    targetEnergy += laneSum(b);
    aggregationError += laneSum(c);
    meanEnergy += laneSum(d);
    errorAlongMean += laneSum(e);
  }
  store<f64>(sums, decodingError);
  store<f64>(sums, targetEnergy, 8);
  store<f64>(sums, aggregationError, 16);
  store<f64>(sums, meanEnergy, 24);
  store<f64>(sums, errorAlongMean, 32);
}

/** estimate = target + noiseScale * noise, on a channel use for every coordinate. @returns ||target||^2 */
export function addNoise(estimate: usize, target: usize, noiseScale: f32, noise: usize, count: i32): f64 {
  const factor = f32x4.splat(noiseScale);
  let energy: f64 = 0;
  for (let start = 0; start < count; start += BLOCK) {
    const end = min(start + BLOCK, count) << 2;
    let block = f32x4.splat(0);
    for (let at = start << 2; at < end; at += 16) {
      const sent = v128.load(target + at);
      v128.store(estimate + at, f32x4.add(sent, f32x4.mul(factor, v128.load(noise + at))));
      block = f32x4.add(block, square(sent));
    }
    energy += laneSum(block);
  }
  return energy;
}
