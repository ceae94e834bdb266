import { fastLength } from '@airmeta/numerics';
import { pointSchema, type PointSpec } from '@airmeta/spec';
import { createTaskEnvironment } from '@airmeta/tasks';
import { describe, expect, it } from 'vitest';
import { drawRound } from './draws.js';
import type { RoundDraws } from './round.js';

const D = 97;
const ROUNDS = [0, 1, 17];

/** A configuration with changes to its uplink and to the rest. */
function configure(uplink: object = {}, rest: object = {}): PointSpec {
  return pointSchema.parse({
    task: { family: 'sinusoid', shots: 3, queries: 4 },
    agents: { count: 12, participation: 0.5 },
    uplink: { kind: 'over-the-air', transform: 'exact', ...uplink },
    ...rest,
  });
}

function drawsOf(config: PointSpec, round: number, { seed = 5, noiseVariance = 0.1 } = {}): RoundDraws {
  const tasks = createTaskEnvironment(config.task, { seed, agents: config.agents.count, newAgents: 1, newTasks: 1 });
  return drawRound({ config, seed, tasks, parameterCount: D, bins: D, noiseVariance }, round);
}

const episodesOf = (draws: RoundDraws) =>
  Array.from(draws.active, (_, position) => [draws.episode(position, 0), draws.episode(position, 1)]);

describe('the draws of a round', () => {
  it('are a pure function of (configuration, seed, round)', () => {
    for (const round of ROUNDS) {
      const first = drawsOf(configure(), round);
      const again = drawsOf(configure(), round);
      expect(again.active).toEqual(first.active);
      expect(again.channel).toEqual(first.channel);
      expect(episodesOf(again)).toEqual(episodesOf(first));
    }
  });

  it('differ between rounds and between seeds', () => {
    const base = drawsOf(configure(), 0);
    for (const other of [drawsOf(configure(), 1), drawsOf(configure(), 0, { seed: 6 })]) {
      expect(other.channel?.gains).not.toEqual(base.channel?.gains);
      expect(other.channel?.rows).not.toEqual(base.channel?.rows);
      expect(other.channel?.noise).not.toEqual(base.channel?.noise);
      expect(episodesOf(other)).not.toEqual(episodesOf(base));
    }
  });

  it('have floor(r n + 1/2) distinct active agents, increasing', () => {
    for (const round of ROUNDS) {
      const { active } = drawsOf(configure({}, { agents: { count: 15, participation: 0.3 } }), round);
      expect(active).toHaveLength(5);
      active.forEach((agent, position) => {
        expect(agent).toBeGreaterThan(position === 0 ? -1 : active[position - 1]);
        expect(agent).toBeLessThan(15);
      });
    }
  });

  it('choose every agent equally often', () => {
    // Each of 12 agents is active in a round with probability 1/2: over n rounds its count deviates by sqrt(n)/2, and 6.5 of these
    // are passed by any of the twelve with probability 1e-9.
    const counts = new Float64Array(12);
    const rounds = 4000;
    for (let round = 0; round < rounds; round++)
      for (const agent of drawsOf(configure({ compression: 'none' }), round).active) counts[agent]++;
    counts.forEach((count) => expect(Math.abs(count - rounds / 2)).toBeLessThan((6.5 * Math.sqrt(rounds)) / 2));
  });

  it('give M distinct bins of the transform, exact or padded', () => {
    const config = configure({ compression: 0.9 });
    const tasks = createTaskEnvironment(config.task, { seed: 1, agents: 12, newAgents: 1, newTasks: 1 });
    for (const bins of [D, fastLength(D)]) {
      const { channel } = drawRound({ config, seed: 1, tasks, parameterCount: D, bins, noiseVariance: 1 }, 3);
      const rows = channel?.rows ?? new Int32Array(0);
      expect(rows).toHaveLength(87);
      expect(new Set(rows).size).toBe(87);
      expect(Math.min(...rows)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...rows)).toBeLessThan(bins);
      expect(channel?.noise.re).toHaveLength(87);
    }
  });

  it('bring a Hessian batch exactly when the gradient needs one', () => {
    const kinds = ['maml', 'first-order', 'exact', 'hessian-free'] as const;
    const brings = kinds.map((gradient) => drawsOf(configure({}, { meta: { gradient } }), 0).episode(0, 0).hessian?.size);
    expect(brings).toEqual([undefined, undefined, 3, 3]);
  });

  it('give an agent its own data, whoever else is active', () => {
    const some = drawsOf(configure(), 4);
    const everybody = drawsOf(configure({}, { agents: { count: 12, participation: 1 } }), 4);
    some.active.forEach((agent, position) => {
      expect(some.episode(position, 0)).toEqual(everybody.episode(agent, 0));
      expect(some.channel?.gains.re[position]).toBe(everybody.channel?.gains.re[agent]);
      expect(some.channel?.gains.im[position]).toBe(everybody.channel?.gains.im[agent]);
    });
  });
});

