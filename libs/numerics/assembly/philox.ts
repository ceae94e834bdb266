/** Philox4x32-10 [salmon2011], four consecutive blocks at a time: the same words as philox4x32 in src/random-stream.ts. */

const MULTIPLIER_0: u32 = 0xd2511f53;
const MULTIPLIER_1: u32 = 0xcd9e8d57;
const WEYL_0: u32 = 0x9e3779b9;
const WEYL_1: u32 = 0xbb67ae85;
const ROUNDS = 10;

/** The stream whose blocks are made: two words of key, three of address. */
export let key0: u32 = 0;
export let key1: u32 = 0;
export let round: u32 = 0;
export let agent: u32 = 0;
export let step: u32 = 0;

export function openStream(k0: u32, k1: u32, atRound: u32, atAgent: u32, atStep: u32): void {
  key0 = k0;
  key1 = k1;
  round = atRound;
  agent = atAgent;
  step = atStep;
}

/** Words 0 to 3 of the four blocks that `makeBlocks` made last; lane j belongs to block first + j. */
export let word0: v128 = i32x4.splat(0);
export let word1: v128 = i32x4.splat(0);
export let word2: v128 = i32x4.splat(0);
export let word3: v128 = i32x4.splat(0);

// @ts-ignore: decorator
@inline
function highWords(low: v128, high: v128): v128 {
  return i8x16.shuffle(low, high, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31);
}

// @ts-ignore: decorator
@inline
function lowWords(low: v128, high: v128): v128 {
  return i8x16.shuffle(low, high, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
}

export function makeBlocks(first: u32): void {
  let c0 = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  let c1 = i32x4.splat(round);
  let c2 = i32x4.splat(agent);
  let c3 = i32x4.splat(step);
  let k0 = key0;
  let k1 = key1;
  const m0 = i32x4.splat(MULTIPLIER_0);
  const m1 = i32x4.splat(MULTIPLIER_1);
  for (let turn = 0; turn < ROUNDS; turn++) {
    const low0 = i64x2.extmul_low_i32x4_u(m0, c0);
    const high0 = i64x2.extmul_high_i32x4_u(m0, c0);
    const low1 = i64x2.extmul_low_i32x4_u(m1, c2);
    const high1 = i64x2.extmul_high_i32x4_u(m1, c2);
    c0 = v128.xor(v128.xor(highWords(low1, high1), c1), i32x4.splat(k0));
    c1 = lowWords(low1, high1);
    c2 = v128.xor(v128.xor(highWords(low0, high0), c3), i32x4.splat(k1));
    c3 = lowWords(low0, high0);
    k0 += WEYL_0;
    k1 += WEYL_1;
  }
  word0 = c0;
  word1 = c1;
  word2 = c2;
  word3 = c3;
}
