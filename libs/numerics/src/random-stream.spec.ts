import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { philox4x32, randomStream, STREAM_NAMES, type RandomStream, type StreamName } from './random-stream.js';

const words = (stream: RandomStream, count = 16) => Array.from({ length: count }, () => stream.uint32());

/**
 * A chi-square variable with n degrees of freedom exceeds n + 2 sqrt(20 n) + 40 with probability below e^-20 = 2e-9
 * [laurent2000].
 */
function expectUniform(counts: Float64Array): void {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const expected = total / counts.length;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const freedom = counts.length - 1;
  expect(chiSquare).toBeLessThan(freedom + 2 * Math.sqrt(20 * freedom) + 40);
}

describe('Philox4x32-10', () => {
  // Known-answer vectors of Random123 [salmon2011].
  it.each([
    { counter: '00000000 00000000 00000000 00000000', key: '00000000 00000000', block: '6627e8d5 e169c58d bc57ac4c 9b00dbd8' },
    { counter: 'ffffffff ffffffff ffffffff ffffffff', key: 'ffffffff ffffffff', block: '408f276d 41c83b0e a20bc7c6 6d5451fd' },
    { counter: '243f6a88 85a308d3 13198a2e 03707344', key: 'a4093822 299f31d0', block: 'd16cfe09 94fdcceb 5001e420 24126ea1' },
  ])('of counter $counter under key $key is $block', ({ counter, key, block }) => {
    const parse = (text: string) => text.split(' ').map((word) => Number.parseInt(word, 16));
    const out = new Uint32Array(4);
    philox4x32(parse(counter) as [number, number, number, number], parse(key) as [number, number], out);
    expect(Array.from(out, (word) => word.toString(16).padStart(8, '0')).join(' ')).toBe(block);
  });
});

describe('random streams', () => {
  const address = fc.record({ round: fc.nat(0xffffffff), agent: fc.nat(0xffffffff), step: fc.nat(0xffffffff) });
  const name = fc.constantFrom(...STREAM_NAMES);

  it('are pure functions of seed, name and address', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), name, address, (seed, stream, at) => {
        const first = randomStream(seed, stream, at);
        const other = randomStream(seed, stream, { ...at, step: (at.step + 1) % 2 ** 32 });
        const again = randomStream(seed, stream, at);
        const interleaved = Array.from({ length: 9 }, () => {
          other.normal();
          return first.uint32();
        });
        expect(interleaved).toEqual(words(again, 9));
      }),
    );
  });

  it('differ wherever seed, name or address differ in any part', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), address, (seed, at) => {
        const parts = ['round', 'agent', 'step'] as const;
        const streams = [
          ...STREAM_NAMES.map((stream) => randomStream(seed, stream, at)),
          ...parts.map((part) => randomStream(seed, 'data', { ...at, [part]: (at[part] + 1) % 2 ** 32 })),
          randomStream(seed === 0 ? 1 : seed - 1, 'data', at),
        ];
        // Two unrelated blocks of 128 bits agree with probability 3e-39.
        expect(new Set(streams.map((stream) => words(stream, 4).join())).size).toBe(streams.length);
      }),
    );
  });

  it('use every bit of a 53-bit seed', () => {
    const seeds = Array.from({ length: 53 }, (_, bit) => 2 ** bit);
    expect(new Set([0, ...seeds].map((seed) => words(randomStream(seed, 'data'), 4).join())).size).toBe(54);
  });

  it('take parts of an address that are left out for zero', () => {
    expect(words(randomStream(9, 'noise'))).toEqual(words(randomStream(9, 'noise', { round: 0, agent: 0, step: 0 })));
  });

  it('keep their places in the list for good: moving a name would silently change every result there is', () => {
    expect(STREAM_NAMES.slice(0, 10)).toEqual([
      'data',
      'tasks',
      'initial-weights',
      'active-set',
      'batches',
      'fading',
      'noise',
      'compression-rows',
      'evaluation',
      'replicate-seeds',
    ]);
  });

  it.each([-1, 0.5, 2 ** 53, NaN])('refuse seed %f', (seed) => {
    expect(() => randomStream(seed, 'data')).toThrow(/seed must be an integer in 0\.\.2\^53-1/);
  });

  it.each([
    ['round', -1],
    ['agent', 2 ** 32],
    ['step', 0.5],
  ] as const)('refuse %s %f', (part, value) => {
    expect(() => randomStream(1, 'data', { [part]: value })).toThrow(new RegExp(`${part} must be an integer in 0\\.\\.2\\^32-1`));
  });
});

