/** Physical quantities over the rounds between two records, and totals over the run. */
import type { UplinkReport } from '@airmeta/channel';

/** Mean of the values added since the last `take`, null when there were none. */
class IntervalMean {
  private sum = 0;
  private count = 0;

  add(value: number | null): void {
    if (value === null) return;
    this.sum += value;
    this.count++;
  }

  take(): number | null {
    const mean = this.count > 0 ? this.sum / this.count : null;
    this.sum = 0;
    this.count = 0;
    return mean;
  }
}

/** What uplinks contribute to a record. */
type UplinkFigures = Record<
  'aggregationNmse' | 'decodingNmse' | 'receivedSnrDb' | 'silentAgents' | 'peakPowerWatt' | 'channelUses' | 'energyJoule',
  number | null
>;

/**
 * Collects uplink reports. An ideal uplink has none, so its figures are null.
 * The received SNR is the energy of all signals of the interval over that of all noise they were received in; null without either.
 * Channel uses and energy are totals; energy is transmit power times channel uses, in joule at one use per second.
 */
export class UplinkStatistics {
  private readonly aggregationNmse = new IntervalMean();
  private readonly decodingNmse = new IntervalMean();
  private readonly silent = new IntervalMean();
  private signal = 0;
  private noise = 0;
  private peakPower = 0;
  private uses = 0;
  private energy = 0;
  private observed = false;

  add(report: UplinkReport | null): void {
    if (!report) return;
    this.observed = true;
    this.aggregationNmse.add(report.aggregationNmse);
    this.decodingNmse.add(report.decodingNmse);
    this.silent.add(report.transmitting.filter((sends) => !sends).length / report.transmitting.length);
    this.signal += report.signalEnergy;
    this.noise += report.noiseEnergy;
    this.uses += report.channelUses;
    for (const energy of report.transmitEnergy) {
      this.energy += energy;
      this.peakPower = Math.max(this.peakPower, energy / report.channelUses);
    }
  }

  /** The figures since the last call; afterwards a new interval begins. */
  take(): UplinkFigures {
    const figures = {
      aggregationNmse: this.aggregationNmse.take(),
      decodingNmse: this.decodingNmse.take(),
      receivedSnrDb: this.signal > 0 && this.noise > 0 ? 10 * Math.log10(this.signal / this.noise) : null,
      silentAgents: this.silent.take(),
      peakPowerWatt: this.observed ? this.peakPower : null,
      channelUses: this.observed ? this.uses : null,
      energyJoule: this.observed ? this.energy : null,
    };
    this.signal = this.noise = this.peakPower = 0;
    return figures;
  }
}
