import { describe, expect, it } from 'vitest';
import { complexEnergy, complexZeros } from './complex-vector.js';
import { allFinite, mean, squaredDistance, squaredNorm } from './vector.js';

describe('vectors', () => {
  it('have a squared norm and a squared distance', () => {
    expect(squaredNorm(Float32Array.of(3, -4))).toBe(25);
    expect(squaredDistance(Float64Array.of(1, 2, 3), Float32Array.of(1, 0, 6))).toBe(13);
    expect(squaredNorm(new Float64Array(0))).toBe(0);
  });

  it('sum single-precision squares in double precision', () => {
    // In float32, 2^24 + 1 is 2^24: the ones would be lost.
    expect(squaredNorm(Float32Array.of(4096, 1, 1, 1))).toBe(2 ** 24 + 3);
  });

  it('have no distance across lengths', () => {
    expect(() => squaredDistance(new Float64Array(2), new Float64Array(3))).toThrow(/lengths 2 and 3 differ/);
  });

  it.each([NaN, Infinity, -Infinity])('are not finite with one entry of %f', (entry) => {
    expect(allFinite(Float32Array.of(1, entry, 2))).toBe(false);
    expect(allFinite(Float32Array.of(1, 3e38, 2))).toBe(true);
  });

  it('have a mean, NaN for no values', () => {
    expect(mean([1, 2, 6])).toBe(3);
    expect(mean([])).toBeNaN();
  });

  it('may be complex, with |z|^2 summed', () => {
    expect(complexZeros(2)).toEqual({ re: new Float64Array(2), im: new Float64Array(2) });
    expect(complexEnergy({ re: Float64Array.of(1, 2), im: Float64Array.of(-3, 0) })).toBe(14);
  });
});
