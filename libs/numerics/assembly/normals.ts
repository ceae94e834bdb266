/** Normal numbers of mean 0 by the Box-Muller transform [box1958], in single precision. */
import { logarithm } from './logarithm';
import { makeBlocks, openStream, word0, word1, word2, word3 } from './philox';

/** scale sqrt(-2 ln u) with u = (word + 1/2) / 2^32 in (0, 1]. */
// @ts-ignore: decorator
@inline
function radius(word: v128, scale: v128): v128 {
  const u = f32x4.mul(f32x4.add(f32x4.convert_i32x4_u(word), f32x4.splat(0.5)), f32x4.splat(2.3283064365386963e-10));
  return f32x4.mul(scale, f32x4.sqrt(f32x4.max(f32x4.mul(logarithm(u), f32x4.splat(-2)), f32x4.splat(0))));
}

/** Stores r cos and r sin of word / 2^32 turns; polynomials of Cephes' sinf and cosf on an eighth of a turn to either side. */
// @ts-ignore: decorator
@inline
function storePair(target: usize, r: v128, word: v128): void {
  const quarter = i32x4.shr_u(i32x4.add(word, i32x4.splat(0x20000000)), 30);
  const rest = f32x4.convert_i32x4_s(i32x4.sub(word, i32x4.shl(quarter, 30)));
  const x = f32x4.mul(rest, f32x4.splat(1.4629180792671596e-9)); // pi/2 / 2^30
  const square = f32x4.mul(x, x);
  let s = f32x4.splat(-1.9515295891e-4);
  s = f32x4.add(f32x4.mul(s, square), f32x4.splat(8.3321608736e-3));
  s = f32x4.add(f32x4.mul(s, square), f32x4.splat(-1.6666654611e-1));
  s = f32x4.add(f32x4.mul(f32x4.mul(s, square), x), x);
  let c = f32x4.splat(2.443315711809948e-5);
  c = f32x4.add(f32x4.mul(c, square), f32x4.splat(-1.388731625493765e-3));
  c = f32x4.add(f32x4.mul(c, square), f32x4.splat(4.166664568298827e-2));
  c = f32x4.add(f32x4.sub(f32x4.mul(f32x4.mul(c, square), square), f32x4.mul(square, f32x4.splat(0.5))), f32x4.splat(1));
  const swapped = i32x4.shr_s(i32x4.shl(quarter, 31), 31);
  const cosine = v128.bitselect(s, c, swapped);
  const sine = v128.bitselect(c, s, swapped);
  const cosineSign = i32x4.shl(v128.and(i32x4.add(quarter, i32x4.splat(1)), i32x4.splat(2)), 30);
  const sineSign = i32x4.shl(v128.and(quarter, i32x4.splat(2)), 30);
  v128.store(target, f32x4.mul(r, v128.xor(cosine, cosineSign)));
  v128.store(target, f32x4.mul(r, v128.xor(sine, sineSign)), 16);
}

/**
 * Writes ceil(count/16) * 16 normal numbers of standard deviation `deviation`, from four Philox blocks each sixteen.
 * @param block first block of the stream to use
 */
export function normals(
  target: usize,
  count: u32,
  deviation: f32,
  k0: u32,
  k1: u32,
  round: u32,
  agent: u32,
  step: u32,
  block: u32,
): void {
  const scale = f32x4.splat(deviation);
  openStream(k0, k1, round, agent, step);
  for (let done: u32 = 0; done < count; done += 16) {
    makeBlocks(block);
    storePair(target, radius(word0, scale), word1);
    storePair(target + 32, radius(word2, scale), word3);
    block += 4;
    target += 64;
  }
}
