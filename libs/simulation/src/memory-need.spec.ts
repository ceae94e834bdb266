import { pointSchema, type PointSpec } from '@airmeta/spec';
import { describe, expect, it } from 'vitest';
import { memoryNeed } from './memory-need.js';

function configOf(hidden: number, agents: object, uplink: object, more: object = {}): PointSpec {
  return pointSchema.parse({
    task: { family: 'sinusoid', shots: 1, queries: 1 },
    model: { kind: 'mlp', hidden: [hidden, hidden], activation: 'tanh' },
    agents: { participation: 1, ...agents },
    uplink,
    rounds: 2,
    ...more,
  });
}

const MIB = 2 ** 20;
const AIR = { kind: 'over-the-air', decoder: 'adjoint' };

describe('what a run takes of memory', () => {
  // Peaks of processes over what they took before the run.
  it.each([
    [512, 64, { kind: 'ideal' }, 117],
    [512, 64, { ...AIR, memory: false }, 220],
    [512, 64, AIR, 280],
    [512, 64, { ...AIR, transform: 'exact' }, 343],
    [512, 64, { kind: 'digital' }, 291],
    [512, 64, { kind: 'gain-matched', of: AIR }, 295],
    [1024, 4, { kind: 'ideal' }, 155],
    [1024, 4, AIR, 298],
    [1024, 4, { ...AIR, transform: 'exact' }, 583],
  ])('is known within a half: %i units, %i agents, %j took %i MiB', (hidden, count, uplink, measured) => {
    const { bytes } = memoryNeed(configOf(hidden, { count }, uplink));
    expect(bytes / MIB).toBeGreaterThan(0.8 * measured);
    expect(bytes / MIB).toBeLessThan(1.5 * measured);
  });

  it('is much more with TensorFlow, which keeps every agent at once', () => {
    const { bytes } = memoryNeed(configOf(512, { count: 64 }, { kind: 'ideal' }, { engine: 'tfjs' }));
    expect(bytes / MIB).toBeGreaterThan(0.9 * 4_353);
    expect(bytes / MIB).toBeLessThan(1.1 * 4_353);
  });

  it.each([
    ['model', 3_000, { count: 2 }, AIR],
    ['agents', 512, { count: 1_000 }, AIR],
    ['agents/count', 512, { count: 100_000, participation: 0.01 }, { ...AIR }],
    ['uplink/transform', 1_024, { count: 2 }, { ...AIR, transform: 'exact' }],
  ])('is blamed on %s', (key, hidden, agents, uplink) => {
    const { parts } = memoryNeed(configOf(hidden, agents, uplink, { rounds: 1_000 }));
    expect(parts[0].key.join('/')).toBe(key);
  });

  it('counts checkpoints as far as they are made', () => {
    const config = configOf(512, { count: 64 }, AIR);
    const without = memoryNeed(config).bytes;
    expect(memoryNeed(config, 512 * MIB).bytes - without).toBe(3 * 4 * 264_193 * 67);
    expect(memoryNeed(config, MIB).bytes).toBe(without);
  });
});
