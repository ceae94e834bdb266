import { randomStream, squaredDistance, squaredNorm } from '@airmeta/numerics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capacityBits, createDigitalUplink, entriesWithin, PositionBits, type DigitalLink } from './digital-uplink.js';
import { exactMean } from './over-the-air.js';
import { denseAsSparse } from './sparse-vector.js';
import { topK } from './sparsify.js';
import type { DigitalDraws, UplinkReport } from './uplink.js';

const LINK: DigitalLink = { powerWatt: 1, noiseVariance: 0.1, bitsPerEntry: 8 };

function drawsOf(gains: readonly number[], budgets?: readonly number[]): DigitalDraws {
  return {
    gains: { re: Float64Array.from(gains), im: new Float64Array(gains.length) },
    rounding: gains.map((_, agent) => randomStream(2, 'quantization', { agent })),
    ...(budgets ? { energyBudgets: Float64Array.from(budgets) } : {}),
  };
}

const vectorOf = (agent: number, d: number) => randomStream(4, 'data', { agent }).normals(d, 1 + agent);

interface Played {
  readonly update: Float64Array;
  readonly report: UplinkReport;
  readonly residuals: Float32Array[];
}

function play(link: DigitalLink, { d, entries, uses }: { d: number; entries: number; uses: number }, draws: DigitalDraws): Played {
  const uplink = createDigitalUplink(link, { d, entries, uses });
  const agents = draws.rounding.length;
  for (let agent = 0; agent < agents; agent++) expect(uplink.sparsify(agent, vectorOf(agent, d), 1, undefined)).toBe(true);
  const { update, report } = uplink.aggregate(agents, draws);
  if (!report) throw new Error('a digital uplink reports');
  const residuals = draws.rounding.map((_, agent) => {
    const memory = new Float32Array(d);
    if (report.transmitting[agent]) uplink.keepResidual(agent, memory);
    else uplink.keepAll(agent, memory);
    return memory;
  });
  return { update: Float64Array.from(update), report, residuals };
}

describe('what fits into a capacity', () => {
  const d = 60;
  const positions = new PositionBits(d);

  it('is counted by binomial coefficients', () => {
    expect(positions.of(0)).toBe(0);
    expect(2 ** positions.of(2)).toBeCloseTo(1770, 8);
    expect(positions.of(d)).toBeCloseTo(0, 9);
  });

  it('is the largest number of entries that a search through all would find', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 700, noNaN: true }),
        fc.integer({ min: 2, max: 16 }),
        fc.integer({ min: 1, max: d }),
        (capacity, bits, most) => {
          let best = 0;
          for (let k = 1; k <= most; k++) if (32 + k * bits + positions.of(k) <= capacity) best = k;
          // Sums of logarithms round: a capacity within 1e-9 of a message's length may go either way.
          const found = entriesWithin(capacity, positions, bits, most);
          if (found !== best) expect(entriesWithin(capacity + 1e-9, positions, bits, most)).toBeGreaterThanOrEqual(best);
          else expect(found).toBe(best);
        },
      ),
    );
  });

  it('follows Shannon, and is unlimited without noise and nothing without gain', () => {
    // 10 uses at power 3 and gain 1 in noise of 1: log2 4 = 2 bits a use.
    expect(capacityBits(10, 30, 1, 1)).toBe(20);
    expect(capacityBits(10, 30, 1, 0)).toBe(Infinity);
    expect(capacityBits(10, 30, 0, 0)).toBe(0);
    expect(capacityBits(10, 30, 0.5, 1)).toBeCloseTo(10 * Math.log2(1.75), 12);
  });
});

