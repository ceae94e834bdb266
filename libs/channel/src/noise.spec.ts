import { randomStream } from '@airmeta/numerics';
import { describe, expect, it } from 'vitest';
import { drawNoise } from './noise.js';

const USES = 20_000;
const stream = () => randomStream(5, 'noise', { round: 3 });

/**
 * With n values N(0, v) the sum of squares over v is chi-square with n degrees of freedom. It leaves
 * [n - 2 sqrt(20 n), n + 2 sqrt(20 n) + 40] with probability below 2 e^-20 = 4e-9 [laurent2000].
 */
function expectVariance(values: Float32Array, variance: number): void {
  const n = values.length;
  const ratio = values.reduce((sum, value) => sum + value * value, 0) / variance;
  expect(ratio).toBeGreaterThan(n - 2 * Math.sqrt(20 * n));
  expect(ratio).toBeLessThan(n + 2 * Math.sqrt(20 * n) + 40);
}

describe('receiver noise', () => {
  it.each([1e-6, 0.01, 1, 30, 1e5])('has variance N0/2 per real dimension at N0 = %f', (noiseVariance) => {
    const { re, im } = drawNoise(noiseVariance, USES, stream());
    expectVariance(re, noiseVariance / 2);
    expectVariance(im, noiseVariance / 2);
    // Uncorrelated parts: their sum has variance N0 as well.
    expectVariance(
      re.map((value, use) => value + im[use]),
      noiseVariance,
    );
  });

  it('is the same draw at every level, only larger', () => {
    const one = drawNoise(1, 100, stream());
    const four = drawNoise(4, 100, stream());
    four.re.forEach((value, use) => expect(value).toBe(2 * one.re[use]));
    four.im.forEach((value, use) => expect(value).toBe(2 * one.im[use]));
  });

  it('consumes its stream alike whether there is noise or not', () => {
    const positions = [0, 1e-3, 1, 1e6].map((noiseVariance) => {
      const used = stream();
      drawNoise(noiseVariance, 33, used);
      return [used.uint32(), used.normal()];
    });
    for (const position of positions) expect(position).toEqual(positions[0]);
  });

  it('is exactly zero without noise', () => {
    const { re, im } = drawNoise(0, 10, stream());
    for (const value of [...re, ...im]) expect(Math.abs(value)).toBe(0);
  });
});
