/** Moments of the fading gain that bounds need; a new fading model adds its case here. */
import { riceMean } from '@airmeta/channel';
import { gainTail, type GainTail } from '@airmeta/numerics';
import { gainLaw, type FadingSpec, inDecibels } from '@airmeta/spec';

export interface GainMoments {
  /** E|h|. */
  readonly mean: number;
  /** E|h|^2. */
  readonly meanSquare: number;
}

/** E|h|^2 / (E|h|)^2 of agents whose mean gains are alike: 4 / pi under Rayleigh fading. */
function squareOverMean(fading: FadingSpec): number {
  switch (fading.kind) {
    case 'rayleigh':
      return 4 / Math.PI;
    case 'rician': {
      const kFactor = 10 ** (inDecibels(fading.kFactor) / 10);
      return (kFactor + 1) / riceMean(kFactor) ** 2;
    }
    case 'constant':
      return 1;
  }
}

/** Over fading and agents. Log-normal mean gains of mean 1 whose logarithm has variance v have the mean square e^v. */
export function gainMoments(fading: FadingSpec): GainMoments {
  const spread = (inDecibels(fading.gainSpread) * Math.LN10) / 20;
  return { mean: fading.meanGain, meanSquare: fading.meanGain ** 2 * squareOverMean(fading) * Math.exp(spread * spread) };
}

/** E[(sum_i |h_i|)^2] = s E|h|^2 + s (s - 1) (E|h|)^2 of s agents whose gains are independent. */
export function expectedSquaredSum({ mean, meanSquare }: GainMoments, activeAgents: number): number {
  return activeAgents * meanSquare + activeAgents * (activeAgents - 1) * mean ** 2;
}

/** The moments of the gains of at least the threshold: of agents that send. @param threshold 0 for all of them */
export function sendingGains(fading: FadingSpec, threshold: number): GainTail {
  if (threshold === 0) return { share: 1, ...gainMoments(fading) };
  return gainTail(gainLaw(fading), threshold);
}

/** s sum E|h_i|^2 >= E[(sum |h_i|)^2] of s agents, however powers go with gains. */
export function greatestSquaredSum({ meanSquare }: Pick<GainMoments, 'meanSquare'>, activeAgents: number): number {
  return activeAgents ** 2 * meanSquare;
}
