/** Distinct integers at random: RandomStream.sample of src/random-stream.ts, with the same words and results. */
import { makeBlocks, openStream, word0, word1, word2, word3 } from './philox';

let words: usize = 0;
let position: u32 = 0;

/** The next word; sixteen are kept at `words`, in the order of the stream. */
// @ts-ignore: decorator
@inline
function nextWord(): u32 {
  if ((position & 15) == 0) makeWords();
  return load<u32>(words + ((position++ & 15) << 2));
}

function makeWords(): void {
  makeBlocks((position & ~15) >> 2);
  // Lanes are blocks: transposed, words follow one another.
  const a = i8x16.shuffle(word0, word1, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  const b = i8x16.shuffle(word0, word1, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  const c = i8x16.shuffle(word2, word3, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  const d = i8x16.shuffle(word2, word3, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  v128.store(words, i8x16.shuffle(a, c, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
  v128.store(words, i8x16.shuffle(a, c, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31), 16);
  v128.store(words, i8x16.shuffle(b, d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23), 32);
  v128.store(words, i8x16.shuffle(b, d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31), 48);
}

/**
 * The first `count` of `items` [population] become the sample.
 * @param scratch 64 bytes
 * @param start position of the stream's next word
 * @returns position after the last word used
 */
export function sample(
  items: usize,
  scratch: usize,
  population: u32,
  count: u32,
  k0: u32,
  k1: u32,
  round: u32,
  agent: u32,
  step: u32,
  start: u32,
): u32 {
  openStream(k0, k1, round, agent, step);
  words = scratch;
  position = start;
  if (position & 15) makeWords();
  let lanes = i32x4(0, 1, 2, 3);
  for (let index: u32 = 0; index < population; index += 4) {
    v128.store(items + (index << 2), lanes);
    lanes = i32x4.add(lanes, i32x4.splat(4));
  }
  for (let index: u32 = 0; index < count; index++) {
    const bound = population - index;
    const limit: u64 = 0x100000000 - (0x100000000 as u64) % bound;
    let word = nextWord();
    while (<u64>word >= limit) word = nextWord();
    const here = items + (index << 2);
    const there = here + ((word % bound) << 2);
    const swapped = load<u32>(there);
    store<u32>(there, load<u32>(here));
    store<u32>(here, swapped);
  }
  return position;
}
