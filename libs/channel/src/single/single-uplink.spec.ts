import { createExactFourier, fastLength, randomStream, squaredDistance, squaredNorm, type StreamName } from '@airmeta/numerics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDoubleUplink } from '../double-uplink.js';
import { drawGains, type FadingModel } from '../fading.js';
import { drawNoise } from '../noise.js';
import type { Aggregate, ChannelDraws, OverTheAirLink, Uplink, UplinkReport } from '../uplink.js';
import { createSingleUplink } from './single-uplink.js';

const settings = fc.record({
  seed: fc.nat(),
  agents: fc.integer({ min: 1, max: 6 }),
  d: fc.oneof(fc.integer({ min: 2, max: 200 }), fc.integer({ min: 9000, max: 10_000 })),
  sparsity: fc.double({ min: 0.01, max: 1, noNaN: true }),
  compression: fc.option(fc.double({ min: 0.05, max: 1, noNaN: true })),
  snrDb: fc.option(fc.integer({ min: -20, max: 60 })),
  powerWatt: fc.constantFrom(1e-6, 1, 1e3),
  meanGain: fc.constantFrom(1e-3, 1, 50),
  fading: fc.constantFrom('rayleigh' as const, 'constant' as const),
  inverts: fc.boolean(),
  memory: fc.boolean(),
  randomPlaces: fc.boolean(),
  phaseErrors: fc.boolean(),
  /** What agents may spend is P M, or up to five times it. */
  budgets: fc.boolean(),
});
type Setting = typeof settings extends fc.Arbitrary<infer Value> ? Value : never;

interface Played {
  readonly update: Float64Array;
  readonly report: UplinkReport;
  /** z - c and z of every agent. */
  readonly residuals: Float32Array[];
  readonly sums: Float32Array[];
}

const entriesOf = ({ sparsity, d }: Setting) => Math.max(1, Math.round(sparsity * d));
const usesOf = ({ compression, d }: Setting) => (compression === null ? null : Math.max(1, Math.round(compression * d)));

function linkOf(setting: Setting, decoder: OverTheAirLink['decoder']): OverTheAirLink {
  const { powerWatt, meanGain, snrDb, inverts } = setting;
  return {
    powerControl: inverts ? { kind: 'truncated-inversion', threshold: 0.7 * meanGain } : { kind: 'phase-only' },
    powerWatt,
    noiseVariance: snrDb === null ? 0 : powerWatt / 10 ** (snrDb / 10),
    meanGain,
    phaseDeviation: setting.phaseErrors ? 0.5 : 0,
    decoder,
  };
}

function drawsOf(setting: Setting, noiseVariance: number, round: number): ChannelDraws {
  const { seed, agents, d, meanGain } = setting;
  const fading: FadingModel = { kind: setting.fading, meanGain };
  const uses = usesOf(setting);
  const of = (stream: StreamName, low: number, high: number) =>
    Float64Array.from({ length: agents }, (_, agent) => randomStream(seed, stream, { round, agent }).uniformIn(low, high));
  return {
    // Bounded, so that no real part is much smaller than what is in quadrature.
    ...(setting.phaseErrors ? { phaseErrors: of('phase-errors', -1, 1) } : {}),
    ...(setting.budgets ? { energyBudgets: of('active-set', 1, 5).map((times) => times * setting.powerWatt * (uses ?? d)) } : {}),
    gains: drawGains(
      fading,
      Array.from({ length: agents }, (_, agent) => ({ innovation: randomStream(seed, 'fading', { round, agent }) })),
    ).gains,
    rows: uses === null ? null : randomStream(seed, 'compression-rows', { round }).sample(fastLength(d), uses),
    noise: drawNoise(noiseVariance, uses ?? d, randomStream(seed, 'noise', { round })),
  };
}

/** Normal directions of unequal size, and memories. */
function vectorsOf({ seed, agents, d }: Setting, stream: 'data' | 'tasks'): Float32Array[] {
  return Array.from({ length: agents }, (_, agent) => randomStream(seed, stream, { agent }).normals(d, 1 + agent));
}

function sendAll(uplink: Uplink, setting: Setting): void {
  const memories = vectorsOf(setting, 'tasks');
  vectorsOf(setting, 'data').forEach((direction, position) => {
    const places = setting.randomPlaces
      ? randomStream(setting.seed, 'sparsifier', { agent: position }).sample(setting.d, entriesOf(setting)).sort()
      : undefined;
    expect(uplink.sparsify(position, direction, 0.5, setting.memory ? memories[position] : undefined, places)).toBe(true);
  });
}

