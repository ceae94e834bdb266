import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sparsify, topK } from './sparsify.js';
import { addScaled, denseAsSparse } from './sparse-vector.js';

/** The definition: sort by magnitude, the lower index first among equals, take k. */
function topKBySorting(z: Float32Array, k: number): Int32Array {
  const order = Array.from(z.keys()).sort((a, b) => Math.abs(z[b]) - Math.abs(z[a]) || a - b);
  return Int32Array.from(order.slice(0, k).sort((a, b) => a - b));
}

const numbers = fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e18), max: Math.fround(1e18) });
/** Few distinct magnitudes, so that most of them are tied. */
const tied = fc.constantFrom(-2, -1, 0, 1, 2);

const vectors = fc.oneof(fc.array(numbers, { minLength: 1, maxLength: 60 }), fc.array(tied, { minLength: 1, maxLength: 60 }));
const vectorsWithK = vectors.chain((values) =>
  fc.record({ z: fc.constant(Float32Array.from(values)), k: fc.integer({ min: 1, max: values.length }) }),
);

describe('topK', () => {
  it('agrees with sorting, ties included', () => {
    fc.assert(
      fc.property(vectorsWithK, ({ z, k }) => {
        expect(topK(z, k)).toEqual(topKBySorting(z, k));
      }),
      { numRuns: 1000 },
    );
  });

  it('gives equal magnitudes to the lowest indices, whatever their signs', () => {
    expect(topK(Float32Array.of(1, -3, 3, 1, -1, 3), 4)).toEqual(Int32Array.of(0, 1, 2, 5));
    expect(topK(new Float32Array(7), 3)).toEqual(Int32Array.of(0, 1, 2));
  });

  it('takes everything when k = d', () => {
    fc.assert(
      fc.property(vectors, (values) => {
        expect(topK(Float32Array.from(values), values.length)).toEqual(Int32Array.from(values.keys()));
      }),
    );
  });

  it('leaves its input alone and does not depend on what the scratch held', () => {
    const z = Float32Array.of(0.5, -4, 2, 0, 3);
    const scratch = new Float32Array(5).fill(99);
    expect(topK(z, 2, scratch)).toEqual(Int32Array.of(1, 4));
    expect(z).toEqual(Float32Array.of(0.5, -4, 2, 0, 3));
  });

  it('finds the largest of many sorted, reversed and equal entries', () => {
    const rising = Float32Array.from({ length: 5000 }, (_, index) => index);
    for (const z of [rising, rising.toReversed(), rising.map((value) => value % 7), new Float32Array(5000).fill(-1)]) {
      for (const k of [1, 2, 2500, 4999]) expect(topK(z, k)).toEqual(topKBySorting(z, k));
    }
  });

  it('ends on numbers that are not finite, which a diverging round may hold', () => {
    expect(topK(Float32Array.of(1, Infinity, -Infinity, 0), 2)).toEqual(Int32Array.of(1, 2));
    expect(topK(new Float32Array(4).fill(NaN), 2)).toHaveLength(2);
  });

  it.each([0, 4, -1])('refuses k = %i of 3', (k) => {
    expect(() => topK(new Float32Array(3), k)).toThrow(/k must be in 1\.\.3/);
  });
});

describe('sparsify', () => {
  const splits = vectorsWithK.chain(({ z, k }) =>
    fc.record({
      delta: fc.constant(z),
      k: fc.constant(k),
      memory: fc.array(fc.oneof(numbers, tied), { minLength: z.length, maxLength: z.length }).map((values) => Float32Array.from(values)),
    }),
  );

  it('splits memory + delta into two parts that never overlap and add up to it exactly', () => {
    fc.assert(
      fc.property(splits, ({ delta, memory, k }) => {
        const { contribution, residual } = sparsify(delta, memory, k);
        const whole = delta.map((value, index) => value + memory[index]);
        expect(contribution.length).toBe(delta.length);
        expect(contribution.indices).toEqual(topKBySorting(whole, k));
        whole.forEach((value, index) => {
          const at = contribution.indices.indexOf(index);
          expect(at < 0 ? residual[index] : contribution.values[at]).toBe(value);
          if (at >= 0) expect(residual[index]).toBe(0);
        });
      }),
    );
  });

  it('takes an absent memory for zeros and changes neither argument', () => {
    const delta = Float32Array.of(3, -1, 2);
    const memory = Float32Array.of(-3, 0.5, 0.25);
    expect(sparsify(delta, undefined, 1)).toEqual(sparsify(delta, new Float32Array(3), 1));
    sparsify(delta, memory, 2);
    expect(delta).toEqual(Float32Array.of(3, -1, 2));
    expect(memory).toEqual(Float32Array.of(-3, 0.5, 0.25));
  });
});

describe('sparse vectors', () => {
  it('are added where they are not zero, with a weight', () => {
    const target = Float64Array.of(1, 1, 1, 1);
    addScaled(target, { length: 4, indices: Int32Array.of(1, 3), values: Float32Array.of(2, -4) }, 0.5);
    expect(target).toEqual(Float64Array.of(1, 2, 1, -1));
  });

  it('hold every entry of a dense one', () => {
    expect(denseAsSparse(Float32Array.of(5, 0, -1))).toEqual({
      length: 3,
      indices: Int32Array.of(0, 1, 2),
      values: Float32Array.of(5, 0, -1),
    });
  });
});
