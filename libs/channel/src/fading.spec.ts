import { randomStream, type ComplexVector } from '@airmeta/numerics';
import { describe, expect, it } from 'vitest';
import { drawGains, type AgentFading, type FadingModel, type Scattered } from './fading.js';
import { riceMean } from './rice-mean.js';

const AGENTS = 20_000;

function agentsOf(count: number, round = 0): AgentFading[] {
  return Array.from({ length: count }, (_, agent) => ({
    innovation: randomStream(11, 'fading', { round, agent }),
    lineOfSight: randomStream(11, 'line-of-sight', { agent }),
    shadowing: randomStream(11, 'shadowing', { agent }),
  }));
}

const gainsOf = (model: FadingModel, agents = agentsOf(AGENTS)) => drawGains(model, agents).gains;

function magnitudesOf(model: FadingModel): Float64Array {
  const gains = gainsOf(model);
  return gains.re.map((re, agent) => Math.hypot(re, gains.im[agent]));
}

const meanOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

// Throughout: a mean of n independent values deviates by their deviation / sqrt(n), and six of these are passed with probability 2e-9.
const bound = (variance: number, n = AGENTS) => 6 * Math.sqrt(variance / n);

describe('Rayleigh fading', () => {
  // |h| has mean mu and variance (4/pi - 1) mu^2; |h|^2 is exponential with mean and deviation 4/pi mu^2.
  it.each([0.3, 1, 7])('has mean gain mu_h = %f and second moment 4/pi mu_h^2', (meanGain) => {
    const magnitudes = magnitudesOf({ kind: 'rayleigh', meanGain });
    expect(Math.abs(meanOf(magnitudes) - meanGain)).toBeLessThan(bound((4 / Math.PI - 1) * meanGain ** 2));

    const secondMoment = (4 / Math.PI) * meanGain ** 2;
    expect(Math.abs(meanOf(magnitudes.map((value) => value ** 2)) - secondMoment)).toBeLessThan(bound(secondMoment ** 2));
  });

  it('has no preferred direction: real and imaginary part have mean zero and are uncorrelated', () => {
    const { re, im } = gainsOf({ kind: 'rayleigh', meanGain: 1 });
    const partVariance = 2 / Math.PI;
    expect(Math.abs(meanOf(re))).toBeLessThan(bound(partVariance));
    expect(Math.abs(meanOf(im))).toBeLessThan(bound(partVariance));
    // The product of two independent N(0, v) has deviation v.
    expect(Math.abs(meanOf(re.map((value, agent) => value * im[agent])))).toBeLessThan(bound(partVariance ** 2));
  });

  it('scales with mu_h and leaves everything else as it was', () => {
    const one = gainsOf({ kind: 'rayleigh', meanGain: 1 }, agentsOf(50));
    const four = gainsOf({ kind: 'rayleigh', meanGain: 4 }, agentsOf(50));
    expect(four.re).toEqual(one.re.map((value) => 4 * value));
    expect(four.im).toEqual(one.im.map((value) => 4 * value));
  });

  it('gives an agent the same gain whoever else is active', () => {
    const all = gainsOf({ kind: 'rayleigh', meanGain: 1 }, agentsOf(5));
    const alone = gainsOf({ kind: 'rayleigh', meanGain: 1 }, [agentsOf(5)[2]]);
    expect([alone.re[0], alone.im[0]]).toEqual([all.re[2], all.im[2]]);
  });
});

describe('Rician fading', () => {
  // |h| / mu_h has mean 1 and second moment (K + 1) / riceMean(K)^2.
  it.each([0.1, 1, 4, 100])('has mean gain mu_h, whatever K = %f, and its second moment', (kFactor) => {
    const meanGain = 2.5;
    const magnitudes = magnitudesOf({ kind: 'rician', meanGain, kFactor });
    const unit = meanGain / riceMean(kFactor);
    const variance = (kFactor + 1) * unit ** 2 - meanGain ** 2;
    expect(Math.abs(meanOf(magnitudes) - meanGain)).toBeLessThan(bound(variance));
    // |sqrt(K) + g|^2 has mean K + 1 and variance 2 K + 1.
    const squares = magnitudes.map((value) => (value / unit) ** 2);
    expect(Math.abs(meanOf(squares) - (kFactor + 1))).toBeLessThan(bound(2 * kFactor + 1));
  });

  it('has a line of sight of uniform phase, which an agent keeps', () => {
    const model: FadingModel = { kind: 'rician', meanGain: 1, kFactor: 1e6 };
    const [first, later] = [gainsOf(model), gainsOf(model, agentsOf(AGENTS, 7))];
    // Scattered parts are sqrt(1e-6) of the gain: phases agree within 6 deviations of them each.
    first.re.forEach((re, agent) => {
      expect(Math.hypot(later.re[agent] - re, later.im[agent] - first.im[agent])).toBeLessThan(12e-3);
    });
    expect(Math.abs(meanOf(first.re))).toBeLessThan(bound(1 / 2));
    expect(Math.abs(meanOf(first.im))).toBeLessThan(bound(1 / 2));
  });

  it('is Rayleigh fading without a line of sight', () => {
    const [rician, rayleigh] = [gainsOf({ kind: 'rician', meanGain: 3, kFactor: 0 }), gainsOf({ kind: 'rayleigh', meanGain: 3 })];
    rician.re.forEach((re, agent) => expect(re).toBeCloseTo(rayleigh.re[agent], 12));
  });
});