describe('common random numbers', () => {
  const base = ROUNDS.map((round) => drawsOf(configure(), round));

  it.each([0, 1e-6, 3, 1e9])('leave everything but the noise bit for bit the same at N0 = %f', (noiseVariance) => {
    ROUNDS.forEach((round, index) => {
      const draws = drawsOf(configure({ snr: '-7 dB' }), round, { noiseVariance });
      expect(draws.active).toEqual(base[index].active);
      expect(draws.channel?.gains).toEqual(base[index].channel?.gains);
      expect(draws.channel?.rows).toEqual(base[index].channel?.rows);
      expect(episodesOf(draws)).toEqual(episodesOf(base[index]));
      const factor = Math.sqrt(noiseVariance / 0.1);
      // Both are rounded to single precision, twice each.
      draws.channel?.noise.re.forEach((value, use) => {
        const expected = factor * (base[index].channel?.noise.re[use] ?? NaN);
        expect(Math.abs(value - expected)).toBeLessThanOrEqual(2 ** -21 * Math.abs(expected));
      });
    });
  });

  it.each([
    ['power', { power: '30 mW' }],
    ['sparsity', { sparsity: 0.5 }],
    ['decoder', { decoder: 'adjoint' }],
    ['power control', { powerControl: 'truncated-inversion', truncationThreshold: 0.1 }],
    ['memory', { memory: false }],
  ])('leave every draw the same when only the %s changes', (_, change) => {
    ROUNDS.forEach((round, index) => {
      const draws = drawsOf(configure(change), round);
      expect(draws.active).toEqual(base[index].active);
      expect(draws.channel).toEqual(base[index].channel);
      expect(episodesOf(draws)).toEqual(episodesOf(base[index]));
    });
  });

  it('leave active agents and data the same under compression, another fading and the ideal uplink', () => {
    const changed = [configure({ compression: 0.1 }), configure({ fading: { kind: 'constant' } }), configure({ compression: 'none' })];
    const ideal = pointSchema.parse({ ...configure(), uplink: { kind: 'ideal' } });
    ROUNDS.forEach((round, index) => {
      for (const config of [...changed, ideal]) {
        const draws = drawsOf(config, round);
        expect(draws.active).toEqual(base[index].active);
        expect(episodesOf(draws)).toEqual(episodesOf(base[index]));
      }
      expect(drawsOf(ideal, round).channel).toBeNull();
      expect(drawsOf(changed[0], round).channel?.gains).toEqual(base[index].channel?.gains);
      // Fewer rows are the first of more rows, and less noise the first of more noise.
      const fewer = drawsOf(changed[0], round).channel;
      expect(fewer?.rows).toEqual(base[index].channel?.rows?.subarray(0, 10));
      expect(fewer?.noise.re).toEqual(base[index].channel?.noise.re.subarray(0, 10));
    });
  });
});
