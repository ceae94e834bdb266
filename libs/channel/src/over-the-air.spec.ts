import { complexEnergy, createExactFourier, randomStream, squaredDistance, squaredNorm, type ComplexVector } from '@airmeta/numerics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawGains, type FadingModel } from './fading.js';
import { drawNoise } from './noise.js';
import { sparsify } from './sparsify.js';
import { addScaled, type SparseVector } from './sparse-vector.js';
import { aggregateOverTheAir, exactMean, type AirAggregate } from './over-the-air.js';
import type { ChannelDraws, OverTheAirLink, UplinkReport } from './uplink.js';

const RAYLEIGH: FadingModel = { kind: 'rayleigh', meanGain: 1 };

/** A link that does no harm; tests change what they are about. */
const CLEAN: OverTheAirLink = { powerControl: { kind: 'phase-only' }, powerWatt: 1, noiseVariance: 0, meanGain: 1, decoder: 'adjoint' };

const constantGains = (agents: number, gain = 1): ComplexVector => ({
  re: new Float64Array(agents).fill(gain),
  im: new Float64Array(agents),
});

/** Contributions of `agents` agents: the k largest or some k entries of normal vectors, of unequal energies. */
function contributionsOf(agents: number, d: number, k: number, seed = 1, randomPlaces = false): SparseVector[] {
  return Array.from({ length: agents }, (_, agent) => {
    const stream = randomStream(seed, 'data', { agent });
    const delta = Float32Array.from({ length: d }, () => (1 + agent) * stream.normal());
    const places = randomPlaces ? randomStream(seed, 'sparsifier', { agent }).sample(d, k).sort() : k;
    return sparsify(delta, undefined, places).contribution;
  });
}

interface Round {
  readonly fading: FadingModel;
  readonly uses: number | null;
  readonly noiseVariance: number;
}

function gainsOf(fading: FadingModel, agents: number, round: number, seed: number): ComplexVector {
  const agentFading = Array.from({ length: agents }, (_, agent) => ({ innovation: randomStream(seed, 'fading', { round, agent }) }));
  return drawGains(fading, agentFading).gains;
}

function drawsOf(agents: number, d: number, { fading, uses, noiseVariance }: Round, round: number, seed = 1): ChannelDraws {
  return {
    gains: gainsOf(fading, agents, round, seed),
    rows: uses === null ? null : randomStream(seed, 'compression-rows', { round }).sample(d, uses),
    noise: drawNoise(noiseVariance, uses ?? d, randomStream(seed, 'noise', { round })),
  };
}

const relativeError = (actual: Float64Array, expected: Float64Array) =>
  Math.sqrt(squaredDistance(actual, expected) / squaredNorm(expected));

