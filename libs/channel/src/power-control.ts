/** How agents scale and phase what they send under a power constraint. */
import type { ComplexVector } from '@airmeta/numerics';

export type PowerControl =
  | { readonly kind: 'phase-only' }
  /** Agents with |h| < threshold stay silent; the others invert their channel. */
  | { readonly kind: 'truncated-inversion'; readonly threshold: number };

/** What each agent's precoder does. */
export interface Precoding {
  /** Per agent, whether it transmits. */
  readonly transmitting: readonly boolean[];
  /** Re h_i p_i: |h_i| cos e_i under phase-only, cos e_i under truncated inversion, 0 when silent. */
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
 * phase-only: p_i = e^{j (e_i - arg h_i)}. truncated-inversion: p_i = e^{j e_i} / h_i for |h_i| >= threshold, silence below.
 * @param gains h [s]
 * @param phaseErrors e [s] in rad; null for none
 */
export function precode(control: PowerControl, gains: ComplexVector, phaseErrors: Float64Array | null = null): Precoding {
  const agents = gains.re.length;
  const receivedWeight = new Float64Array(agents);
  const quadratureWeight = phaseErrors && new Float64Array(agents);
  const precoderEnergy = new Float64Array(agents);
  const transmitting: boolean[] = [];
  for (let agent = 0; agent < agents; agent++) {
    const magnitude = Math.hypot(gains.re[agent], gains.im[agent]);
    const inverts = control.kind === 'truncated-inversion';
    const sends = !inverts || magnitude >= control.threshold;
    transmitting.push(sends);
    if (!sends) continue;
    const weight = inverts ? 1 : magnitude;
    receivedWeight[agent] = phaseErrors ? weight * Math.cos(phaseErrors[agent]) : weight;
    if (phaseErrors && quadratureWeight) quadratureWeight[agent] = weight * Math.sin(phaseErrors[agent]);
    precoderEnergy[agent] = inverts ? 1 / (magnitude * magnitude) : 1;
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
 * that is held back most just meets it. The receiver divides by it, by E cos e, and by the number of agents and mu_h (phase-only) or by
 * the number of transmitters (truncated inversion).
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
  const receiverGain = (control.kind === 'phase-only' ? meanGain * compressedEnergy.length : transmitters) * coherence(phaseDeviation);
  return { ...precoding, amplitude, receiverScale: 1 / (receiverGain * amplitude) };
}
