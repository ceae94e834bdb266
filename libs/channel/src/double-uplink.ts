/** The uplink over the air in double precision: the reference of the faster ones, for transforms of any length. */
import type { RealFourier } from '@airmeta/numerics';
import { Contributions } from './contributions.js';
import { aggregateOverTheAir } from './over-the-air.js';
import { drawsOverTheAir, type OverTheAirLink, type Uplink } from './uplink.js';

/**
 * @param fourier transform of length N >= d
 * @param entries k
 */
export function createDoubleUplink(link: OverTheAirLink, fourier: RealFourier, entries: number): Uplink {
  const contributions = new Contributions(entries);
  return {
    arithmetic: 'float64',
    sparsify: (...agent) => contributions.sparsify(...agent),
    aggregate(agents, draws, observe) {
      return aggregateOverTheAir(contributions.sent(agents), link, drawsOverTheAir(draws), fourier, observe);
    },
    keepResidual: (position, memory) => contributions.keepResidual(position, memory),
    keepAll: (position, memory) => contributions.keepAll(position, memory),
  };
}
