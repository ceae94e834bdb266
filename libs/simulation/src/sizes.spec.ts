import { fastLength } from '@airmeta/numerics';
import { pointSchema } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { activeAgents, channelUses, entriesSent, transformLength } from './sizes.js';

const overTheAir = (keys: object) => pointSchema.parse({ task: { family: 'sinusoid' }, uplink: { kind: 'over-the-air', ...keys } }).uplink;

describe('sizes round to the nearest integer, halves up', () => {
  it.each([
    [0.5, 20, 10],
    [0.5, 5, 3],
    [0.25, 10, 3],
    [0.24, 10, 2],
    [0.01, 50, 1],
    [1, 7, 7],
  ])('s = floor(%f * %i + 1/2) = %i', (participation, count, active) => {
    expect(activeAgents({ participation, count })).toBe(active);
  });

  it.each([
    [0.04, 1000, 40],
    [0.05, 50, 3],
    [0.5, 3, 2],
    [1, 97, 97],
    [0.04, 5, 1],
    [1e-6, 100, 1],
  ])('k = max(1, floor(%f * %i + 1/2)) = %i', (sparsity, d, entries) => {
    expect(entriesSent(overTheAir({ sparsity }), d)).toBe(entries);
  });

  it.each([
    ['exact', 0.4, 1761, 704],
    ['exact', 0.5, 5, 3],
    ['exact', 1, 97, 97],
    ['exact', 0.01, 10, 1],
    ['fast', 1, 11, 11],
    ['fast', 1, 1761, 1920],
    ['fast', 0.4, 1761, 768],
    ['fast', 0.4, 54_725, 22_118],
  ] as const)('%s: M = max(1, floor(%f * N + 1/2)) of d = %i is %i', (transform, compression, d, uses) => {
    expect(channelUses(overTheAir({ transform, compression }), d)).toBe(uses);
  });

  it('an ideal uplink sends everything on no channel, and without compression every parameter has a use', () => {
    expect(entriesSent({ kind: 'ideal' }, 123)).toBe(123);
    expect(channelUses({ kind: 'ideal' }, 123)).toBe(123);
    expect(channelUses(overTheAir({ compression: 'none' }), 1761)).toBe(1761);
  });
});

describe('the transform', () => {
  it('has the length d where it is exact, and at most an eighth more where it is fast', () => {
    for (let d = 1; d <= 3000; d++) {
      expect(transformLength(overTheAir({ transform: 'exact' }), d)).toBe(d);
      const length = transformLength(overTheAir({ transform: 'fast' }), d);
      expect(length).toBeGreaterThanOrEqual(d);
      expect(length).toBeLessThanOrEqual(1.125 * d);
      if (d >= 683 || length > d) expect(length).toBe(fastLength(d));
    }
  });

  it('is the same under a digital uplink, so that equal compressions have equal channel uses', () => {
    for (const d of [11, 97, 683, 1761, 54_725]) {
      for (const compression of [0.1, 0.4, 1, 'none']) {
        const digital = pointSchema.parse({ task: { family: 'sinusoid' }, uplink: { kind: 'digital', compression } }).uplink;
        expect(channelUses(digital, d)).toBe(channelUses(overTheAir({ compression }), d));
      }
    }
  });
});
