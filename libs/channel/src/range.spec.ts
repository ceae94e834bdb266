import { createExactFourier, fastLength, randomStream } from '@airmeta/numerics';
import { describe, expect, it } from 'vitest';
import { createDigitalUplink } from './digital-uplink.js';
import { createDoubleUplink } from './double-uplink.js';
import { drawGains } from './fading.js';
import { drawNoise } from './noise.js';
import { createSingleUplink } from './single/single-uplink.js';
import type { OverTheAirLink, RoundChannel, Uplink, UplinkReport } from './uplink.js';

const D = 1000;
const AGENTS = 3;

/** Directions before they are scaled: normal, none so small beside the others that a power of two could take digits from it. */
const DIRECTIONS = Array.from({ length: AGENTS }, (_, agent) =>
  randomStream(7, 'data', { agent })
    .normals(D)
    .map((value) => Math.sign(value) * Math.max(Math.abs(value), 2 ** -10)),
);

interface Setting {
  readonly decoder: OverTheAirLink['decoder'];
  readonly entries: number;
  readonly compressed: boolean;
  readonly noiseVariance: number;
  readonly inverts: boolean;
  readonly phaseErrors: boolean;
  /** mu_h. */
  readonly meanGain: number;
}

const PLAIN: Setting = {
  ...{ decoder: 'oamp', entries: 100, compressed: true, noiseVariance: 0.01, inverts: false, phaseErrors: false, meanGain: 1 },
};

const SETTINGS: Readonly<Record<string, Setting>> = {
  oamp: PLAIN,
  'iht, noiseless': { ...PLAIN, decoder: 'iht', noiseVariance: 0 },
  'adjoint, everything sent': { ...PLAIN, decoder: 'adjoint', entries: D },
  genie: { ...PLAIN, decoder: 'genie' },
  'without compression': { ...PLAIN, compressed: false },
  'truncated inversion of small gains': { ...PLAIN, inverts: true, meanGain: 1e-6, noiseVariance: 1e-14 },
  'phase errors, great gains': { ...PLAIN, phaseErrors: true, meanGain: 1e6 },
};

function linkOf({ decoder, noiseVariance, inverts, phaseErrors, meanGain }: Setting): OverTheAirLink {
  return {
    powerControl: inverts ? { kind: 'truncated-inversion', threshold: 0.1 * meanGain } : { kind: 'phase-only' },
    ...{ powerWatt: 1, noiseVariance, meanGain, phaseDeviation: phaseErrors ? 0.3 : 0, decoder },
  };
}

const USES = Math.round(0.4 * fastLength(D));

function drawsOf({ compressed, noiseVariance, phaseErrors, meanGain }: Setting): RoundChannel {
  const agents = Array.from({ length: AGENTS }, (_, agent) => ({ innovation: randomStream(7, 'fading', { agent }) }));
  return {
    gains: drawGains({ kind: 'rayleigh', meanGain }, agents).gains,
    rows: compressed ? randomStream(7, 'compression-rows').sample(fastLength(D), USES) : null,
    noise: drawNoise(noiseVariance, compressed ? USES : D, randomStream(7, 'noise')),
    ...(phaseErrors ? { phaseErrors: Float64Array.of(0.3, -0.2, 0.1) } : {}),
  };
}

interface Played {
  readonly update: Float64Array;
  readonly report: UplinkReport;
}

/** One round of directions times a factor of each agent's own. */
function play(uplink: Uplink, draws: RoundChannel, factors: readonly number[]): Played {
  DIRECTIONS.forEach((direction, agent) => {
    const scaled = direction.map((value) => factors[agent] * value);
    expect(uplink.sparsify(agent, scaled, 1, undefined)).toBe(true);
  });
  const { update, report } = uplink.aggregate(AGENTS, draws);
  if (!report) throw new Error('an uplink with a channel reports');
  return { update: Float64Array.from(update), report };
}

const same = (factor: number) => Array.from({ length: AGENTS }, () => factor);

const UPLINKS: Readonly<Record<string, (setting: Setting) => Promise<Uplink>>> = {
  'in single precision': (setting) =>
    createSingleUplink(linkOf(setting), { d: D, agents: AGENTS, entries: setting.entries, uses: setting.compressed ? USES : D }),
  'in double precision': async (setting) => createDoubleUplink(linkOf(setting), createExactFourier(fastLength(D)), setting.entries),
};

/** Numbers of a report that do not depend on the unit of the updates. */
const unitless = ({ aggregationNmse, decodingNmse, signalEnergy, noiseEnergy, transmitEnergy, transmitting }: UplinkReport) => ({
  ...{ aggregationNmse, decodingNmse, signalEnergy, noiseEnergy, transmitEnergy, transmitting },
});

