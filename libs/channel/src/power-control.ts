/** How agents scale and phase what they send under a power constraint. */
import type { ComplexVector } from '@airmeta/numerics';

export type PowerControl =
  | { readonly kind: 'phase-only' }
  /** Agents with |h| < threshold stay silent; the others invert their channel. */
  | { readonly kind: 'truncated-inversion'; readonly threshold: number };

/** The common amplitude and what each agent's signal is worth at the receiver. */
export interface PowerAllocation {
  /** Per agent, whether it transmits. */
  readonly transmitting: readonly boolean[];
  /** a = sqrt(rho)/eta: x_i = a p_i A c_i with the precoder p_i below. Null when nobody sends anything. */
  readonly amplitude: number | null;
  /** h_i p_i, real: |h_i| under phase-only, 1 under truncated inversion, 0 when silent. */
  readonly receivedWeight: Float64Array;
  /** |p_i|^2: what precoding does to an agent's transmit energy. */
  readonly precoderEnergy: Float64Array;
  /** Multiplies the decoded sum to give the update of theta. */
  readonly receiverScale: number | null;
}

/**
 * Chooses the largest common amplitude with which the strongest agent just meets its block budget:
 * max_i a^2 |p_i|^2 ||A c_i||^2 = P M.
 *
 * phase-only: p_i = exp(-j arg h_i); the receiver divides by mu_h and the number of agents.
 * truncated-inversion: p_i = 1/h_i for |h_i| >= threshold, and the receiver divides by the number of transmitters.
 *
 * @param compressedEnergy ||A c_i||^2 [s]
 * @param gains h [s]
 * @param budget P M, energy of a block [watt x channel uses]
 * @param meanGain mu_h
 */
export function allocatePower(
  control: PowerControl,
  compressedEnergy: Float64Array,
  gains: ComplexVector,
  budget: number,
  meanGain: number,
): PowerAllocation {
  const agents = compressedEnergy.length;
  const receivedWeight = new Float64Array(agents);
  const precoderEnergy = new Float64Array(agents);
  const transmitting: boolean[] = [];
  let strongest = 0;
  let transmitters = 0;
  for (let agent = 0; agent < agents; agent++) {
    const magnitude = Math.hypot(gains.re[agent], gains.im[agent]);
    const sends = control.kind === 'phase-only' || magnitude >= control.threshold;
    transmitting.push(sends);
    if (!sends) continue;
    transmitters++;
    const inverts = control.kind === 'truncated-inversion';
    receivedWeight[agent] = inverts ? 1 : magnitude;
    precoderEnergy[agent] = inverts ? 1 / (magnitude * magnitude) : 1;
    strongest = Math.max(strongest, compressedEnergy[agent] * precoderEnergy[agent]);
  }
  if (strongest === 0) return { transmitting, amplitude: null, receivedWeight, precoderEnergy, receiverScale: null };
  const amplitude = Math.sqrt(budget / strongest);
  const receiverGain = control.kind === 'phase-only' ? meanGain * agents : transmitters;
  return { transmitting, amplitude, receivedWeight, precoderEnergy, receiverScale: 1 / (receiverGain * amplitude) };
}