describe('uniform numbers', () => {
  it('lie in [0, 1) with mean 1/2 and variance 1/12', () => {
    const n = 100_000;
    const stream = randomStream(1, 'data');
    let [sum, squares] = [0, 0];
    for (let index = 0; index < n; index++) {
      const value = stream.uniform();
      expect(value >= 0 && value < 1).toBe(true);
      sum += value;
      squares += (value - 0.5) ** 2;
    }
    // The mean deviates by sqrt(1/12 / n); (u - 1/2)^2 has variance 1/80 - 1/144 = 1/180. Six deviations: 2e-9.
    expect(Math.abs(sum / n - 0.5)).toBeLessThan(6 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(squares / n - 1 / 12)).toBeLessThan(6 * Math.sqrt(1 / 180 / n));
  });

  it('fill 53 bits: multiples of 2^-53 that are not all multiples of 2^-52', () => {
    const stream = randomStream(2, 'data');
    const scaled = Array.from({ length: 64 }, () => stream.uniform() * 2 ** 53);
    expect(scaled.every(Number.isInteger)).toBe(true);
    // That all of 64 last bits are zero has probability 2^-64.
    expect(scaled.some((value) => value % 2 === 1)).toBe(true);
  });

  it('stretch to [low, high)', () => {
    const stream = randomStream(3, 'data');
    for (let index = 0; index < 1000; index++) {
      const value = stream.uniformIn(-2, 5);
      expect(value >= -2 && value < 5).toBe(true);
    }
  });
});

describe('integers', () => {
  // 3 * 2^30 does not divide 2^32: reduced modulo the bound, its first third would come up twice as often.
  it.each([2, 3, 10, 3 * 2 ** 30])('below %i are equally frequent', (bound) => {
    const cells = Math.min(bound, 12);
    const counts = new Float64Array(cells);
    const stream = randomStream(4, 'data');
    for (let draw = 0; draw < 12_000; draw++) counts[Math.floor((stream.integer(bound) / bound) * cells)]++;
    expectUniform(counts);
  });

  it('below 1 are 0, and below 2^32 are the words themselves', () => {
    expect(randomStream(5, 'data').integer(1)).toBe(0);
    expect(randomStream(5, 'data').integer(2 ** 32)).toBe(randomStream(5, 'data').uint32());
  });

  it.each([0, -1, 2.5, 2 ** 32 + 1, NaN])('refuse bound %f', (bound) => {
    expect(() => randomStream(1, 'data').integer(bound)).toThrow(RangeError);
  });
});

describe('normal numbers', () => {
  it('have the moments of N(0, 1)', () => {
    const n = 100_000;
    const stream = randomStream(6, 'data');
    const moments = [0, 0, 0, 0];
    let product = 0;
    let previous = 0;
    for (let index = 0; index < n; index++) {
      const value = stream.normal();
      for (let power = 1; power <= 4; power++) moments[power - 1] += value ** power / n;
      product += (value * previous) / n;
      previous = value;
    }
    // Var z^k = E z^2k - (E z^k)^2: 1, 2, 15, 105 - 9. Six deviations of a mean over n.
    [0, 1, 0, 3].forEach((expected, at) => {
      expect(Math.abs(moments[at] - expected)).toBeLessThan(6 * Math.sqrt([1, 2, 15, 96][at] / n));
    });
    // Neighbours, of which every second pair comes from one Box-Muller draw, are uncorrelated.
    expect(Math.abs(product)).toBeLessThan(6 / Math.sqrt(n));
  });

  it('are always finite', () => {
    const stream = randomStream(7, 'data');
    for (let index = 0; index < 10_000; index++) expect(stream.normal()).toSatisfy(Number.isFinite);
  });
});

describe('samples without replacement', () => {
  it('are distinct members of the population', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(40), fc.nat(40), (seed, a, b) => {
        const [population, count] = [Math.max(a, b), Math.min(a, b)];
        const sample = randomStream(seed, 'data').sample(population, count);
        expect(sample).toHaveLength(count);
        expect(new Set(sample).size).toBe(count);
        for (const member of sample) expect(member >= 0 && member < population).toBe(true);
      }),
    );
  });

  it('are uniform over subsets and orders: all 20 ordered pairs of 5', () => {
    const counts = new Float64Array(25);
    for (let round = 0; round < 20_000; round++) {
      const [first, second] = randomStream(8, 'data', { round }).sample(5, 2);
      counts[5 * first + second]++;
    }
    expectUniform(counts.filter((_, pair) => Math.floor(pair / 5) !== pair % 5));
  });

  it('are the beginnings of larger ones', () => {
    const all = randomStream(9, 'data').sample(50, 50);
    expect(randomStream(9, 'data').sample(50, 20)).toEqual(all.subarray(0, 20));
    expect(randomStream(9, 'data').permutation(50)).toEqual(all);
  });

  it('refuse to take more than there are', () => {
    expect(() => randomStream(1, 'data').sample(3, 4)).toThrow(/cannot take 4 of 3/);
  });

  it('do not tell streams apart by accident: every name gives its own permutation', () => {
    const permutations = STREAM_NAMES.map((name: StreamName) => randomStream(10, name).permutation(100).join());
    expect(new Set(permutations).size).toBe(STREAM_NAMES.length);
  });
});
