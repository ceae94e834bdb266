import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { philox4x32, randomStream } from './random-stream.js';
import { bulkNormals, bulkSample, type StreamPlace } from './stream-kernels.js';

const word = fc.integer({ min: 0, max: 0xffffffff });
const places: fc.Arbitrary<StreamPlace> = fc.record({ key: fc.tuple(word, word), round: word, agent: word, step: word });

/** The words of a stream, in order. */
function wordsOf({ key, round, agent, step }: StreamPlace, count: number): number[] {
  const block = new Uint32Array(4);
  return Array.from({ length: Math.ceil(count / 4) }, (_, index) => {
    philox4x32([index, round, agent, step], key, block);
    return [...block];
  }).flat();
}

/** Partial Fisher-Yates on given words. */
function sampleFrom(words: readonly number[], start: number, population: number, count: number): { items: number[]; end: number } {
  let position = start;
  const items = Array.from({ length: population }, (_, index) => index);
  for (let index = 0; index < count; index++) {
    const bound = population - index;
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let drawn = words[position++];
    while (drawn >= limit) drawn = words[position++];
    const other = index + (drawn % bound);
    [items[index], items[other]] = [items[other], items[index]];
  }
  return { items: items.slice(0, count), end: position };
}

describe('samples in bulk', () => {
  it('are those of the algorithm on the words of the stream, from any position', () => {
    fc.assert(
      fc.property(places, fc.nat(40), fc.integer({ min: 1, max: 90 }), fc.nat(90), (place, start, population, share) => {
        const count = Math.min(population, share);
        const actual = bulkSample(place, start, population, count);
        const expected = sampleFrom(wordsOf(place, start + 4 * population + 16), start, population, count);
        expect([...actual.items]).toEqual(expected.items);
        expect(actual.end).toBe(expected.end);
      }),
    );
  });

  it('continue a stream where single draws left it, and are continued', () => {
    const [bulk, single] = [randomStream(5, 'data'), randomStream(5, 'data')];
    const words = Array.from({ length: 8000 }, () => single.uint32());
    bulk.uint32();
    const expected = sampleFrom(words, 1, 1500, 700);
    expect([...bulk.sample(1500, 700)]).toEqual(expected.items);
    expect(bulk.uint32()).toBe(words[expected.end]);
  });
});

describe('normal numbers in bulk', () => {
  it('are those of the Box-Muller transform of the words, to single precision', () => {
    fc.assert(
      fc.property(places, fc.integer({ min: 1, max: 100 }), (place, count) => {
        const actual = bulkNormals(place, 0, count, 1);
        expect(actual).toHaveLength(count);
        const words = wordsOf(place, 16 * Math.ceil(count / 16));
        actual.forEach((value, at) => {
          // Sixteen numbers from four blocks: cosines, then sines of words 0 and 1 of each block, then of words 2 and 3.
          const group = Math.floor(at / 16);
          const [pair, part, lane] = [Math.floor((at % 16) / 8), Math.floor((at % 8) / 4), at % 4];
          const block = words.slice(16 * group + 4 * lane, 16 * group + 4 * lane + 4);
          const radius = Math.sqrt(-2 * Math.log((block[2 * pair] + 0.5) / 2 ** 32));
          const angle = 2 * Math.PI * (block[2 * pair + 1] / 2 ** 32);
          const expected = radius * (part === 0 ? Math.cos(angle) : Math.sin(angle));
          // The logarithm of a u within 2^-24 of 1 is known to 2^-24, its square root to 2^-12 at worst.
          expect(Math.abs(value - expected)).toBeLessThan(Math.max(2e-6, 2 ** -24 / radius));
        });
      }),
    );
  });

  it('have mean 0, variance 1, no skew and a kurtosis of 3', () => {
    const count = 1_000_000;
    const numbers = bulkNormals({ key: [1, 2], round: 3, agent: 4, step: 5 }, 0, count, 1);
    const moment = (power: number) => numbers.reduce((sum, value) => sum + value ** power, 0) / count;
    // The mean of z^p over n numbers has variance (E z^2p - (E z^p)^2) / n; six deviations.
    for (const [power, expected, variance] of [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ] as const) {
      expect(Math.abs(moment(power) - expected)).toBeLessThan(6 * Math.sqrt(variance / count));
    }
  });

  it('leave the stream at the next block, and others follow', () => {
    const stream = randomStream(7, 'noise');
    const first = stream.normals(17);
    const second = stream.normals(17);
    expect(stream.uint32()).toBe(wordsAfter(16));
    expect([...first]).not.toEqual([...second]);
    expect([...randomStream(7, 'noise').normals(40).subarray(0, 17)]).toEqual([...first]);
  });
});

/** The word that follows the given number of blocks of stream `noise` with seed 7. */
function wordsAfter(blocks: number): number {
  const stream = randomStream(7, 'noise');
  for (let word = 0; word < 4 * blocks; word++) stream.uint32();
  return stream.uint32();
}