describe.each(Object.entries(UPLINKS))('an uplink over the air %s', (_, open) => {
  it.each(Object.entries(SETTINGS))('gives 2^k times the update for 2^k times all updates, k from -100 to 60 (%s)', async (__, setting) => {
    const uplink = await open(setting);
    const draws = drawsOf(setting);
    const once = play(uplink, draws, same(1));
    expect(once.report.aggregationNmse).toBeLessThan(10);
    for (const k of [-100, -83, -63, -40, -1, 1, 31, 60]) {
      const scaled = play(uplink, draws, same(2 ** k));
      // Below 2^-126 single precision has fewer bits than 24: there, once rounded is what can be had.
      const carried = uplink.arithmetic === 'float64' ? (value: number) => value : Math.fround;
      expect(scaled.update).toEqual(once.update.map((value) => carried(value * 2 ** k)));
      expect(unitless(scaled.report)).toEqual(unitless(once.report));
      expect(scaled.report.meanEnergy).toBe(once.report.meanEnergy * 4 ** k);
      expect(scaled.report.amplitude).toBe((once.report.amplitude ?? NaN) / 2 ** k);
    }
  });

  it.each(['oamp', 'iht', 'adjoint', 'genie'] as const)('carries updates at both ends of the range (%s decoder)', async (decoder) => {
    const setting = { ...PLAIN, decoder, noiseVariance: 1e-6 };
    const uplink = await open(setting);
    const draws = drawsOf(setting);
    const once = play(uplink, draws, same(1));
    for (const factor of [1e-36, 1e-20, 1e18, 1e30, 1e37]) {
      const { update, report } = play(uplink, draws, same(factor));
      expect(update.every(Number.isFinite)).toBe(true);
      // A decimal factor rounds every entry anew, 2^-24 of itself each.
      expect(report.meanEnergy / once.report.meanEnergy / factor ** 2).toBeCloseTo(1, 5);
      expect(Math.max(...report.transmitEnergy)).toBeCloseTo(USES, 3);
      expect(Math.abs(10 * Math.log10((report.aggregationNmse ?? NaN) / (once.report.aggregationNmse ?? NaN)))).toBeLessThan(0.1);
    }
  });

  it('serves agents whose updates are far apart: the small ones add nothing, and spend next to nothing', async () => {
    const uplink = await open(PLAIN);
    const draws = drawsOf(PLAIN);
    const { update, report } = play(uplink, draws, [1e-30, 1, 1e-12]);
    expect(update.every(Number.isFinite)).toBe(true);
    expect(report.transmitting).toEqual([true, true, true]);
    expect(report.transmitEnergy[1]).toBeCloseTo(USES, 3);
    expect(report.transmitEnergy[0] / USES / 1e-60).toBeGreaterThan(0.1);
    expect(report.transmitEnergy[0] / USES / 1e-60).toBeLessThan(10);
    expect(report.transmitEnergy[2] / USES / 1e-24).toBeGreaterThan(0.1);
    expect(report.transmitEnergy[2] / USES / 1e-24).toBeLessThan(10);
  });

  it('sends nothing when there is nothing to send, and tells so', async () => {
    for (const setting of [PLAIN, { ...PLAIN, compressed: false }]) {
      const { update, report } = play(await open(setting), drawsOf(setting), same(0));
      expect(update.every((value) => value === 0)).toBe(true);
      expect(report).toMatchObject({
        amplitude: null,
        decodingNmse: null,
        aggregationNmse: null,
        meanEnergy: 0,
        signalEnergy: 0,
        noiseEnergy: 0,
      });
      expect([...report.transmitEnergy]).toEqual([0, 0, 0]);
    }
  });
});

describe('a digital uplink', () => {
  it('gives 2^k times the update for 2^k times all updates', () => {
    const draw = () => ({
      gains: drawGains(
        { kind: 'rayleigh', meanGain: 1 },
        Array.from({ length: AGENTS }, (_, agent) => ({ innovation: randomStream(7, 'fading', { agent }) })),
      ).gains,
      rounding: Array.from({ length: AGENTS }, (_, agent) => randomStream(7, 'quantization', { agent })),
    });
    const uplink = createDigitalUplink({ powerWatt: 1, noiseVariance: 0.01, bitsPerEntry: 8 }, { d: D, entries: 100, uses: USES });
    const once = play(uplink, draw(), same(1));
    for (const k of [-100, -63, 60]) {
      const scaled = play(uplink, draw(), same(2 ** k));
      expect(scaled.update.map((value) => value / 2 ** k)).toEqual(once.update);
      expect(unitless(scaled.report)).toEqual(unitless(once.report));
      expect(scaled.report.meanEnergy).toBe(once.report.meanEnergy * 4 ** k);
    }
  });
});
