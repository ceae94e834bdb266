import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { areaAverager, type ReadRow } from './area-average.js';

const rowsOf =
  (image: Float32Array, width: number): ReadRow =>
  (row, into) =>
    into.set(image.subarray(row * width, (row + 1) * width));

const side = fc.integer({ min: 1, max: 20 });

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('area averaging', () => {
  it('preserves the mean and stays in the range of the input', () => {
    const images = fc.tuple(side, side, side).chain(([width, height, size]) =>
      fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        size: fc.constant(size),
        image: fc.float32Array({ min: 0, max: 1, noNaN: true, minLength: width * height, maxLength: width * height }),
      }),
    );
    fc.assert(
      fc.property(images, ({ width, height, size, image }) => {
        const averaged = areaAverager(width, height, size)(rowsOf(image, width));
        expect(averaged).toHaveLength(size * size);
        expect(mean(averaged)).toBeCloseTo(mean(image), 4);
        expect(Math.min(...averaged)).toBeGreaterThanOrEqual(Math.min(...image) - 1e-5);
        expect(Math.max(...averaged)).toBeLessThanOrEqual(Math.max(...image) + 1e-5);
      }),
    );
  });

  it('weighs fractional pixels by their overlap', () => {
    const averaged = areaAverager(3, 3, 2)(rowsOf(Float32Array.from([9, 0, 0, 0, 9, 0, 0, 0, 0]), 3));
    // Each output pixel covers 1.5 x 1.5 input pixels: its corner fully, half of two edges, a quarter of the centre.
    expect([...averaged]).toEqual([(9 + 9 / 4) / 2.25, 9 / 4 / 2.25, 9 / 4 / 2.25, 9 / 4 / 2.25].map(Math.fround));
  });
});
