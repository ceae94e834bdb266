/** Moments of the fading gain that bounds need; a new fading model adds its case here. */
import type { OverTheAirSpec } from '@airmeta/spec';

export interface GainMoments {
  /** E|h|. */
  readonly mean: number;
  /** E|h|^2. */
  readonly meanSquare: number;
}

/** Rayleigh with E|h| = mu has E|h|^2 = 4 mu^2 / pi. */
export function gainMoments({ kind, meanGain }: OverTheAirSpec['fading']): GainMoments {
  switch (kind) {
    case 'rayleigh':
      return { mean: meanGain, meanSquare: (4 * meanGain ** 2) / Math.PI };
    case 'constant':
      return { mean: meanGain, meanSquare: meanGain ** 2 };
  }
}

/** E[(sum_i |h_i|)^2] = s E|h|^2 + s (s - 1) (E|h|)^2 of s agents whose gains are independent. */
export function expectedSquaredSum({ mean, meanSquare }: GainMoments, activeAgents: number): number {
  return activeAgents * meanSquare + activeAgents * (activeAgents - 1) * mean ** 2;
}
