/** How agents scale and phase what they send under a power constraint. */
import type { ComplexVector } from '@airmeta/numerics';
import { phaseOnly } from './power-controls/phase-only.js';
import type { PowerControlLaw } from './power-controls/power-control-law.js';
import { truncatedInversion } from './power-controls/truncated-inversion.js';

/** Every power control there is. */
const LAWS = { 'phase-only': phaseOnly, 'truncated-inversion': truncatedInversion };

type Laws = typeof LAWS;
type Kind = keyof Laws;
type OptionsOf<Law> = Law extends PowerControlLaw<infer Options> ? Options : never;

/** One of them, with what it depends on: agents with |h| < threshold stay silent under truncated inversion. */
export type PowerControl = { [K in Kind]: { readonly kind: K } & OptionsOf<Laws[K]> }[Kind];

const lawOf = (control: PowerControl): PowerControlLaw<PowerControl> => LAWS[control.kind] as PowerControlLaw<PowerControl>;

/** What each agent's precoder does. */
export interface Precoding {
  /** Per agent, whether it transmits. */
  readonly transmitting: readonly boolean[];
  /** Re h_i p_i: the control's weight times cos e_i, 0 when silent. */
  readonly receivedWeight: Float64Array;
  /** Im h_i p_i, with sines for cosines; null without phase errors. */
  readonly quadratureWeight: Float64Array | null;
  /** |p_i|^2: what precoding does to an agent's transmit energy. */
  readonly precoderEnergy: Float64Array;
}

/** The common amplitude, and what undoes it. */
export interface PowerAllocation extends Precoding {
  /** a = sqrt(rho)/eta: x_i = a p_i A c_i. Null when nobody sends anything. */
  readonly amplitude: number | null;
  /** Multiplies the decoded sum to give the update of theta. */
  readonly receiverScale: number | null;
}

/**
 * p_i as the power control says, times e^{j e_i}.
 * @param gains h [s]
 * @param phaseErrors e [s] in rad; null for none
 */
export function precode(control: PowerControl, gains: ComplexVector, phaseErrors: Float64Array | null = null): Precoding {
  const agents = gains.re.length;
  const receivedWeight = new Float64Array(agents);
  const quadratureWeight = phaseErrors && new Float64Array(agents);
  const precoderEnergy = new Float64Array(agents);
  const transmitting: boolean[] = [];
  const law = lawOf(control);
  for (let agent = 0; agent < agents; agent++) {
    const magnitude = Math.hypot(gains.re[agent], gains.im[agent]);
    const precoded = law.precode(magnitude, control);
    transmitting.push(precoded !== null);
    if (precoded === null) continue;
    const { weight, energy } = precoded;
    receivedWeight[agent] = phaseErrors ? weight * Math.cos(phaseErrors[agent]) : weight;
    if (phaseErrors && quadratureWeight) quadratureWeight[agent] = weight * Math.sin(phaseErrors[agent]);
    precoderEnergy[agent] = energy;
  }
  return { transmitting, receivedWeight, quadratureWeight, precoderEnergy };
}

/** What a receiver knows of the agents' gains. */
export interface GainStatistics {
  /** mu_h. */
  readonly meanGain: number;
  /** Standard deviation of the phase errors [rad]; 0 when left out. */
  readonly phaseDeviation?: number;
}

/** E cos e = exp(-deviation^2 / 2) of a (wrapped) Gaussian phase error: the share of the amplitude that arrives in phase. */
function coherence(phaseDeviation: number): number {
  return Math.exp(-(phaseDeviation * phaseDeviation) / 2);
}

/** E sin^2 e = (1 - exp(-2 deviation^2)) / 2: the share of the power that arrives in quadrature. */
export function quadratureShare(phaseDeviation: number): number {
  return (1 - Math.exp(-2 * phaseDeviation * phaseDeviation)) / 2;
}

/**
 * Chooses the largest common amplitude a with which every agent stays within what it may spend, a^2 |p_i|^2 ||A c_i||^2 <= B_i; the agent
 * that is held back most just meets it. The receiver divides by it, by E cos e, and by the receiver's gain of the power control.
 *
 * @param compressedEnergy ||A c_i||^2 [s]
 * @param budget P M, energy of a block [watt x channel uses], or B_i of each agent [s]
 */
export function allocatePower(
  control: PowerControl,
  precoding: Precoding,
  compressedEnergy: Float64Array,
  budget: number | Float64Array,
  { meanGain, phaseDeviation = 0 }: GainStatistics,
): PowerAllocation {
  let least = Infinity;
  let transmitters = 0;
  compressedEnergy.forEach((energy, agent) => {
    if (!precoding.transmitting[agent]) return;
    transmitters++;
    const cost = energy * precoding.precoderEnergy[agent];
    // Not `> 0`: what is not a number must not pass for silence.
    if (cost !== 0) least = Math.min(least, (typeof budget === 'number' ? budget : budget[agent]) / cost);
  });
  if (least === Infinity) return { ...precoding, amplitude: null, receiverScale: null };
  const amplitude = Math.sqrt(least);
  const senders = { agents: compressedEnergy.length, transmitters, meanGain };
  const receiverGain = lawOf(control).receiverGain(senders) * coherence(phaseDeviation);
  return { ...precoding, amplitude, receiverScale: 1 / (receiverGain * amplitude) };
}
