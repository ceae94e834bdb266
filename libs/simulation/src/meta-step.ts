import type { PointSpec } from '@airmeta/spec';

/**
 * eta_t: the meta step of all local steps of round t. The power scale depends on it through Delta_i alone, so nothing else changes.
 * @param round t, from 0
 * @param rounds T
 */
export function metaStepAt(metaStep: PointSpec['meta']['metaStep'], round: number, rounds: number): number {
  if (typeof metaStep === 'number') return metaStep;
  const { initial } = metaStep;
  switch (metaStep.decay) {
    case 'inverse':
      return initial / (1 + round / metaStep.halfLife);
    case 'inverse-sqrt':
      return initial / Math.sqrt(1 + (3 * round) / metaStep.halfLife);
    case 'cosine':
      return initial * (metaStep.finalShare + ((1 - metaStep.finalShare) * (1 + Math.cos((Math.PI * round) / rounds))) / 2);
    case 'step':
      return initial * metaStep.factor ** Math.floor(round / metaStep.every);
  }
}
