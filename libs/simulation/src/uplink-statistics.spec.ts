import type { UplinkReport } from '@airmeta/channel';
import { describe, expect, it } from 'vitest';
import { UplinkStatistics } from './uplink-statistics.js';

const report = (changes: Partial<UplinkReport>): UplinkReport => ({
  channelUses: 10,
  transmitting: [true, true],
  amplitude: 1,
  transmitEnergy: Float64Array.of(20, 5),
  decodingNmse: 0.1,
  aggregationNmse: 0.2,
  updateGain: 0.6,
  misalignment: 0.04,
  meanEnergy: 4,
  signalEnergy: 30,
  noiseEnergy: 10,
  ...changes,
});

describe('uplink statistics', () => {
  it('average errors and silence, keep the peak power, and add up uses and energy', () => {
    const statistics = new UplinkStatistics();
    statistics.add(report({}));
    statistics.add(
      report({
        transmitting: [true, false],
        transmitEnergy: Float64Array.of(30, 0),
        decodingNmse: 0.3,
        aggregationNmse: 0.6,
        updateGain: 0.4,
        misalignment: 0.24,
      }),
    );
    const figures = statistics.take();
    expect(figures.decodingNmse).toBeCloseTo(0.2, 12);
    expect(figures.aggregationNmse).toBeCloseTo(0.4, 12);
    expect(figures.updateGain).toBeCloseTo(0.5, 12);
    expect(figures.misalignment).toBeCloseTo(0.14, 12);
    expect(figures).toMatchObject({ silentAgents: 0.25, peakPowerWatt: 3, channelUses: 20, energyJoule: 55 });
  });

  it('begin a new interval at every take, while totals go on', () => {
    const statistics = new UplinkStatistics();
    statistics.add(report({}));
    statistics.take();
    statistics.add(report({ transmitEnergy: Float64Array.of(10, 0), aggregationNmse: 0.8, updateGain: 0.4, misalignment: 0.44 }));
    expect(statistics.take()).toEqual({
      aggregationNmse: 0.8,
      decodingNmse: 0.1,
      receivedSnrDb: 10 * Math.log10(3),
      silentAgents: 0,
      peakPowerWatt: 1,
      channelUses: 20,
      energyJoule: 35,
      updateGain: 0.4,
      misalignment: 0.44,
    });
  });

  it('give the received SNR as a ratio of sums, null without signal or noise', () => {
    const statistics = new UplinkStatistics();
    statistics.add(report({ signalEnergy: 5000, noiseEnergy: 45 }));
    statistics.add(report({ signalEnergy: 500, noiseEnergy: 10 }));
    statistics.add(report({ amplitude: null, signalEnergy: 0, noiseEnergy: 0 }));
    expect(statistics.take().receivedSnrDb).toBeCloseTo(20, 12);
    statistics.add(report({ signalEnergy: 0, noiseEnergy: 1 }));
    expect(statistics.take().receivedSnrDb).toBeNull();
    statistics.add(report({ noiseEnergy: 0 }));
    expect(statistics.take().receivedSnrDb).toBeNull();
  });

  it('leave rounds without an error out of its average', () => {
    const statistics = new UplinkStatistics();
    const silent = { transmitting: [false, false], transmitEnergy: new Float64Array(2), amplitude: null, signalEnergy: 0, noiseEnergy: 0 };
    statistics.add(report({ ...silent, decodingNmse: null, aggregationNmse: 1 }));
    expect(statistics.take()).toMatchObject({ decodingNmse: null, aggregationNmse: 1, silentAgents: 1, peakPowerWatt: 0, channelUses: 10 });
    statistics.add(report({ ...silent, decodingNmse: null, aggregationNmse: null, updateGain: null, misalignment: null }));
    statistics.add(report({ decodingNmse: 0.5, aggregationNmse: 0.7 }));
    expect(statistics.take()).toMatchObject({ decodingNmse: 0.5, aggregationNmse: 0.7, updateGain: 0.6, silentAgents: 0.5 });
  });

  it('are null under an ideal uplink, but for the gain 1 and the misalignment 0 of an exact mean', () => {
    const statistics = new UplinkStatistics();
    statistics.add(null);
    statistics.add(null);
    const { updateGain, misalignment, ...others } = statistics.take();
    expect([updateGain, misalignment]).toEqual([1, 0]);
    expect(new Set(Object.values(others))).toEqual(new Set([null]));
    expect(new Set(Object.values(statistics.take()))).toEqual(new Set([null]));
  });

  it('take the gain of an update without a report from what is said of it', () => {
    const statistics = new UplinkStatistics();
    statistics.add(null, { updateGain: 0.25, misalignment: 0 });
    statistics.add(null, { updateGain: 0.75, misalignment: 0 });
    expect(statistics.take()).toMatchObject({ updateGain: 0.5, misalignment: 0, aggregationNmse: null });
  });
});
