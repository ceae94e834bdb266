import { drawGains } from '@airmeta/channel';
import { randomStream } from '@airmeta/numerics';
import { inDecibels, type FadingSpec } from '@airmeta/spec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedSquaredSum, gainMoments } from './gain-moments.js';
import { gapBound, receivedInformation, type ReceivedInformation } from './generalization-template.js';

const anyReceived: fc.Arbitrary<ReceivedInformation> = fc.record({
  channelUses: fc.integer({ min: 1, max: 1e5 }),
  powerWatt: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
  noiseVariance: fc.double({ min: 1e-6, max: 1e3, noNaN: true }),
  squaredGainSum: fc.double({ min: 1e-3, max: 1e4, noNaN: true }),
});
const rounds = fc.integer({ min: 1, max: 1e5 });

describe('the gains of the active agents', () => {
  const common = { meanGain: 1.7, gainSpread: '0 dB' };
  const models: FadingSpec[] = [
    { kind: 'rayleigh', correlation: 0, ...common },
    { kind: 'rician', kFactor: '3 dB', correlation: 0, ...common },
    { kind: 'rayleigh', correlation: 0, ...common, gainSpread: '4 dB' },
    { kind: 'constant', ...common },
  ];

  it.each(models)('have the expected squared sum: $kind, spread $gainSpread', (fading) => {
    // The mean of 20,000 squared sums lies within 5 of its standard errors of its expectation but for a probability of 6e-7.
    const [agents, draws] = [5, 20_000];
    const model = {
      ...{ kind: fading.kind, meanGain: fading.meanGain, gainSpreadDb: inDecibels(fading.gainSpread) },
      ...(fading.kind === 'rician' ? { kFactor: 10 ** (inDecibels(fading.kFactor) / 10) } : {}),
    };
    const sums = Float64Array.from({ length: draws }, (_, round) => {
      const at = (agent: number) => ({ round, agent });
      const { gains } = drawGains(
        model,
        Array.from({ length: agents }, (__, agent) => ({
          innovation: randomStream(4, 'fading', at(agent)),
          lineOfSight: randomStream(4, 'line-of-sight', at(agent)),
          shadowing: randomStream(4, 'shadowing', at(agent)),
        })),
      );
      return gains.re.reduce((sum, re, agent) => sum + Math.hypot(re, gains.im[agent]), 0) ** 2;
    });
    const mean = sums.reduce((sum, value) => sum + value, 0) / draws;
    const variance = sums.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (draws - 1);
    const expected = expectedSquaredSum(gainMoments(fading), agents);
    expect(Math.abs(mean - expected)).toBeLessThanOrEqual(5 * Math.sqrt(variance / draws) + 1e-9 * expected);
  });

  it('have moments by hand', () => {
    expect(gainMoments({ kind: 'constant', meanGain: 3, gainSpread: '0 dB' })).toEqual({ mean: 3, meanSquare: 9 });
    expect(expectedSquaredSum({ mean: 3, meanSquare: 9 }, 4)).toBe(12 ** 2);
    const rayleigh: FadingSpec = { kind: 'rayleigh', meanGain: Math.sqrt(Math.PI) / 2, correlation: 0, gainSpread: '0 dB' };
    expect(gainMoments(rayleigh).meanSquare).toBeCloseTo(1, 12);
  });
});

describe('the generalization template', () => {
  it('has information and gap by hand', () => {
    const information = receivedInformation({ channelUses: 10, powerWatt: 2, noiseVariance: 4, squaredGainSum: 6 }, 5);
    expect(information).toBeCloseTo(5 * 10 * Math.log(4), 10);
    expect(gapBound(3, 50, 25)).toBeCloseTo(3 * 2, 12);
  });

  it('says nothing of a run without noise, and allows no gap before the first round', () => {
    const received = { channelUses: 10, powerWatt: 1, noiseVariance: 0, squaredGainSum: 1 };
    expect(receivedInformation(received, 1)).toBe(Infinity);
    expect(gapBound(1, Infinity, 10)).toBe(Infinity);
    expect(gapBound(0, Infinity, 10)).toBe(0);
    expect(receivedInformation(received, 0)).toBe(0);
  });

  it('is tightened by more noise, less power, fewer channel uses, fewer rounds and more agents', () => {
    fc.assert(
      fc.property(anyReceived, rounds, (received, count) => {
        const bound = (changes: Partial<ReceivedInformation>, t = count, agents = 10) =>
          gapBound(1, receivedInformation({ ...received, ...changes }, t), agents);
        const here = bound({});
        expect(bound({ noiseVariance: 2 * received.noiseVariance })).toBeLessThan(here);
        expect(bound({ powerWatt: received.powerWatt / 2 })).toBeLessThan(here);
        if (received.channelUses > 1) expect(bound({ channelUses: received.channelUses - 1 })).toBeLessThan(here);
        if (count > 1) expect(bound({}, count - 1)).toBeLessThan(here);
        expect(bound({}, count, 11)).toBeLessThan(here);
      }),
    );
  });
});
