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
  /** h_i p_i, real: |h_i| under phase-only, 1 under truncated inversion, 0 when silent. */
  readonly receivedWeight: Float64Array;
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
 * phase-only: p_i = exp(-j arg h_i). truncated-inversion: p_i = 1/h_i for |h_i| >= threshold, silence below.
 * @param gains h [s]
 */
export function precode(control: PowerControl, gains: ComplexVector): Precoding {
  const agents = gains.re.length;
  const receivedWeight = new Float64Array(agents);
  const precoderEnergy = new Float64Array(agents);
  const transmitting: boolean[] = [];
  for (let agent = 0; agent < agents; agent++) {
    const magnitude = Math.hypot(gains.re[agent], gains.im[agent]);
    const inverts = control.kind === 'truncated-inversion';
    const sends = !inverts || magnitude >= control.threshold;
    transmitting.push(sends);
    if (!sends) continue;
    receivedWeight[agent] = inverts ? 1 : magnitude;
    precoderEnergy[agent] = inverts ? 1 / (magnitude * magnitude) : 1;
  }
  return { transmitting, receivedWeight, precoderEnergy };
}

/**
 * Chooses the largest common amplitude with which the strongest agent just meets its block budget:
 * max_i a^2 |p_i|^2 ||A c_i||^2 = P M. The receiver divides by it and by the number of agents and mu_h (phase-only) or by the number of
 * transmitters (truncated inversion).
 *
 * @param compressedEnergy ||A c_i||^2 [s]
 * @param budget P M, energy of a block [watt x channel uses]
 * @param meanGain mu_h
 */
export function allocatePower(
  control: PowerControl,
  precoding: Precoding,
  compressedEnergy: Float64Array,
  budget: number,
  meanGain: number,
): PowerAllocation {
  let strongest = 0;
  let transmitters = 0;
  compressedEnergy.forEach((energy, agent) => {
    if (!precoding.transmitting[agent]) return;
    transmitters++;
    strongest = Math.max(strongest, energy * precoding.precoderEnergy[agent]);
  });
  if (strongest === 0) return { ...precoding, amplitude: null, receiverScale: null };
  const amplitude = Math.sqrt(budget / strongest);
  const receiverGain = control.kind === 'phase-only' ? meanGain * compressedEnergy.length : transmitters;
  return { ...precoding, amplitude, receiverScale: 1 / (receiverGain * amplitude) };
}
