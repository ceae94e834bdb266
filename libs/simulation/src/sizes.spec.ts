import { pointSchema } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { activeAgents, compressedUses, entriesSent } from './sizes.js';

const uplink = (sparsity: number) => pointSchema.parse({ task: { family: 'sinusoid' }, uplink: { kind: 'over-the-air', sparsity } }).uplink;

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
    expect(entriesSent(uplink(sparsity), d)).toBe(entries);
  });

  it.each([
    [0.4, 1761, 704],
    [0.5, 5, 3],
    [1, 97, 97],
    [0.01, 10, 1],
  ])('M = max(1, floor(%f * %i + 1/2)) = %i', (compression, d, uses) => {
    expect(compressedUses(compression, d)).toBe(uses);
  });

  it('an ideal uplink sends everything, and without compression there are no rows to choose', () => {
    expect(entriesSent({ kind: 'ideal' }, 123)).toBe(123);
    expect(compressedUses('none', 123)).toBeNull();
  });
});