describe('a perfect channel', () => {
  const [agents, d] = [5, 63];
  const contributions = contributionsOf(agents, d, d);
  const fourier = createExactFourier(d);
  const allRows = randomStream(1, 'compression-rows').permutation(d);
  const silence = drawNoise(0, d, randomStream(1, 'noise'));
  const mean = exactMean(contributions);

  it('has the mean of the contributions to convey', () => {
    const direct = Float64Array.from({ length: d }, (_, index) => {
      return contributions.reduce((sum, { values }) => sum + values[index], 0) / agents;
    });
    expect(relativeError(mean, direct)).toBeLessThan(1e-14);
  });

  it.each(['adjoint', 'iht', 'genie'] as const)('conveys it exactly with every row and the %s decoder', (decoder) => {
    const draws = { gains: constantGains(agents), rows: allRows, noise: silence };
    const { update, report } = aggregateOverTheAir(contributions, { ...CLEAN, decoder }, draws, fourier);
    expect(relativeError(update, mean)).toBeLessThan(1e-13);
    expect(report.decodingNmse).toBeLessThan(1e-26);
    expect(report.aggregationNmse).toBeLessThan(1e-26);
  });

  it('conveys it within its noise floor of 1e-12 with the OAMP decoder', () => {
    const draws = { gains: constantGains(agents), rows: allRows, noise: silence };
    const { update } = aggregateOverTheAir(contributions, { ...CLEAN, decoder: 'oamp' }, draws, fourier);
    expect(relativeError(update, mean)).toBeLessThan(1e-5);
  });

  it('conveys it exactly without compression', () => {
    const draws = { gains: constantGains(agents), rows: null, noise: silence };
    const { update, report } = aggregateOverTheAir(contributions, CLEAN, draws, fourier);
    expect(relativeError(update, mean)).toBeLessThan(1e-14);
    expect(report.channelUses).toBe(d);
  });

  it('may turn phases and scale gains: precoding and 1/mu_h undo both', () => {
    const meanGain = 0.2;
    const gains = constantGains(agents, meanGain);
    for (let agent = 0; agent < agents; agent++) {
      gains.re[agent] = meanGain * Math.cos(agent);
      gains.im[agent] = meanGain * Math.sin(agent);
    }
    const { update } = aggregateOverTheAir(
      contributions,
      { ...CLEAN, meanGain, powerWatt: 30 },
      { gains, rows: allRows, noise: silence },
      fourier,
    );
    expect(relativeError(update, mean)).toBeLessThan(1e-13);
  });

  it('is made of a fading one by truncated inversion, as long as nobody is silent', () => {
    const gains = gainsOf(RAYLEIGH, agents, 0, 2);
    const link: OverTheAirLink = { ...CLEAN, powerControl: { kind: 'truncated-inversion', threshold: 0 } };
    const { update } = aggregateOverTheAir(contributions, link, { gains, rows: allRows, noise: silence }, fourier);
    expect(relativeError(update, mean)).toBeLessThan(1e-13);
  });
});

/** Rounds of every kind the specification allows, small. */
const rounds = fc.record({
  seed: fc.nat(),
  agents: fc.integer({ min: 1, max: 6 }),
  d: fc.integer({ min: 2, max: 40 }),
  sparsity: fc.double({ min: 0.01, max: 1, noNaN: true }),
  compression: fc.option(fc.double({ min: 0.01, max: 1, noNaN: true })),
  snrDb: fc.option(fc.integer({ min: -200, max: 200 })),
  powerWatt: fc.constantFrom(1e-6, 1, 1e3),
  meanGain: fc.constantFrom(1e-3, 1, 50),
  fading: fc.constantFrom('rayleigh' as const, 'rician' as const, 'constant' as const),
  gainSpreadDb: fc.constantFrom(0, 6),
  randomPlaces: fc.boolean(),
  /** Largest phase error [rad]. */
  phaseError: fc.option(fc.constantFrom(0.1, 1, 3)),
  /** What agents may spend, each up to so many times P M. */
  budgets: fc.option(fc.array(fc.double({ min: 1, max: 20, noNaN: true }), { minLength: 6, maxLength: 6 })),
  decoder: fc.constantFrom('adjoint' as const, 'iht' as const, 'oamp' as const, 'genie' as const),
  inverts: fc.boolean(),
});

type RoundSetting = typeof rounds extends fc.Arbitrary<infer Value> ? Value : never;

/** Each agent's largest energy, where it is not P M. */
function budgetsOf({ agents, powerWatt, budgets }: RoundSetting, uses: number): Float64Array | null {
  return budgets && Float64Array.from({ length: agents }, (_, agent) => budgets[agent] * powerWatt * uses);
}

function phaseErrorsOf({ agents, seed, phaseError }: RoundSetting): Float64Array | null {
  const errorOf = (agent: number) => randomStream(seed, 'phase-errors', { agent }).uniformIn(-(phaseError ?? 0), phaseError ?? 0);
  return phaseError === null ? null : Float64Array.from({ length: agents }, (_, agent) => errorOf(agent));
}

