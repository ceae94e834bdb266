/** The way from the active agents' updates to the server's. */
import type { ComplexSamples, ComplexVector } from '@airmeta/numerics';
import type { PowerControl } from './power-control.js';
import type { DecoderKind } from './decoders/decoder.js';

export interface OverTheAirLink {
  readonly powerControl: PowerControl;
  /** P: transmit power per channel use [watt]. */
  readonly powerWatt: number;
  /** N0: noise variance per complex channel use [watt]. */
  readonly noiseVariance: number;
  /** mu_h. */
  readonly meanGain: number;
  /** `genie` returns the faded sum exactly, to separate fading from decoding error. */
  readonly decoder: DecoderKind | 'genie';
}

/** The random draws of one round; each comes from its own stream. */
export interface ChannelDraws {
  /** h [s]. */
  readonly gains: ComplexVector;
  /** Bins of the partial DFT [M], or null: every coordinate on its own channel use (M = d, real part taken). */
  readonly rows: Int32Array | null;
  /** w [M]; without compression only its real part is received. */
  readonly noise: ComplexSamples;
}

export interface UplinkReport {
  /** M. */
  readonly channelUses: number;
  /** Which of the s agents sent. */
  readonly transmitting: readonly boolean[];
  /** a = sqrt(rho)/eta, null when nothing was sent. */
  readonly amplitude: number | null;
  /** ||x_i||^2 [s], each at most P M [watt x channel uses]. */
  readonly transmitEnergy: Float64Array;
  /** ||shat - target||^2 / ||target||^2 against the faded sum; null when nothing was sent. */
  readonly decodingNmse: number | null;
  /** ||update - cbar||^2 / ||cbar||^2 against the exact mean cbar = (1/s) sum c_i; null when cbar = 0. */
  readonly aggregationNmse: number | null;
  /** ||cbar||^2, what `aggregationNmse` is relative to. */
  readonly meanEnergy: number;
  /** Energy of the received signal part over that of the noise, null without noise or signal. */
  readonly receivedSnr: number | null;
}

export interface Aggregate {
  /** What theta is decreased by [d]; zeros when nothing was sent. Valid until the next round. */
  readonly update: Float32Array | Float64Array;
  /** Null under an ideal uplink. */
  readonly report: UplinkReport | null;
}

/** Parts of a round in which an uplink tells what it is doing. */
export type UplinkStage = 'channel' | 'decode' | 'update';

/** Carries one round after another: every active agent's `sparsify`, then `aggregate`, then what is left over. */
export interface Uplink {
  /** Name and version of the arithmetic, such as `float64`. */
  readonly arithmetic: string;
  /**
   * Agent number `position` of the round's s forms z = m + scale * direction and c = top_k(z).
   * @param direction [d]
   * @param memory m [d], or undefined for zeros; not changed
   * @returns false when z is not finite, and then c is not to be used
   */
  sparsify(position: number, direction: Float32Array, scale: number, memory: Float32Array | undefined): boolean;
  /**
   * Sends c_1..c_s.
   * @param agents s
   * @param draws null under an ideal uplink
   */
  aggregate(agents: number, draws: ChannelDraws | null, observe?: (stage: UplinkStage) => void): Aggregate;
  /** Writes z - c of an agent into its memory [d]. */
  keepResidual(position: number, memory: Float32Array): void;
  /** Writes z of an agent that sent nothing into its memory [d]. */
  keepAll(position: number, memory: Float32Array): void;
}
