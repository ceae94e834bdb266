/** The most multiply-adds per second that kernels of a build can reach: registers only, nothing to load or to wait for. */
import { multiplyAdd } from '../../../libs/learning/assembly/multiply-add';

/**
 * Independent sums. Two per cycle with a latency of four need eight; a product and a sum one after the other, three per cycle, need
 * eleven. With the two factors they fit the 15 registers that V8 has on x86-64.
 */
export const CHAINS: i32 = 12;

/**
 * One step of a chain. Separate products must depend on the chain, or the compiler would take x y out of the loop; a fused one cannot
 * be taken apart, and accumulates as in a matrix product.
 */
// @ts-ignore: decorator
@inline
function advance(x: v128, y: v128, sum: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? multiplyAdd(x, y, sum) : multiplyAdd(sum, x, y);
}

/** `steps` multiply-adds of four lanes in each of the chains; what it returns keeps them from being left out. */
export function multiplyAdds(steps: i32, factor: f32, summand: f32): f32 {
  const x = f32x4.splat(factor);
  const y = f32x4.splat(summand);
  let c0 = f32x4.splat(0);
  let c1 = f32x4.splat(1);
  let c2 = f32x4.splat(2);
  let c3 = f32x4.splat(3);
  let c4 = f32x4.splat(4);
  let c5 = f32x4.splat(5);
  let c6 = f32x4.splat(6);
  let c7 = f32x4.splat(7);
  let c8 = f32x4.splat(8);
  let c9 = f32x4.splat(9);
  let c10 = f32x4.splat(10);
  let c11 = f32x4.splat(11);
  for (let step = 0; step < steps; ++step) {
    c0 = advance(x, y, c0);
    c1 = advance(x, y, c1);
    c2 = advance(x, y, c2);
    c3 = advance(x, y, c3);
    c4 = advance(x, y, c4);
    c5 = advance(x, y, c5);
    c6 = advance(x, y, c6);
    c7 = advance(x, y, c7);
    c8 = advance(x, y, c8);
    c9 = advance(x, y, c9);
    c10 = advance(x, y, c10);
    c11 = advance(x, y, c11);
  }
  const sums = f32x4.add(
    f32x4.add(f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3)), f32x4.add(f32x4.add(c4, c5), f32x4.add(c6, c7))),
    f32x4.add(f32x4.add(c8, c9), f32x4.add(c10, c11)),
  );
  return f32x4.extract_lane(sums, 0);
}