describe('correlated rounds', () => {
  const rho = 0.8;

  /** The gains of many agents that are active in some rounds. */
  function follow(model: FadingModel, rounds: readonly number[]): ComplexVector[] {
    let before: readonly Scattered[] = [];
    return rounds.map((round) => {
      const agents = agentsOf(AGENTS, round).map((agent, at) => (at in before ? { ...agent, before: before[at] } : agent));
      const { gains, scattered } = drawGains(model, agents, round);
      before = scattered;
      return gains;
    });
  }

  // Two jointly normal numbers of variance v and correlation c: their product has mean c v and variance (1 + c^2) v^2.
  it.each([1, 3])('have autocorrelation rho^D over D = %i rounds, drawn one by one or leapt over', (distance) => {
    const variance = 2 / Math.PI;
    const model: FadingModel = { kind: 'rayleigh', meanGain: 1, correlation: rho };
    const expected = rho ** distance;
    const everyRound = follow(
      model,
      Array.from({ length: distance + 1 }, (_, at) => 4 + at),
    );
    for (const path of [everyRound, follow(model, [4, 4 + distance])]) {
      const [start, end] = [path[0], path[path.length - 1]];
      for (const part of ['re', 'im'] as const) {
        const products = start[part].map((value, agent) => value * end[part][agent]);
        expect(Math.abs(meanOf(products) - expected * variance)).toBeLessThan(bound((1 + expected ** 2) * variance ** 2));
      }
      // Real part with imaginary part: none.
      const crossed = start.re.map((value, agent) => value * end.im[agent]);
      expect(Math.abs(meanOf(crossed))).toBeLessThan(bound(variance ** 2));
    }
  });

  it.each([0.05, 0.8, 0.999])('are stationary at rho = %f: mean and second moment of |h| stay, with a line of sight too', (correlation) => {
    for (const model of [
      { kind: 'rayleigh', meanGain: 1, correlation },
      { kind: 'rician', meanGain: 1, kFactor: 2, correlation },
    ] as const) {
      const [, , late] = follow(model, [0, 3, 4]);
      const kFactor = 'kFactor' in model ? model.kFactor : 0;
      const magnitudes = late.re.map((re, agent) => Math.hypot(re, late.im[agent]));
      const unit = 1 / riceMean(kFactor);
      expect(Math.abs(meanOf(magnitudes) - 1)).toBeLessThan(bound((kFactor + 1) * unit ** 2 - 1));
      const squares = magnitudes.map((value) => (value / unit) ** 2);
      expect(Math.abs(meanOf(squares) - (kFactor + 1))).toBeLessThan(bound(2 * kFactor + 1));
    }
  });

  it('are independent ones, bit for bit, without correlation', () => {
    const independent = gainsOf({ kind: 'rayleigh', meanGain: 1 }, agentsOf(50, 9));
    const agents = agentsOf(50, 9).map((agent) => ({ ...agent, before: { re: 5, im: -3, round: 8 } }));
    expect(drawGains({ kind: 'rayleigh', meanGain: 1, correlation: 0 }, agents, 9).gains).toEqual(independent);
  });
});

describe('spread gains', () => {
  const spreadDb = 4;
  const spread = (spreadDb * Math.LN10) / 20;

  it('are log-normal over agents, of the deviation in dB that was asked for, and keep their mean mu_h', () => {
    const magnitudes = magnitudesOf({ kind: 'constant', meanGain: 2, gainSpreadDb: spreadDb });
    expect(Math.abs(meanOf(magnitudes) - 2)).toBeLessThan(bound(4 * (Math.exp(spread ** 2) - 1)));
    const decibels = magnitudes.map((value) => 20 * Math.log10(value));
    const average = meanOf(decibels);
    // The mean of 20 lg g lies below 20 lg E g; a sample variance of n normal numbers deviates by sqrt(2 / n) of itself.
    expect(Math.abs(average - 20 * Math.log10(2) + (spread * spreadDb) / 2)).toBeLessThan(bound(spreadDb ** 2));
    const variance = meanOf(decibels.map((value) => (value - average) ** 2));
    expect(Math.abs(variance / spreadDb ** 2 - 1)).toBeLessThan(bound(2));
  });

  it('belong to the agent, in every round and kind of fading', () => {
    const of = (kind: FadingModel['kind'], round: number, gainSpreadDb: number) =>
      gainsOf({ kind, meanGain: 1, kFactor: 3, gainSpreadDb }, agentsOf(20, round));
    const factors = of('constant', 0, spreadDb).re;
    for (const kind of ['rayleigh', 'rician'] as const) {
      for (const round of [0, 5]) {
        const [even, uneven] = [of(kind, round, 0), of(kind, round, spreadDb)];
        uneven.re.forEach((re, agent) => expect(re).toBeCloseTo(factors[agent] * even.re[agent], 12));
      }
    }
  });
});

describe('constant fading', () => {
  it('is mu_h, real, for every agent', () => {
    expect(gainsOf({ kind: 'constant', meanGain: 2.5 }, agentsOf(3))).toEqual({
      re: Float64Array.of(2.5, 2.5, 2.5),
      im: new Float64Array(3),
    });
  });
});
