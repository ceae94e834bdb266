import type { ChannelDraws, Scattered } from '@airmeta/channel';
import type { ComplexVector } from '@airmeta/numerics';
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

interface Circumstances {
  readonly seed?: number;
  readonly noiseVariance?: number;
  readonly scattered?: ReadonlyMap<number, Scattered>;
}

function drawsOf(config: PointSpec, round: number, { seed = 5, noiseVariance = 0.1, scattered }: Circumstances = {}): RoundDraws {
  const tasks = createTaskEnvironment(config.task, { seed, agents: config.agents.count, newAgents: 1, newTasks: 1 });
  return drawRound({ config, seed, tasks, parameterCount: D, noiseVariance }, round, scattered);
}

/** The channel of a round over the air. */
function gainsOf({ channel }: RoundDraws): ComplexVector | undefined {
  return channel && 'gains' in channel ? channel.gains : undefined;
}

function airOf({ channel }: RoundDraws): ChannelDraws | undefined {
  return channel && 'rows' in channel ? channel : undefined;
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
      expect(gainsOf(other)).not.toEqual(gainsOf(base));
      expect(airOf(other)?.rows).not.toEqual(airOf(base)?.rows);
      expect(airOf(other)?.noise).not.toEqual(airOf(base)?.noise);
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
    // 97 would be padded to 128, which is too much; 121 is.
    for (const [transform, parameterCount, bins] of [
      ['exact', 97, 97],
      ['fast', 97, 97],
      ['exact', 121, 121],
      ['fast', 121, 128],
    ] as const) {
      const config = configure({ compression: 0.9, transform });
      const tasks = createTaskEnvironment(config.task, { seed: 1, agents: 12, newAgents: 1, newTasks: 1 });
      const channel = airOf(drawRound({ config, seed: 1, tasks, parameterCount, noiseVariance: 1 }, 3));
      const rows = channel?.rows ?? new Int32Array(0);
      const uses = Math.round(0.9 * bins);
      expect(rows).toHaveLength(uses);
      expect(new Set(rows).size).toBe(uses);
      expect(Math.min(...rows)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...rows)).toBeLessThan(bins);
      expect(channel?.noise.re).toHaveLength(uses);
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
      expect(gainsOf(some)?.re[position]).toBe(gainsOf(everybody)?.re[agent]);
      expect(gainsOf(some)?.im[position]).toBe(gainsOf(everybody)?.im[agent]);
    });
  });
});