function play(
  setting: RoundSetting,
  order = (agents: number) => Array.from({ length: agents }, (_, agent) => agent),
): { result: AirAggregate; order: number[] } {
  const { seed, agents, d, meanGain, powerWatt } = setting;
  const noiseVariance = setting.snrDb === null ? 0 : powerWatt / 10 ** (setting.snrDb / 10);
  const uses = setting.compression === null ? null : Math.max(1, Math.round(setting.compression * d));
  const contributions = contributionsOf(agents, d, Math.max(1, Math.round(setting.sparsity * d)), seed, setting.randomPlaces);
  const fading = { kind: setting.fading, meanGain, kFactor: 4, gainSpreadDb: setting.gainSpreadDb };
  const draws = drawsOf(agents, d, { fading, uses, noiseVariance }, 0, seed);
  const [budgets, phaseErrors] = [budgetsOf(setting, uses ?? d), phaseErrorsOf(setting)];
  const link: OverTheAirLink = {
    powerControl: setting.inverts ? { kind: 'truncated-inversion', threshold: 0.7 * meanGain } : { kind: 'phase-only' },
    powerWatt,
    noiseVariance,
    meanGain,
    phaseDeviation: setting.phaseError ?? 0,
    decoder: setting.decoder,
  };
  const places = order(agents);
  const gains = {
    re: Float64Array.from(places, (agent) => draws.gains.re[agent]),
    im: Float64Array.from(places, (agent) => draws.gains.im[agent]),
  };
  const result = aggregateOverTheAir(
    places.map((agent) => contributions[agent]),
    link,
    {
      ...draws,
      gains,
      ...(phaseErrors ? { phaseErrors: Float64Array.from(places, (agent) => phaseErrors[agent]) } : {}),
      ...(budgets ? { energyBudgets: Float64Array.from(places, (agent) => budgets[agent]) } : {}),
    },
    createExactFourier(d),
  );
  return { result, order: places };
}

describe('an uplink of any kind', () => {
  it('never spends more than P per channel use on average over the block, or its budget; the agent held back most spends just that', () => {
    fc.assert(
      fc.property(rounds, (setting) => {
        const { report } = play(setting).result;
        const budgets =
          budgetsOf(setting, report.channelUses) ?? new Float64Array(setting.agents).fill(setting.powerWatt * report.channelUses);
        expect(report.transmitEnergy).toHaveLength(setting.agents);
        const shares = report.transmitEnergy.map((energy, agent) => energy / budgets[agent]);
        shares.forEach((share, agent) => {
          expect(share).toBeLessThanOrEqual(1 + 1e-12);
          if (!report.transmitting[agent]) expect(share).toBe(0);
        });
        if (report.amplitude !== null) expect(Math.max(...shares)).toBeCloseTo(1, 12);
      }),
    );
  });

  it('gives finite numbers only', () => {
    fc.assert(
      fc.property(rounds, (setting) => {
        const { update, report } = play(setting).result;
        expect(update.every(Number.isFinite)).toBe(true);
        for (const figure of [
          ...[report.decodingNmse, report.aggregationNmse, report.updateGain, report.misalignment],
          ...[report.signalEnergy, report.noiseEnergy, report.amplitude],
        ]) {
          if (figure !== null) expect(figure).toSatisfy(Number.isFinite);
        }
      }),
    );
  });

  it('does not care in which order agents are listed', () => {
    // OAMP and IHT decide by comparing numbers, which may flip on rounding: only the linear decoders are compared.
    const linear = rounds.map((setting) => ({
      ...setting,
      decoder: setting.decoder === 'genie' ? ('genie' as const) : ('adjoint' as const),
    }));
    fc.assert(
      fc.property(linear, fc.nat(), (setting, shuffle) => {
        const straight = play(setting).result;
        const { result: shuffled, order } = play(setting, (agents) => [...randomStream(shuffle, 'active-set').permutation(agents)]);
        const size = Math.sqrt(squaredNorm(straight.update));
        expect(Math.sqrt(squaredDistance(shuffled.update, straight.update))).toBeLessThanOrEqual(1e-11 * size);
        expect(shuffled.report.transmitting).toEqual(order.map((agent) => straight.report.transmitting[agent]));
      }),
    );
  });

  it('decodes without error when the receiver is a genie', () => {
    fc.assert(
      fc.property(rounds, (setting) => {
        const { report } = play({ ...setting, decoder: 'genie' }).result;
        if (report.amplitude !== null) expect(report.decodingNmse).toBe(0);
      }),
    );
  });
});

