/** The law of a fading gain in plain numbers. */
import type { FadingSpec } from './point-spec.js';
import { inDecibels } from './units.js';

/** Decibels of amplitude to nepers. */
const NEPER_PER_DB = Math.LN10 / 20;

/** mu_h, K (0 under Rayleigh fading, Infinity under constant), and the standard deviation over agents of the logarithm of their mean gains. */
export function gainLaw(fading: FadingSpec): { readonly meanGain: number; readonly kFactor: number; readonly logSpread: number } {
  const logSpread = NEPER_PER_DB * inDecibels(fading.gainSpread);
  return { meanGain: fading.meanGain, kFactor: kFactorOf(fading), logSpread };
}

function kFactorOf(fading: FadingSpec): number {
  switch (fading.kind) {
    case 'rayleigh':
      return 0;
    case 'rician':
      return 10 ** (inDecibels(fading.kFactor) / 10);
    case 'constant':
      return Infinity;
  }
}