describe('common random numbers', () => {
  const base = ROUNDS.map((round) => drawsOf(configure(), round));

  it.each([0, 1e-6, 3, 1e9])('leave everything but the noise bit for bit the same at N0 = %f', (noiseVariance) => {
    ROUNDS.forEach((round, index) => {
      const draws = drawsOf(configure({ snr: '-7 dB' }), round, { noiseVariance });
      expect(draws.active).toEqual(base[index].active);
      expect(gainsOf(draws)).toEqual(gainsOf(base[index]));
      expect(airOf(draws)?.rows).toEqual(airOf(base[index])?.rows);
      expect(episodesOf(draws)).toEqual(episodesOf(base[index]));
      const factor = Math.sqrt(noiseVariance / 0.1);
      // Both are rounded to single precision, twice each.
      airOf(draws)?.noise.re.forEach((value, use) => {
        const expected = factor * (airOf(base[index])?.noise.re[use] ?? NaN);
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
    ['sparsifier', { sparsifier: 'random-k' }],
    ['power constraint', { powerConstraint: 'average' }],
  ])('leave every draw the same when only the %s changes', (_, change) => {
    ROUNDS.forEach((round, index) => {
      const draws = drawsOf(configure(change), round);
      expect(draws.active).toEqual(base[index].active);
      expect(draws.channel).toEqual(base[index].channel);
      expect(episodesOf(draws)).toEqual(episodesOf(base[index]));
    });
  });

  const IMPAIRED = {
    fading: { kind: 'rician', kFactor: '3 dB', correlation: 0.7, gainSpread: '4 dB' },
    phaseError: '15 deg',
    sparsifier: 'random-k',
  };
  const placesOf = (draws: RoundDraws) => Array.from(draws.active, (_, position) => draws.places?.(position));

  it('leave everything but the noise the same in every variant of the channel', () => {
    const scattered = new Map(Array.from({ length: 12 }, (_, agent) => [agent, { re: 0.1 * agent, im: 1, round: 0 }]));
    const [quiet, loud] = [0, 10].map((noiseVariance) => drawsOf(configure(IMPAIRED), 5, { noiseVariance, scattered }));
    const { noise: silence, ...quietChannel } = airOf(quiet) ?? {};
    const { noise, ...loudChannel } = airOf(loud) ?? {};
    expect(silence?.re.every((value) => value === 0)).toBe(true);
    expect(noise?.re.some((value) => value !== 0)).toBe(true);
    expect(loudChannel).toEqual(quietChannel);
    expect(loud.scattered).toEqual(quiet.scattered);
    expect(placesOf(loud)).toEqual(placesOf(quiet));
    expect(episodesOf(loud)).toEqual(episodesOf(quiet));
  });

  it('take phase errors and shadowing from streams of their own', () => {
    const plain = airOf(drawsOf(configure(), 3));
    const turned = airOf(drawsOf(configure({ phaseError: '15 deg' }), 3));
    expect({ ...turned, phaseErrors: undefined }).toEqual({ ...plain, phaseErrors: undefined });
    expect(plain).not.toHaveProperty('phaseErrors');
    const wider = airOf(drawsOf(configure({ phaseError: '30 deg' }), 3));
    wider?.phaseErrors?.forEach((error, position) => expect(error / (turned?.phaseErrors?.[position] ?? NaN)).toBeCloseTo(2, 12));
    const spread = airOf(drawsOf(configure({ fading: { kind: 'rayleigh', gainSpread: '4 dB' } }), 3));
    // The phases of the gains stay.
    spread?.gains.re.forEach((re, position) => {
      const { re: plainRe = NaN, im: plainIm = NaN } = { re: plain?.gains.re[position], im: plain?.gains.im[position] };
      expect(spread.gains.im[position] / re).toBeCloseTo(plainIm / plainRe, 10);
    });
  });

  it('have gains that depend on earlier ones only where these are correlated, and are today’s at correlation 0', () => {
    const correlated = (correlation: number) => configure({ fading: { kind: 'rayleigh', correlation } });
    const earlier = drawsOf(correlated(0.9), 3);
    expect(airOf(earlier)?.gains).toEqual(airOf(drawsOf(configure(), 3))?.gains);
    const scattered = new Map<number, Scattered>();
    earlier.scattered?.forEach((part, position) => scattered.set(earlier.active[position], part));
    expect(scattered.size).toBe(6);
    const [independent, dependent] = [drawsOf(correlated(0), 4, { scattered }), drawsOf(correlated(0.9), 4, { scattered })];
    expect(gainsOf(independent)).toEqual(gainsOf(drawsOf(configure(), 4)));
    expect(independent).not.toHaveProperty('scattered');
    dependent.active.forEach((agent, position) => {
      const same = gainsOf(dependent)?.re[position] === gainsOf(independent)?.re[position];
      expect(same).toBe(!scattered.has(agent));
    });
  });

  it('choose places for random-k by agent and round, k of them, increasing', () => {
    const [first, later] = [4, 5].map((round) => drawsOf(configure({ sparsifier: 'random-k', sparsity: 0.2 }), round));
    const places = placesOf(first);
    for (const chosen of places) {
      expect(chosen).toHaveLength(19);
      chosen?.forEach((place, at) => expect(place).toBeGreaterThan(at === 0 ? -1 : chosen[at - 1]));
    }
    expect(new Set(places.map(String)).size).toBe(6);
    expect(placesOf(later).map(String)).not.toContain(String(places[0]));
    expect(first.places?.(2)).toEqual(places[2]);
  });

  it('are those of a digital uplink with the same gains, and rounding by agent', () => {
    const digital = drawsOf(pointSchema.parse({ ...configure(), uplink: { kind: 'digital' } }), 3);
    expect(gainsOf(digital)).toEqual(gainsOf(drawsOf(configure(), 3)));
    const numbers = digital.channel && 'rounding' in digital.channel ? digital.channel.rounding.map((stream) => stream.uniform()) : [];
    expect(new Set(numbers).size).toBe(6);
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
      expect(gainsOf(drawsOf(changed[0], round))).toEqual(gainsOf(base[index]));
      // Fewer rows are the first of more rows, and less noise the first of more noise.
      const fewer = airOf(drawsOf(changed[0], round));
      expect(fewer?.rows).toEqual(airOf(base[index])?.rows?.subarray(0, 10));
      expect(fewer?.noise.re).toEqual(airOf(base[index])?.noise.re.subarray(0, 10));
    });
  });
});