describe('a round in which nobody transmits', () => {
  const contributions = contributionsOf(3, 20, 5);
  const link: OverTheAirLink = { ...CLEAN, noiseVariance: 1, powerControl: { kind: 'truncated-inversion', threshold: 100 } };

  it.each([8, null])('leaves theta where it was (channel uses %s)', (uses) => {
    const draws = drawsOf(3, 20, { fading: RAYLEIGH, uses, noiseVariance: 1 }, 0);
    const { update, report } = aggregateOverTheAir(contributions, link, draws, createExactFourier(20));
    expect(update).toEqual(new Float64Array(20));
    expect(report).toEqual({
      channelUses: uses ?? 20,
      transmitting: [false, false, false],
      amplitude: null,
      transmitEnergy: new Float64Array(3),
      decodingNmse: null,
      aggregationNmse: 1,
      updateGain: 0,
      misalignment: 0,
      meanEnergy: squaredNorm(exactMean(contributions)),
      signalEnergy: 0,
      noiseEnergy: 0,
    });
  });

  it('has no aggregation error either when there was nothing to send', () => {
    const nothing = [{ length: 20, indices: Int32Array.of(0), values: Float32Array.of(0) }];
    const draws = drawsOf(1, 20, { fading: RAYLEIGH, uses: 8, noiseVariance: 1 }, 0);
    const { update, report } = aggregateOverTheAir(nothing, CLEAN, draws, createExactFourier(20));
    expect(update).toEqual(new Float64Array(20));
    const { amplitude, decodingNmse, aggregationNmse, updateGain, misalignment } = report;
    expect([amplitude, decodingNmse, aggregationNmse, updateGain, misalignment]).toEqual([null, null, null, null, null]);
  });
});

describe('phase-only precoding under Rayleigh fading', () => {
  it('leaves an error of (4/pi - 1) sum ||c_i||^2 however good the receiver', () => {
    const [agents, d, roundCount] = [4, 40, 20_000];
    // Agents on coordinates of their own, so that the error is a sum of independent parts (|h_i| - 1)^2 ||c_i||^2.
    const contributions = Array.from({ length: agents }, (_, agent): SparseVector => {
      const values = new Float32Array(10).fill(1 + agent);
      return { length: d, indices: Int32Array.from({ length: 10 }, (_, at) => 10 * agent + at), values };
    });
    const energies = contributions.map(({ values }) => squaredNorm(values));
    const sum = exactMean(contributions).map((value) => agents * value);
    const fourier = createExactFourier(d);
    const noise = drawNoise(0, d, randomStream(1, 'noise'));
    let error = 0;
    for (let round = 0; round < roundCount; round++) {
      const gains = gainsOf(RAYLEIGH, agents, round, 3);
      const { update } = aggregateOverTheAir(contributions, { ...CLEAN, decoder: 'genie' }, { gains, rows: null, noise }, fourier);
      error += squaredDistance(
        update.map((value) => agents * value),
        sum,
      );
    }
    // With E|h| = 1: E(|h| - 1)^2 = 4/pi - 1, and from the moments of the Rayleigh law E(|h| - 1)^4 = 32/pi^2 - 3.
    const expected = (4 / Math.PI - 1) * energies.reduce((total, energy) => total + energy, 0);
    const variance = (32 / Math.PI ** 2 - 3 - (4 / Math.PI - 1) ** 2) * energies.reduce((total, energy) => total + energy ** 2, 0);
    expect(Math.abs(error / roundCount - expected)).toBeLessThan(6 * Math.sqrt(variance / roundCount));
  });
});