describe('a digital uplink', () => {
  const [d, entries, uses] = [200, 50, 80];

  it('delivers the mean of the largest entries that fit, within a quantisation step', () => {
    const gains = [1, 0.3, 2];
    const { update, report } = play(LINK, { d, entries, uses }, drawsOf(gains));
    const expected = new Float64Array(d);
    const tolerance = new Float64Array(d);
    const positions = new PositionBits(d);
    gains.forEach((gain, agent) => {
      // Every agent has a third of the uses and spends P M in it: three times P on each.
      const capacity = (uses / 3) * Math.log2(1 + (3 * gain * gain) / 0.1);
      const k = entriesWithin(capacity, positions, 8, entries);
      expect(k).toBeGreaterThan(0);
      const vector = vectorOf(agent, d);
      const places = topK(vector, k);
      const step = Math.max(...Array.from(places, (at) => Math.abs(vector[at]))) / 127;
      for (const at of places) {
        expected[at] += vector[at] / 3;
        tolerance[at] += ((1 + 1e-5) * step) / 3;
      }
    });
    update.forEach((value, at) => expect(Math.abs(value - expected[at])).toBeLessThanOrEqual(tolerance[at]));
    expect(report.decodingNmse).toBeCloseTo(squaredDistance(update, expected) / squaredNorm(expected), 12);
    expect(report.channelUses).toBe(uses);
  });

  it('loses nothing: what arrived and what is kept add up to what there was', () => {
    const draws = drawsOf([1, 0.5, 1e-6, 2]);
    const { update, residuals, report } = play(LINK, { d, entries, uses }, draws);
    expect(report.transmitting).toEqual([true, true, false, true]);
    const sum = update.map((value) => 4 * value);
    residuals.forEach((residual) => residual.forEach((value, at) => (sum[at] += value)));
    const whole = new Float64Array(d);
    residuals.forEach((_, agent) => vectorOf(agent, d).forEach((value, at) => (whole[at] += value)));
    // A residual in single precision: 2^-24 of a number of at most some 20, four times.
    sum.forEach((value, at) => expect(Math.abs(value - whole[at])).toBeLessThan(4 * 20 * 2 ** -24));
    expect(residuals[2]).toEqual(vectorOf(2, d));
  });

  it('has a gain below 1 when entries are left out, and none when nobody sends', () => {
    const few = play(LINK, { d, entries: d, uses }, drawsOf([1, 1, 1]));
    const mean = exactMean(Array.from({ length: 3 }, (_, agent) => denseAsSparse(vectorOf(agent, d))));
    const gain = few.update.reduce((sum, value, at) => sum + value * mean[at], 0) / squaredNorm(mean);
    expect(few.report.updateGain).toBeCloseTo(gain, 6);
    expect(few.report.aggregationNmse).toBeCloseTo((1 - gain) ** 2 + (few.report.misalignment ?? NaN), 6);
    expect(gain).toBeLessThan(1);
    const { updateGain, misalignment } = play({ ...LINK, noiseVariance: 1e12 }, { d, entries: d, uses }, drawsOf([1, 1, 1])).report;
    expect([updateGain, misalignment]).toEqual([0, 0]);
  });

  it('is the mean itself, but for rounding, without noise and with every entry at 16 bits', () => {
    const { update, report } = play({ ...LINK, noiseVariance: 0, bitsPerEntry: 16 }, { d, entries: d, uses }, drawsOf([1, 1, 1]));
    expect(report.aggregationNmse).toBeLessThan(1e-7);
    expect(report.noiseEnergy).toBe(0);
    expect(squaredNorm(update)).toBeGreaterThan(0);
  });

  it('spends an agent’s budget or nothing, and never more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ gain: fc.double({ min: 0, max: 3, noNaN: true }), budget: fc.double({ min: 0.1, max: 300, noNaN: true }) }), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.boolean(),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (agents, bounded, noiseVariance) => {
          const draws = drawsOf(
            agents.map(({ gain }) => gain),
            bounded ? agents.map(({ budget }) => budget) : undefined,
          );
          const { report, update } = play({ ...LINK, noiseVariance }, { d: 40, entries: 20, uses: 30 }, draws);
          let signal = 0;
          agents.forEach(({ gain, budget }, agent) => {
            const allowed = bounded ? budget : 30;
            expect(report.transmitEnergy[agent]).toBe(report.transmitting[agent] ? allowed : 0);
            if (report.transmitting[agent]) signal += allowed * gain ** 2;
          });
          expect(report.signalEnergy).toBeCloseTo(signal, 9);
          expect(report.noiseEnergy).toBeCloseTo((report.transmitting.filter(Boolean).length / agents.length) * 30 * noiseVariance, 9);
          expect(update.every(Number.isFinite)).toBe(true);
        },
      ),
    );
  });

  it('refuses a round that is not digital', () => {
    const uplink = createDigitalUplink(LINK, { d, entries, uses });
    expect(() => uplink.aggregate(1, null)).toThrow(/digital/);
  });
});
