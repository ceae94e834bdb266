/** The exact mean, as long a step as another uplink takes along its own. */
import { createIdealUplink } from './ideal-uplink.js';
import type { MatchedDraws, RoundChannel, Uplink } from './uplink.js';

function matchedDraws(draws: RoundChannel | null): MatchedDraws {
  if (!draws || !('updateGain' in draws)) throw new TypeError('a gain-matched uplink needs the gain of the round');
  return draws;
}

/** update = c (1/s) sum_i z_i with c of the round. @param d length of the updates */
export function createGainMatchedUplink(d: number): Uplink {
  const ideal = createIdealUplink(d, d);
  return {
    ...ideal,
    arithmetic: 'gain-matched float64',
    aggregate(agents, draws) {
      const { updateGain } = matchedDraws(draws);
      const { update, report } = ideal.aggregate(agents, null);
      return { update: Float64Array.from(update, (value) => updateGain * value), report };
    },
  };
}