describe('phase errors', () => {
  const [agents, d, uses, noiseVariance] = [4, 60, 24, 0.05];
  const contributions = contributionsOf(agents, d, 12);
  const fourier = createExactFourier(d);
  const phaseErrors = Float64Array.of(0.3, -0.8, 1.9, -0.1);
  const round = drawsOf(agents, d, { fading: RAYLEIGH, uses, noiseVariance }, 0);
  const magnitude = (agent: number) => Math.hypot(round.gains.re[agent], round.gains.im[agent]);

  it('turn what is received: y = a A sum_i |h_i| e^{j e_i} c_i + w, and the adjoint keeps its real part', () => {
    const link: OverTheAirLink = { ...CLEAN, noiseVariance, phaseDeviation: 0.5 };
    const { update, report } = aggregateOverTheAir(contributions, link, { ...round, phaseErrors }, fourier);
    const rows = round.rows ?? new Int32Array(0);
    const amplitude = report.amplitude ?? NaN;
    const estimate = new Float64Array(d);
    let signalEnergy = 0;
    // The matrices as they are defined.
    rows.forEach((row, use) => {
      let [re, im] = [0, 0];
      contributions.forEach(({ indices, values }, agent) =>
        indices.forEach((index, at) => {
          const angle = phaseErrors[agent] - (2 * Math.PI * row * index) / d;
          re += (amplitude * magnitude(agent) * values[at] * Math.cos(angle)) / Math.sqrt(d);
          im += (amplitude * magnitude(agent) * values[at] * Math.sin(angle)) / Math.sqrt(d);
        }),
      );
      signalEnergy += re * re + im * im;
      re += round.noise.re[use];
      im += round.noise.im[use];
      for (let index = 0; index < d; index++) {
        const angle = (2 * Math.PI * row * index) / d;
        estimate[index] += (re * Math.cos(angle) - im * Math.sin(angle)) / Math.sqrt(d);
      }
    });
    expect(report.signalEnergy / signalEnergy).toBeCloseTo(1, 12);
    // The adjoint times d/M, by what the server divides by: a, s, mu_h and E cos e.
    const scale = d / uses / (amplitude * agents * Math.exp(-(0.5 ** 2) / 2));
    expect(
      relativeError(
        update,
        estimate.map((value) => scale * value),
      ),
    ).toBeLessThan(1e-12);
  });

  it('are judged by the real part of the faded sum', () => {
    const { report, update } = aggregateOverTheAir(contributions, { ...CLEAN, decoder: 'genie' }, { ...round, phaseErrors }, fourier);
    const expected = new Float64Array(d);
    contributions.forEach((contribution, agent) => {
      addScaled(expected, contribution, (magnitude(agent) * Math.cos(phaseErrors[agent])) / agents);
    });
    expect(report.decodingNmse).toBe(0);
    expect(relativeError(update, expected)).toBeLessThan(1e-13);
  });

  it('cost only the cosine without compression, and where every bin is observed from both sides', () => {
    const allRows = Int32Array.from({ length: d }, (_, row) => row);
    const quiet = { gains: round.gains, noise: drawNoise(0, d, randomStream(1, 'noise')), phaseErrors };
    const expected = aggregateOverTheAir(contributions, { ...CLEAN, decoder: 'genie' }, { ...quiet, rows: null }, fourier).update;
    for (const rows of [null, allRows]) {
      const { update, report } = aggregateOverTheAir(contributions, CLEAN, { ...quiet, rows }, fourier);
      expect(relativeError(update, expected)).toBeLessThan(1e-13);
      expect(report.decodingNmse).toBeLessThan(1e-26);
    }
  });

  it.each(['phase-only', 'truncated-inversion'] as const)('leave the update unbiased under %s, at any deviation', (kind) => {
    const [deviation, roundCount] = [0.9, 20_000];
    const powerControl = kind === 'phase-only' ? { kind } : { kind, threshold: 0 };
    const link: OverTheAirLink = { ...CLEAN, powerControl, phaseDeviation: deviation, decoder: 'genie' };
    const lone = [{ length: 1, indices: Int32Array.of(0), values: Float32Array.of(1) }];
    const noise = drawNoise(0, 1, randomStream(1, 'noise'));
    const gains = constantGains(1);
    let sum = 0;
    for (let at = 0; at < roundCount; at++) {
      const errors = Float64Array.of(deviation * randomStream(5, 'phase-errors', { round: at }).normal());
      sum += aggregateOverTheAir(lone, link, { gains, rows: null, noise, phaseErrors: errors }, createExactFourier(1)).update[0];
    }
    // cos e / E cos e has variance (E cos^2 e - (E cos e)^2) / (E cos e)^2 with E cos e = exp(-v/2), E cos^2 e = (1 + exp(-2 v)) / 2.
    const mean = Math.exp(-(deviation ** 2) / 2);
    const variance = (1 + Math.exp(-2 * deviation ** 2)) / 2 / mean ** 2 - 1;
    expect(Math.abs(sum / roundCount - 1)).toBeLessThan(6 * Math.sqrt(variance / roundCount));
  });

  it('disturb OAMP less when it knows how large they are', () => {
    const [size, k, count, deviation] = [1000, 20, 5, 0.5];
    const sent = contributionsOf(count, size, k);
    const transform = createExactFourier(size);
    const nmse = (phaseDeviation: number) => {
      let sum = 0;
      for (let at = 0; at < 5; at++) {
        const draws = drawsOf(count, size, { fading: RAYLEIGH, uses: 400, noiseVariance: 0.001 }, at);
        const errors = Float64Array.from(
          { length: count },
          (_, agent) => deviation * randomStream(5, 'phase-errors', { round: at, agent }).normal(),
        );
        const link: OverTheAirLink = { ...CLEAN, noiseVariance: 0.001, decoder: 'oamp', phaseDeviation };
        sum += aggregateOverTheAir(sent, link, { ...draws, phaseErrors: errors }, transform).report.decodingNmse ?? NaN;
      }
      return sum;
    };
    expect(nmse(deviation)).toBeLessThan(nmse(0));
  });
});