function played(uplink: Uplink, setting: Setting, { update, report }: Aggregate): Played {
  if (!report) throw new Error('an uplink over the air reports');
  const each = (fill: (position: number, memory: Float32Array) => void) =>
    Array.from({ length: setting.agents }, (_, position) => {
      const memory = new Float32Array(setting.d).fill(NaN);
      fill(position, memory);
      return memory;
    });
  const kept = Float64Array.from(update);
  return {
    update: kept,
    report,
    residuals: each((position, memory) => uplink.keepResidual(position, memory)),
    sums: each((position, memory) => uplink.keepAll(position, memory)),
  };
}

function play(uplink: Uplink, setting: Setting, round = 0): Played {
  const draws = drawsOf(setting, linkOf(setting, 'genie').noiseVariance, round);
  sendAll(uplink, setting);
  return played(uplink, setting, uplink.aggregate(setting.agents, draws));
}

function openSingle(setting: Setting, decoder: OverTheAirLink['decoder']): Promise<Uplink> {
  const { d, agents } = setting;
  return createSingleUplink(linkOf(setting, decoder), { d, agents, entries: entriesOf(setting), uses: usesOf(setting) ?? d });
}

function openDouble(setting: Setting, decoder: OverTheAirLink['decoder']): Uplink {
  return createDoubleUplink(linkOf(setting, decoder), createExactFourier(fastLength(setting.d)), entriesOf(setting));
}

/**
 * Everything linear is a few sums and two transforms: errors of some 2^-24 per operation, which add up like a random walk over the
 * log2 N stages of a transform and the blocks of a sum.
 */
const SINGLE = 2e-6;

const relativeError = (actual: Float64Array, expected: Float64Array) =>
  Math.sqrt(squaredDistance(actual, expected) / Math.max(squaredNorm(expected), 1e-300));

const decibel = (ratio: number | null) => 10 * Math.log10(ratio ?? NaN);

