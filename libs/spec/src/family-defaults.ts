/**
 * What a configuration leaves out and the family of its tasks decides: steps at which the family's own tasks are learned, and the activation
 * that suits them. One number does not serve all: inputs of a sinusoid reach from -5 to 5, so that its gradients are many times those of an
 * image, and a step that an image needs makes it diverge.
 */
import type { TaskSpec } from './task-spec.js';

export interface FamilyDefaults {
  /** alpha. */
  readonly innerStep: number;
  /** eta, the same in every round. */
  readonly metaStep: number;
  /** Of hidden layers. */
  readonly activation: 'relu' | 'tanh';
}

const CLASSIFICATION: FamilyDefaults = { innerStep: 0.4, metaStep: 0.05, activation: 'relu' };

/** Learned by mlps of one to three layers of 8 to 256 units, under the other defaults (libs/simulation/src/family-defaults.spec.ts). */
export const FAMILY_DEFAULTS: Readonly<Record<TaskSpec['family'], FamilyDefaults>> = {
  sinusoid: { innerStep: 0.01, metaStep: 0.02, activation: 'tanh' },
  linear: { innerStep: 0.02, metaStep: 0.01, activation: 'relu' },
  'gaussian-mixture': CLASSIFICATION,
  glyphs: CLASSIFICATION,
  omniglot: CLASSIFICATION,
  'image-folder': CLASSIFICATION,
};

/** The defaults of a key in words, for its description: `sinusoid 0.01, linear 0.02, else 0.4`. */
export function defaultsInWords(key: keyof FamilyDefaults): string {
  const usual = CLASSIFICATION[key];
  const others = Object.entries(FAMILY_DEFAULTS).flatMap(([family, defaults]) =>
    defaults[key] === usual ? [] : [`${family} ${defaults[key]}`],
  );
  return [...others, `else ${usual}`].join(', ');
}