describe('receiver noise', () => {
  const [agents, d, uses] = [4, 400, 160];
  const contributions = contributionsOf(agents, d, 40);
  const fourier = createExactFourier(d);
  const roundCount = 20;

  /** ||update - noiseless update||^2 / ||cbar||^2, mean over rounds. */
  function noisePart(snrDb: number, compressed: boolean): number {
    let total = 0;
    for (let round = 0; round < roundCount; round++) {
      const noiseVariance = 10 ** (-snrDb / 10);
      const setting = { fading: RAYLEIGH, uses: compressed ? uses : null };
      const noisy = aggregateOverTheAir(
        contributions,
        { ...CLEAN, noiseVariance },
        drawsOf(agents, d, { ...setting, noiseVariance }, round),
        fourier,
      );
      const quiet = aggregateOverTheAir(contributions, CLEAN, drawsOf(agents, d, { ...setting, noiseVariance: 0 }, round), fourier);
      total += squaredDistance(noisy.update, quiet.update) / squaredNorm(exactMean(contributions)) / roundCount;
    }
    return total;
  }

  /** Least-squares slope of y over x. */
  function slope(points: readonly (readonly [x: number, y: number])[]): number {
    const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
    const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
    const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
    return covariance / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  }

  it.each([true, false])('costs a linear receiver 1 dB of NMSE per dB of SNR (compressed: %s)', (compressed) => {
    const points = [-20, -10, 0, 10, 20, 30].map((snrDb) => [snrDb, 10 * Math.log10(noisePart(snrDb, compressed))] as const);
    // Common random numbers: the levels share their draws, so the slope is exact but for the single precision of the noise, 2^-24 of each
    // number's square: at most 10 lg(1 + 2^-22) = 1e-6 dB at either end of 50 dB.
    expect(Math.abs(slope(points) + 1)).toBeLessThan(1e-7);
  });

  it('makes the adjoint’s decoding NMSE fall by 1 dB per dB of SNR where it prevails', () => {
    const nmse = (noiseVariance: number) => {
      const draws = drawsOf(agents, d, { fading: RAYLEIGH, uses, noiseVariance }, 0);
      return aggregateOverTheAir(contributions, { ...CLEAN, noiseVariance }, draws, fourier).report.decodingNmse ?? NaN;
    };
    // With Z the NMSE without noise and X N0 that of the noise alone, it is X N0 + Z and a cross term of at most 2 sqrt(X N0 Z): X N0 times
    // 1 + c, |c| <= 2 q + q^2 with q = sqrt(Z / (X N0)), and so is 1 / (1 + c) at the other end of the 30 dB, within ln(1 - |c|).
    const [low, high] = [1e6, 1e3];
    const [atLow, atHigh, floor] = [nmse(low), nmse(high), nmse(0)];
    const departure = (total: number) => {
      // sqrt(X N0) is at least sqrt(total) - sqrt(Z).
      const q = Math.sqrt(floor) / (Math.sqrt(total) - Math.sqrt(floor));
      return -Math.log(1 - 2 * q - q * q);
    };
    const slope = (10 * Math.log10(atHigh / atLow)) / 30;
    const bound = ((10 / Math.LN10) * (departure(atLow) + departure(atHigh))) / 30;
    expect(bound).toBeLessThan(0.05);
    expect(Math.abs(slope + 1)).toBeLessThan(bound);
  });

  it('has the energy its variance says', () => {
    const noiseVariance = 0.5;
    let chiSquare = 0;
    for (let round = 0; round < roundCount; round++) {
      const setting = { fading: RAYLEIGH, uses: null };
      const noisy = aggregateOverTheAir(
        contributions,
        { ...CLEAN, noiseVariance },
        drawsOf(agents, d, { ...setting, noiseVariance }, round),
        fourier,
      );
      const quiet = aggregateOverTheAir(contributions, CLEAN, drawsOf(agents, d, { ...setting, noiseVariance: 0 }, round), fourier);
      const receiverScale = 1 / (agents * (noisy.report.amplitude ?? NaN));
      chiSquare += squaredDistance(noisy.update, quiet.update) / (receiverScale ** 2 * (noiseVariance / 2));
    }
    // The real part of each use keeps N0/2: chi-square with n = d * rounds degrees of freedom, which leaves n -2 sqrt(20 n) ..
    // +2 sqrt(20 n) + 40 with probability 4e-9.
    const n = d * roundCount;
    expect(chiSquare).toBeGreaterThan(n - 2 * Math.sqrt(20 * n));
    expect(chiSquare).toBeLessThan(n + 2 * Math.sqrt(20 * n) + 40);
  });

  it('is reported beside the signal it came with', () => {
    const snrOf = ({ signalEnergy, noiseEnergy }: UplinkReport) => signalEnergy / noiseEnergy;
    const draws = drawsOf(agents, d, { fading: RAYLEIGH, uses, noiseVariance: 0.1 }, 0);
    const loud = aggregateOverTheAir(contributions, { ...CLEAN, noiseVariance: 0.1 }, draws, fourier).report;
    const louder = aggregateOverTheAir(contributions, { ...CLEAN, noiseVariance: 0.1, powerWatt: 4 }, draws, fourier).report;
    expect(snrOf(louder) / snrOf(loud)).toBeCloseTo(4, 12);
    expect(loud.noiseEnergy).toBe(complexEnergy(draws.noise));
    const silent = drawsOf(agents, d, { fading: RAYLEIGH, uses, noiseVariance: 0 }, 0);
    expect(aggregateOverTheAir(contributions, CLEAN, silent, fourier).report.noiseEnergy).toBe(0);
  });
});