describe('the uplink in single precision', () => {
  it.each(['genie', 'adjoint'] as const)('is the one in double precision, but for rounding (%s decoder)', async (decoder) => {
    await fc.assert(
      fc.asyncProperty(settings, async (setting) => {
        const single = play(await openSingle(setting, decoder), setting);
        const double = play(openDouble(setting, decoder), setting);
        expect(relativeError(single.update, double.update)).toBeLessThan(SINGLE);
        const { amplitude, transmitEnergy, ...rest } = single.report;
        expect(rest.transmitting).toEqual(double.report.transmitting);
        expect(rest.channelUses).toBe(double.report.channelUses);
        if (double.report.amplitude === null) expect(amplitude).toBeNull();
        else expect((amplitude ?? NaN) / double.report.amplitude).toBeCloseTo(1, 5);
        transmitEnergy.forEach((energy, agent) => {
          const expected = double.report.transmitEnergy[agent];
          expect(Math.abs(energy - expected)).toBeLessThanOrEqual(2 * SINGLE * expected);
        });
        if (double.report.updateGain === null || double.report.misalignment === null) {
          expect([rest.updateGain, rest.misalignment]).toEqual([null, null]);
        } else {
          // Both are of vectors that differ by SINGLE of their own length, which is sqrt(1 + NMSE) of the mean's at most, twice over.
          const length = 2 * (1 + (double.report.aggregationNmse ?? NaN));
          expect(Math.abs((rest.updateGain ?? NaN) - double.report.updateGain)).toBeLessThanOrEqual(2 * SINGLE * length);
          expect(Math.abs((rest.misalignment ?? NaN) - double.report.misalignment)).toBeLessThanOrEqual(4 * SINGLE * length);
        }
        expect(Math.abs(rest.meanEnergy - double.report.meanEnergy)).toBeLessThanOrEqual(2 * SINGLE * double.report.meanEnergy);
        expect(rest.noiseEnergy).toBe(double.report.noiseEnergy);
        // A few observed bins may hold little of the energy that is rounded.
        if (double.report.signalEnergy > 0) expect(decibel(rest.signalEnergy)).toBeCloseTo(decibel(double.report.signalEnergy), 3);
        else expect(rest.signalEnergy).toBe(0);
        if (decoder === 'genie') expect(rest.decodingNmse ?? 0).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('selects and keeps the very same entries: memories agree bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(settings, async (setting) => {
        const single = play(await openSingle(setting, 'genie'), setting);
        const double = play(openDouble(setting, 'genie'), setting);
        single.residuals.forEach((memory, agent) => expect(memory).toEqual(double.residuals[agent]));
        single.sums.forEach((memory, agent) => expect(memory).toEqual(double.sums[agent]));
      }),
      { numRuns: 60 },
    );
  });

  it.each(['iht', 'oamp'] as const)('decodes as well as the one in double precision (%s decoder)', async (decoder) => {
    await fc.assert(
      fc.asyncProperty(settings, async (drawn) => {
        // Decoders that compare numbers may part on a rounding; where decoding works at all, their quality does not.
        const setting = { ...drawn, d: 1000 + (drawn.d % 1000), sparsity: 0.03, compression: 0.5, snrDb: 10 + Math.abs(drawn.snrDb ?? 0) };
        const single = play(await openSingle(setting, decoder), setting);
        const double = play(openDouble(setting, decoder), setting);
        if (double.report.decodingNmse === null) expect(single.report.decodingNmse).toBeNull();
        else expect(Math.abs(decibel(single.report.decodingNmse) - decibel(double.report.decodingNmse))).toBeLessThan(0.2);
      }),
      { numRuns: 25 },
    );
  });

  it.each(['single', 'double'] as const)(
    'tells the gain of its update and what is beside it, which add up to the NMSE (%s precision)',
    async (precision) => {
      await fc.assert(
        fc.asyncProperty(settings, fc.constantFrom('adjoint' as const, 'iht' as const, 'oamp' as const), async (setting, decoder) => {
          const { update, report, residuals, sums } = play(
            precision === 'single' ? await openSingle(setting, decoder) : openDouble(setting, decoder),
            setting,
          );
          // cbar, from what every agent had and what it kept.
          const mean = new Float64Array(setting.d);
          sums.forEach((sum, agent) => sum.forEach((value, at) => (mean[at] += (value - residuals[agent][at]) / setting.agents)));
          const energy = squaredNorm(mean);
          if (energy === 0) return expect([report.updateGain, report.misalignment]).toEqual([null, null]);
          const gain = update.reduce((sum, value, at) => sum + value * mean[at], 0) / energy;
          const across = squaredNorm(update.map((value, at) => value - gain * mean[at])) / energy;
          const bound = 4 * SINGLE * (1 + squaredNorm(update) / energy);
          expect(Math.abs((report.updateGain ?? NaN) - gain)).toBeLessThanOrEqual(bound);
          expect(Math.abs((report.misalignment ?? NaN) - across)).toBeLessThanOrEqual(2 * bound);
          expect(Math.abs((report.aggregationNmse ?? NaN) - ((1 - gain) ** 2 + across))).toBeLessThanOrEqual(2 * bound);
        }),
        { numRuns: 40 },
      );
    },
  );

  it('gives the same bits again, whatever rounds went before', async () => {
    await fc.assert(
      fc.asyncProperty(settings, fc.constantFrom('adjoint' as const, 'iht' as const, 'oamp' as const), async (setting, decoder) => {
        const used = await openSingle(setting, decoder);
        play(used, { ...setting, seed: setting.seed + 1 }, 5);
        expect(play(used, setting, 1)).toEqual(play(await openSingle(setting, decoder), setting, 1));
      }),
      { numRuns: 30 },
    );
  });

  it('refuses directions that are not finite, rows of another transform, and a round without draws', async () => {
    const setting: Setting = {
      seed: 1,
      agents: 1,
      d: 100,
      sparsity: 0.1,
      compression: 0.5,
      snrDb: 10,
      powerWatt: 1,
      meanGain: 1,
      fading: 'rayleigh',
      inverts: false,
      memory: false,
      randomPlaces: false,
      phaseErrors: false,
      budgets: false,
    };
    const uplink = await openSingle(setting, 'oamp');
    for (const stray of [NaN, Infinity, -Infinity]) {
      const direction = new Float32Array(100).fill(stray, 40, 41);
      expect(uplink.sparsify(0, direction, 1, undefined)).toBe(false);
      expect(
        uplink.sparsify(
          0,
          direction,
          1,
          undefined,
          Int32Array.from({ length: 10 }, (_, at) => at),
        ),
      ).toBe(false);
    }
    sendAll(uplink, setting);
    const draws = drawsOf(setting, 0.1, 0);
    const rows = new Int32Array(50).fill(128);
    expect(() => uplink.aggregate(1, { ...draws, rows })).toThrow(/row 128 is not in 0\.\.127/);
    expect(() => uplink.aggregate(1, null)).toThrow(/needs channel draws/);
  });
});
