/**
 * The uplink as a block diagram, one function per block:
 *
 *   sparse updates c_i -> compress (A c_i) -> power control -> multiple access (superposition + noise) -> decode -> scale
 *
 * The channel adds the agents' signals; by linearity sum_i h_i x_i = a A sum_i w_i c_i with real weights w_i, because
 * both precoders make h_i p_i real. The superposition is therefore formed before the one transform it needs.
 */
import { complexEnergy, squaredDistance, squaredNorm, type ComplexVector, type RealFourier } from '@airmeta/numerics';
import { decodeAdjoint } from './decoders/adjoint.js';
import type { Decoder, DecoderKind } from './decoders/decoder.js';
import { decodeIht } from './decoders/iht.js';
import { decodeOamp } from './decoders/oamp.js';
import { PartialDft } from './partial-dft.js';
import { allocatePower, type PowerControl } from './power-control.js';
import { addScaled, type SparseVector } from './sparse-vector.js';

const DECODERS: Readonly<Record<DecoderKind, Decoder>> = { adjoint: decodeAdjoint, iht: decodeIht, oamp: decodeOamp };

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
  readonly noise: ComplexVector;
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
  /** Energy of the received signal part over that of the noise, null without noise or signal. */
  readonly receivedSnr: number | null;
}

export interface Aggregate {
  /** What theta is decreased by [d]; zeros when nothing was sent. */
  readonly update: Float64Array;
  readonly report: UplinkReport;
}

/** cbar = (1/s) sum_i c_i. @param contributions c_1..c_s, each of length d */
export function exactMean(contributions: readonly SparseVector[]): Float64Array {
  const sum = new Float64Array(contributions[0].length);
  for (const contribution of contributions) addScaled(sum, contribution, 1 / contributions.length);
  return sum;
}

/**
 * Sends the contributions of the s active agents over the air and returns what the server makes of them.
 * @param contributions c_i [s], each sparse of length d
 * @param fourier transform of length N >= d; unused when `draws.rows` is null
 */
export function aggregateOverTheAir(
  contributions: readonly SparseVector[],
  link: OverTheAirLink,
  draws: ChannelDraws,
  fourier: RealFourier,
): Aggregate {
  const d = contributions[0].length;
  const operator = draws.rows && new PartialDft(draws.rows, d, fourier);
  const channelUses = operator ? operator.uses : d;

  const dense = new Float64Array(d);
  const compressedEnergy = Float64Array.from(contributions, (contribution) => {
    if (!operator) return squaredNorm(contribution.values);
    dense.fill(0);
    addScaled(dense, contribution, 1);
    return operator.energy(dense);
  });
  const power = allocatePower(link.powerControl, compressedEnergy, draws.gains, link.powerWatt * channelUses, link.meanGain);
  const transmitters = power.transmitting.filter(Boolean).length;
  const mean = exactMean(contributions);
  const nothing = { channelUses, transmitting: power.transmitting, transmitEnergy: new Float64Array(contributions.length) };
  if (power.amplitude === null || power.receiverScale === null) {
    return {
      update: new Float64Array(d),
      report: { ...nothing, amplitude: null, decodingNmse: null, aggregationNmse: squaredNorm(mean) > 0 ? 1 : null, receivedSnr: null },
    };
  }

  const { amplitude, receiverScale } = power;
  const target = new Float64Array(d);
  contributions.forEach((contribution, agent) => addScaled(target, contribution, amplitude * power.receivedWeight[agent]));

  const decoded = operator
    ? decodeSuperposition(target, operator, link, draws.noise, contributions[0].indices.length, transmitters)
    : addRealNoise(target, link, draws.noise);

  const update = new Float64Array(d);
  for (let index = 0; index < d; index++) update[index] = receiverScale * decoded.estimate[index];
  const ratio = (numerator: number, denominator: number) => (denominator > 0 ? numerator / denominator : null);
  return {
    update,
    report: {
      channelUses,
      transmitting: power.transmitting,
      amplitude,
      transmitEnergy: compressedEnergy.map((energy, agent) => amplitude * amplitude * power.precoderEnergy[agent] * energy),
      decodingNmse: ratio(squaredDistance(decoded.estimate, target), squaredNorm(target)),
      aggregationNmse: ratio(squaredDistance(update, mean), squaredNorm(mean)),
      receivedSnr: ratio(decoded.signalEnergy, decoded.noiseEnergy),
    },
  };
}

interface Decoded {
  readonly estimate: Float64Array;
  readonly signalEnergy: number;
  readonly noiseEnergy: number;
}

/** y = A target + w, then the decoder. */
function decodeSuperposition(
  target: Float64Array,
  operator: PartialDft,
  link: OverTheAirLink,
  noise: ComplexVector,
  entriesPerAgent: number,
  transmitters: number,
): Decoded {
  const y = operator.apply(target);
  const signalEnergy = complexEnergy(y);
  for (let use = 0; use < operator.uses; use++) {
    y.re[use] += noise.re[use];
    y.im[use] += noise.im[use];
  }
  const estimate =
    link.decoder === 'genie'
      ? target
      : DECODERS[link.decoder]({ y, operator, noiseVariance: link.noiseVariance, entriesPerAgent, transmitters });
  return { estimate, signalEnergy, noiseEnergy: complexEnergy(noise) };
}

/** Uncoded: the receiver takes the real part of every use. */
function addRealNoise(target: Float64Array, link: OverTheAirLink, noise: ComplexVector): Decoded {
  const estimate = link.decoder === 'genie' ? target : target.map((value, use) => value + noise.re[use]);
  return { estimate, signalEnergy: squaredNorm(target), noiseEnergy: squaredNorm(noise.re) };
}
