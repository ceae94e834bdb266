/** Physical quantities over the rounds between two records, and totals over the run. */
import type { UpdateFidelity, UplinkReport } from '@airmeta/channel';

/** Mean of the values added since the last `take`, null when there were none. */
class IntervalMean {
  constructor(
    private sum: number,
    private count: number,
  ) {}

  get totals(): readonly [sum: number, count: number] {
    return [this.sum, this.count];
  }

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
  | 'aggregationNmse'
  | 'decodingNmse'
  | 'receivedSnrDb'
  | 'silentAgents'
  | 'peakPowerWatt'
  | 'channelUses'
  | 'energyJoule'
  | 'updateGain'
  | 'misalignment',
  number | null
>;

/** Sums so far: over the interval, and of channel uses and energy over the run. */
export interface UplinkTotals {
  readonly aggregationSum: number;
  readonly aggregationCount: number;
  readonly decodingSum: number;
  readonly decodingCount: number;
  readonly silentSum: number;
  readonly silentCount: number;
  readonly gainSum: number;
  readonly gainCount: number;
  readonly misalignmentSum: number;
  readonly misalignmentCount: number;
  readonly signal: number;
  readonly noise: number;
  readonly peakPower: number;
  readonly uses: number;
  readonly energy: number;
  /** Rounds with a report, over the run. */
  readonly rounds: number;
}

const NOTHING: UplinkTotals = {
  ...{ aggregationSum: 0, aggregationCount: 0, decodingSum: 0, decodingCount: 0, silentSum: 0, silentCount: 0 },
  ...{ gainSum: 0, gainCount: 0, misalignmentSum: 0, misalignmentCount: 0 },
  ...{ signal: 0, noise: 0, peakPower: 0, uses: 0, energy: 0, rounds: 0 },
};

/** How an update compares with the exact mean, as far as a record tells. */
export type Delivered = Pick<UpdateFidelity, 'updateGain' | 'misalignment'>;

/** The exact mean itself. */
const EXACT: Delivered = { updateGain: 1, misalignment: 0 };

/**
 * Collects uplink reports. An ideal uplink has none, so its figures are null, but for the gain of its updates, 1, and their misalignment, 0.
 * The received SNR is the energy of all signals of the interval over that of all noise they were received in; null without either.
 * Channel uses and energy are totals; energy is transmit power times channel uses, in joule at one use per second.
 */
export class UplinkStatistics {
  private readonly aggregationNmse: IntervalMean;
  private readonly decodingNmse: IntervalMean;
  private readonly silent: IntervalMean;
  private readonly updateGain: IntervalMean;
  private readonly misalignment: IntervalMean;
  private signal: number;
  private noise: number;
  private peakPower: number;
  private uses: number;
  private energy: number;
  private rounds: number;

  /** @param totals what has been collected before */
  constructor(totals: UplinkTotals = NOTHING) {
    this.aggregationNmse = new IntervalMean(totals.aggregationSum, totals.aggregationCount);
    this.decodingNmse = new IntervalMean(totals.decodingSum, totals.decodingCount);
    this.silent = new IntervalMean(totals.silentSum, totals.silentCount);
    this.updateGain = new IntervalMean(totals.gainSum, totals.gainCount);
    this.misalignment = new IntervalMean(totals.misalignmentSum, totals.misalignmentCount);
    this.signal = totals.signal;
    this.noise = totals.noise;
    this.peakPower = totals.peakPower;
    this.uses = totals.uses;
    this.energy = totals.energy;
    this.rounds = totals.rounds;
  }

  /** What has been collected, to go on from. */
  get totals(): UplinkTotals {
    const [aggregationSum, aggregationCount] = this.aggregationNmse.totals;
    const [decodingSum, decodingCount] = this.decodingNmse.totals;
    const [silentSum, silentCount] = this.silent.totals;
    const [gainSum, gainCount] = this.updateGain.totals;
    const [misalignmentSum, misalignmentCount] = this.misalignment.totals;
    const { signal, noise, peakPower, uses, energy, rounds } = this;
    return {
      ...{ aggregationSum, aggregationCount, decodingSum, decodingCount, silentSum, silentCount },
      ...{ gainSum, gainCount, misalignmentSum, misalignmentCount },
      ...{ signal, noise, peakPower, uses, energy, rounds },
    };
  }

  /** @param delivered of the update, where that is not what the report says, or there is none and it is not the exact mean */
  add(report: UplinkReport | null, delivered: Delivered = report ?? EXACT): void {
    this.updateGain.add(delivered.updateGain);
    this.misalignment.add(delivered.misalignment);
    if (!report) return;
    this.rounds++;
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
      peakPowerWatt: this.rounds > 0 ? this.peakPower : null,
      channelUses: this.rounds > 0 ? this.uses : null,
      energyJoule: this.rounds > 0 ? this.energy : null,
      updateGain: this.updateGain.take(),
      misalignment: this.misalignment.take(),
    };
    this.signal = this.noise = this.peakPower = 0;
    return figures;
  }
}
