import type { PowerControlLaw } from './power-control-law.js';

/** p = e^{-j arg h}: everybody sends, and arrives with |h|. The receiver divides by s mu_h, the mean of sum |h_i|. */
export const phaseOnly: PowerControlLaw<object> = {
  precode: (magnitude) => ({ weight: magnitude, energy: 1 }),
  receiverGain: ({ agents, meanGain }) => meanGain * agents,
};
