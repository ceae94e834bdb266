/**
 * The uplink over the air as a block diagram, in double precision, one function per block:
 *
 *   sparse updates c_i -> compress (A c_i) -> power control -> multiple access (superposition + noise) -> decode -> scale
 *
 * The channel adds the agents' signals; by linearity sum_i h_i x_i = a A sum_i w_i c_i with weights w_i = h_i p_i. Both precoders make
 * them real, so the superposition is formed before the one transform it needs. With phase errors they are complex, w_i = u_i + j v_i, and
 * y = a A (sum u_i c_i + j sum v_i c_i) + w: the first sum is what the receiver wants and its real-aware decoders estimate, the second, in
 * quadrature, is interference. It cancels where bins f and N - f are both observed, and without compression, where the real part is taken.
 */
import { complexEnergy, squaredDistance, squaredNorm, type ComplexSamples, type RealFourier } from '@airmeta/numerics';
import { decodeAdjoint } from './decoders/adjoint.js';
import type { Decoder, DecoderKind } from './decoders/decoder.js';
import { decodeIht } from './decoders/iht.js';
import { decodeOamp } from './decoders/oamp-double.js';
import { PartialDft } from './partial-dft.js';
import { allocatePower, precode, quadratureShare } from './power-control.js';
import { addScaled, type SparseVector } from './sparse-vector.js';
import { fidelityOf } from './update-fidelity.js';
import type { ChannelDraws, OverTheAirLink, UplinkReport, UplinkStage } from './uplink.js';

const DECODERS: Readonly<Record<DecoderKind, Decoder>> = { adjoint: decodeAdjoint, iht: decodeIht, oamp: decodeOamp };

/** cbar = (1/s) sum_i c_i. @param contributions c_1..c_s, each of length d */
export function exactMean(contributions: readonly SparseVector[]): Float64Array {
  const sum = new Float64Array(contributions[0].length);
  for (const contribution of contributions) addScaled(sum, contribution, 1 / contributions.length);
  return sum;
}

export interface AirAggregate {
  /** What theta is decreased by [d]; zeros when nothing was sent. */
  readonly update: Float64Array;
  readonly report: UplinkReport;
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
  observe?: (stage: UplinkStage) => void,
): AirAggregate {
  observe?.('channel');
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
  const precoding = precode(link.powerControl, draws.gains, draws.phaseErrors);
  const budget = draws.energyBudgets ?? link.powerWatt * channelUses;
  const power = allocatePower(link.powerControl, precoding, compressedEnergy, budget, link);
  const transmitters = power.transmitting.filter(Boolean).length;
  const mean = exactMean(contributions);
  const nothing = { channelUses, transmitting: power.transmitting, transmitEnergy: new Float64Array(contributions.length) };
  if (power.amplitude === null || power.receiverScale === null) {
    const update = new Float64Array(d);
    return {
      update,
      report: { ...nothing, ...fidelityOf(update, mean), amplitude: null, decodingNmse: null, signalEnergy: 0, noiseEnergy: 0 },
    };
  }

  const { amplitude, receiverScale } = power;
  const superposed = (weights: Float64Array) => {
    const sum = new Float64Array(d);
    contributions.forEach((contribution, agent) => addScaled(sum, contribution, amplitude * weights[agent]));
    return sum;
  };
  const target = superposed(power.receivedWeight);
  const quadrature = power.quadratureWeight && superposed(power.quadratureWeight);

  observe?.('decode');
  const decoded = operator
    ? decodeSuperposition({ target, quadrature }, operator, link, draws.noise, contributions[0].indices.length, transmitters)
    : addRealNoise(target, link, draws.noise);

  observe?.('update');
  const update = new Float64Array(d);
  for (let index = 0; index < d; index++) update[index] = receiverScale * decoded.estimate[index];
  const targetEnergy = squaredNorm(target);
  return {
    update,
    report: {
      ...fidelityOf(update, mean),
      channelUses,
      transmitting: power.transmitting,
      amplitude,
      transmitEnergy: compressedEnergy.map((energy, agent) => amplitude * amplitude * power.precoderEnergy[agent] * energy),
      decodingNmse: targetEnergy > 0 ? squaredDistance(decoded.estimate, target) / targetEnergy : null,
      signalEnergy: decoded.signalEnergy,
      noiseEnergy: decoded.noiseEnergy,
    },
  };
}

interface Decoded {
  readonly estimate: Float64Array;
  readonly signalEnergy: number;
  readonly noiseEnergy: number;
}

interface Superposition {
  readonly target: Float64Array;
  /** Null without phase errors. */
  readonly quadrature: Float64Array | null;
}

/** y = A (target + j quadrature) + w, then the decoder. */
function decodeSuperposition(
  { target, quadrature }: Superposition,
  operator: PartialDft,
  link: OverTheAirLink,
  noise: ComplexSamples,
  entriesPerAgent: number,
  transmitters: number,
): Decoded {
  const y = operator.apply(target);
  if (quadrature) {
    const turned = operator.apply(quadrature);
    for (let use = 0; use < operator.uses; use++) {
      y.re[use] -= turned.im[use];
      y.im[use] += turned.re[use];
    }
  }
  const signalEnergy = complexEnergy(y);
  for (let use = 0; use < operator.uses; use++) {
    y.re[use] += noise.re[use];
    y.im[use] += noise.im[use];
  }
  const estimate =
    link.decoder === 'genie'
      ? target
      : DECODERS[link.decoder]({
          y,
          operator,
          noiseVariance: link.noiseVariance,
          quadratureShare: quadratureShare(link.phaseDeviation ?? 0),
          entriesPerAgent,
          transmitters,
          ...(link.estimate ? { estimate: link.estimate } : {}),
        });
  return { estimate, signalEnergy, noiseEnergy: complexEnergy(noise) };
}

/** Uncoded: the receiver takes the real part of every use. */
function addRealNoise(target: Float64Array, link: OverTheAirLink, noise: ComplexSamples): Decoded {
  const estimate = link.decoder === 'genie' ? target : target.map((value, use) => value + noise.re[use]);
  return { estimate, signalEnergy: squaredNorm(target), noiseEnergy: squaredNorm(noise.re) };
}
