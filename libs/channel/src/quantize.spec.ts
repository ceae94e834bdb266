import { randomStream } from '@airmeta/numerics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantize } from './quantize.js';

const rounding = (agent = 0) => randomStream(3, 'quantization', { agent });

describe('quantisation', () => {
  it('gives levels of the largest magnitude, the nearest two to each value', () => {
    fc.assert(
      fc.property(
        fc.float32Array({ minLength: 1, maxLength: 40, noNaN: true, min: -8, max: 8 }),
        fc.integer({ min: 2, max: 16 }),
        (values, bits) => {
          const scale = Math.max(...values.map(Math.abs));
          const step = scale / (2 ** (bits - 1) - 1);
          quantize(values, bits, rounding()).forEach((value, at) => {
            // Single precision rounds what is left of a level, the smallest numbers to multiples of 2^-149.
            expect(Math.abs(value - values[at])).toBeLessThanOrEqual(step * (1 + 2 ** -22) + scale * 2 ** -23 + 2 ** -149);
            if (step > 1e-30) expect(Math.abs(value / step - Math.round(value / step))).toBeLessThan((scale / step) * 2 ** -22);
          });
        },
      ),
    );
  });

  it('keeps zeros, and the largest magnitude exactly', () => {
    expect(quantize(Float32Array.of(0, 0), 2, rounding())).toEqual(new Float32Array(2));
    expect(quantize(Float32Array.of(0, -3.7, 3.7), 4, rounding())).toEqual(Float32Array.of(0, -3.7, 3.7));
  });

  it('is unbiased', () => {
    const n = 20_000;
    let sum = 0;
    // 0.3 lies between the levels 0 and 1 of 2 bits: Bernoulli with variance 0.3 * 0.7. Six deviations are passed with probability 2e-9.
    for (let agent = 0; agent < n; agent++) sum += quantize(Float64Array.of(1, -0.3), 2, rounding(agent))[1];
    expect(Math.abs(sum / n + 0.3)).toBeLessThan(6 * Math.sqrt((0.3 * 0.7) / n));
  });
});