describe('the report', () => {
  it('measures decoding against the faded sum and aggregation against the exact mean', () => {
    const [agents, d, k] = [3, 30, 6];
    const contributions = contributionsOf(agents, d, k);
    const draws = drawsOf(agents, d, { fading: RAYLEIGH, uses: 12, noiseVariance: 0.2 }, 4);
    const { update, report } = aggregateOverTheAir(contributions, { ...CLEAN, noiseVariance: 0.2 }, draws, createExactFourier(d));
    const amplitude = report.amplitude ?? NaN;
    const target = new Float64Array(d);
    contributions.forEach((contribution, agent) => {
      addScaled(target, contribution, amplitude * Math.hypot(draws.gains.re[agent], draws.gains.im[agent]));
    });
    const estimate = update.map((value) => value * agents * amplitude);
    expect(report.decodingNmse).toBeCloseTo(squaredDistance(estimate, target) / squaredNorm(target), 10);
    const mean = exactMean(contributions);
    expect(report.aggregationNmse).toBeCloseTo(squaredDistance(update, mean) / squaredNorm(mean), 10);
    expect(report.meanEnergy).toBe(squaredNorm(mean));
    const gain = update.reduce((sum, value, at) => sum + value * mean[at], 0) / squaredNorm(mean);
    expect(report.updateGain).toBeCloseTo(gain, 10);
    expect(report.misalignment).toBeCloseTo(squaredNorm(update.map((value, at) => value - gain * mean[at])) / squaredNorm(mean), 10);
  });
});
