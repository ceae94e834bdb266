/** The way from the active agents' updates to the server's. */
import type { ComplexSamples, ComplexVector, RandomStream } from '@airmeta/numerics';
import type { GainStatistics, PowerControl } from './power-control.js';
import type { DecoderKind, EstimateKind } from './decoders/decoder.js';
import type { UpdateFidelity } from './update-fidelity.js';

export interface OverTheAirLink extends GainStatistics {
  readonly powerControl: PowerControl;
  /** P: transmit power per channel use [watt]. */
  readonly powerWatt: number;
  /** N0: noise variance per complex channel use [watt]. */
  readonly noiseVariance: number;
  /** `genie` returns the faded sum exactly, to separate fading from decoding error. */
  readonly decoder: DecoderKind | 'genie';
  /** The posterior mean when left out. */
  readonly estimate?: EstimateKind;
}

/** What the channel is like in one round; each draw comes from its own stream. */
export interface ChannelDraws {
  /** h [s]. */
  readonly gains: ComplexVector;
  /** Bins of the partial DFT [M], or null: every coordinate on its own channel use (M = d, real part taken). */
  readonly rows: Int32Array | null;
  /** w [M]; without compression only its real part is received. */
  readonly noise: ComplexSamples;
  /** Phase errors of the precoders [s] in rad; absent when there are none. */
  readonly phaseErrors?: Float64Array;
  /** Energy that each agent may spend [s, watt x channel uses]; P M when absent. */
  readonly energyBudgets?: Float64Array;
}

/** What a round of a digital uplink is like. */
export interface DigitalDraws extends Pick<ChannelDraws, 'gains' | 'energyBudgets'> {
  /** What each agent rounds its entries with [s]. */
  readonly rounding: readonly RandomStream[];
}

/** `aggregationNmse` and its parts are against what all active agents had to send, heard or not. */
export interface UplinkReport extends UpdateFidelity {
  /** M. */
  readonly channelUses: number;
  /** Which of the s agents sent; under a digital uplink, whose share of the channel carries an entry at least. */
  readonly transmitting: readonly boolean[];
  /** a = sqrt(rho)/eta, null when nothing was sent, or nothing over the air. */
  readonly amplitude: number | null;
  /** ||x_i||^2 [s], each at most P M or the agent's budget [watt x channel uses]. */
  readonly transmitEnergy: Float64Array;
  /**
   * ||shat - target||^2 / ||target||^2 against the real part of the faded sum, a sum Re(h_i p_i) c_i; under a digital uplink, of the
   * quantised sum against the same entries as they were. Null when nothing was sent.
   */
  readonly decodingNmse: number | null;
  /** Energy of all that was received but noise [watt x channel uses]; of real parts without compression. 0 when nothing was sent. */
  readonly signalEnergy: number;
  /** Energy of the noise it was received in; under a digital uplink N0 times its channel uses. 0 when nothing was sent. */
  readonly noiseEnergy: number;
}

export interface Aggregate {
  /** What theta is decreased by [d]; zeros when nothing was sent. Valid until the next round. */
  readonly update: Float32Array | Float64Array;
  /** Null under an ideal or a gain-matched uplink. */
  readonly report: UplinkReport | null;
}

/** What a round of a gain-matched uplink takes over from another. */
export interface MatchedDraws {
  /** c. */
  readonly updateGain: number;
}

/** Draws for one kind of uplink or the other. */
export type RoundChannel = ChannelDraws | DigitalDraws | MatchedDraws;

/** @throws TypeError when they are none for an uplink over the air */
export function drawsOverTheAir(draws: RoundChannel | null): ChannelDraws {
  if (!draws || !('rows' in draws)) throw new TypeError('an uplink over the air needs channel draws');
  return draws;
}

/** Parts of a round in which an uplink tells what it is doing. */
export type UplinkStage = 'channel' | 'decode' | 'update';

/** Carries one round after another: every active agent's `sparsify`, then `aggregate`, then what is left over. */
export interface Uplink {
  /** Name and version of the arithmetic, such as `float64`. */
  readonly arithmetic: string;
  /**
   * Agent number `position` of the round's s forms z = m + scale * direction and c = top_k(z), or z where it is told to send.
   * @param direction [d]
   * @param memory m [d], or undefined for zeros; not changed
   * @param places coordinates to send [k], increasing; the k largest when absent
   * @returns false when z is not finite, and then c is not to be used
   */
  sparsify(position: number, direction: Float32Array, scale: number, memory: Float32Array | undefined, places?: Int32Array): boolean;
  /**
   * Sends c_1..c_s.
   * @param agents s
   * @param draws those of this kind of uplink; null under an ideal one
   */
  aggregate(agents: number, draws: RoundChannel | null, observe?: (stage: UplinkStage) => void): Aggregate;
  /** Writes z - c of an agent into its memory [d]. */
  keepResidual(position: number, memory: Float32Array): void;
  /** Writes z of an agent that sent nothing into its memory [d]. */
  keepAll(position: number, memory: Float32Array): void;
  /** Gives back what it computes in, where that is of use to the next one; neither it nor an update it gave is to be used afterwards. */
  close?(): void;
}
