import type { PowerControlLaw } from './power-control-law.js';

/**
 * p = 1 / h for |h| >= threshold, silence below: whoever sends arrives with 1, and the receiver divides by their number, which it knows.
 */
export const truncatedInversion: PowerControlLaw<{ readonly threshold: number }> = {
  precode: (magnitude, { threshold }) => (magnitude >= threshold ? { weight: 1, energy: 1 / (magnitude * magnitude) } : null),
  receiverGain: ({ transmitters }) => transmitters,
};
