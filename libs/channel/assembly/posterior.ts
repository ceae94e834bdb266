/** The vector steps of orthogonal approximate message passing on a Bernoulli-Gaussian signal; src/decoders/oamp.ts has the formulas. */
import { exponential } from '../../numerics/assembly/exponential';
import { BLOCK, laneSum } from './sums';

/** 1 / (1 + e^-t) */
// @ts-ignore: decorator
@inline
function probability(value: v128, negativeSlope: v128, negativeOffset: v128): v128 {
  const e = exponential(f32x4.add(f32x4.mul(negativeSlope, f32x4.mul(value, value)), negativeOffset));
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), e));
}

/**
 * r += x, then the posterior mean of an entry observed as r: with t = slope r^2 + offset and p = 1 / (1 + e^-t), p shrink r. Entries from
 * d to the next multiple of eight become 0 in r and posterior.
 * @param sums receives sum p, sum p (1 - p) (shrink r)^2 and sum p (shrink r)^2
 */
export function denoise(r: usize, x: usize, posterior: usize, d: i32, slope: f32, offset: f32, shrink: f32, sums: usize): void {
  // Zeros at the end add nothing but their probability.
  const padding = -d & 7;
  memory.fill(r + (d << 2), 0, padding << 2);
  const negativeSlope = f32x4.splat(-slope);
  const negativeOffset = f32x4.splat(-offset);
  const shrinks = f32x4.splat(shrink);
  let probabilities: f64 = 0;
  let uncertain: f64 = 0;
  let moments: f64 = 0;
  for (let start = 0; start < d; start += BLOCK) {
    const end = min(start + BLOCK, d);
    let probabilityBlock = f32x4.splat(0);
    let uncertainBlock = f32x4.splat(0);
    let momentBlock = f32x4.splat(0);
    // Two groups at a time share the many constants of the exponential.
    for (let index = start; index < end; index += 8) {
      const at = index << 2;
      const a = f32x4.add(v128.load(r + at), v128.load(x + at));
      const b = f32x4.add(v128.load(r + at, 16), v128.load(x + at, 16));
      const pa = probability(a, negativeSlope, negativeOffset);
      const pb = probability(b, negativeSlope, negativeOffset);
      const meanA = f32x4.mul(shrinks, a);
      const meanB = f32x4.mul(shrinks, b);
      const postA = f32x4.mul(pa, meanA);
      const postB = f32x4.mul(pb, meanB);
      v128.store(r + at, a);
      v128.store(r + at, b, 16);
      v128.store(posterior + at, postA);
      v128.store(posterior + at, postB, 16);
      const momentA = f32x4.mul(postA, meanA);
      const momentB = f32x4.mul(postB, meanB);
      probabilityBlock = f32x4.add(probabilityBlock, f32x4.add(pa, pb));
      momentBlock = f32x4.add(momentBlock, f32x4.add(momentA, momentB));
      const certainA = f32x4.mul(momentA, pa);
      const certainB = f32x4.mul(momentB, pb);
      uncertainBlock = f32x4.add(uncertainBlock, f32x4.add(f32x4.sub(momentA, certainA), f32x4.sub(momentB, certainB)));
    }
    probabilities += laneSum(probabilityBlock);
    uncertain += laneSum(uncertainBlock);
    moments += laneSum(momentBlock);
  }
  const ofZero: f64 = f32x4.extract_lane(probability(f32x4.splat(0), negativeSlope, negativeOffset), 0);
  store<f64>(sums, probabilities - <f64>padding * ofZero);
  store<f64>(sums, uncertain, 8);
  store<f64>(sums, moments, 16);
}

/** x = a posterior - b r */
export function combine(x: usize, posterior: usize, r: usize, a: f32, b: f32, count: i32): void {
  const plus = f32x4.splat(a);
  const minus = f32x4.splat(b);
  for (let at = 0; at < count << 2; at += 16) {
    v128.store(x + at, f32x4.sub(f32x4.mul(plus, v128.load(posterior + at)), f32x4.mul(minus, v128.load(r + at))));
  }
}
