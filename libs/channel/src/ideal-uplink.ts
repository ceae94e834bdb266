/** The ideal uplink: what agents send arrives exactly, and the server takes its mean. */
import { Contributions } from './contributions.js';
import { exactMean } from './over-the-air.js';
import type { Uplink } from './uplink.js';

/**
 * @param d length of the updates
 * @param entries k; with k = d nothing is selected and nothing left over
 */
export function createIdealUplink(d: number, entries: number): Uplink {
  return entries < d ? sparseMean(entries) : plainMean(d);
}

function sparseMean(entries: number): Uplink {
  const contributions = new Contributions(entries);
  return {
    arithmetic: 'float64',
    sparsify: (...agent) => contributions.sparsify(...agent),
    aggregate: (agents) => ({ update: exactMean(contributions.sent(agents)), report: null }),
    keepResidual: (position, memory) => contributions.keepResidual(position, memory),
    keepAll: (position, memory) => contributions.keepAll(position, memory),
  };
}

function plainMean(d: number): Uplink {
  const sum = new Float64Array(d);
  return {
    arithmetic: 'float64',
    sparsify(position, direction, scale, memory) {
      if (position === 0) sum.fill(0);
      let finite = true;
      for (let index = 0; index < d; index++) {
        const value = memory ? Math.fround(memory[index] + Math.fround(scale * direction[index])) : Math.fround(scale * direction[index]);
        finite &&= Number.isFinite(value);
        sum[index] += value;
      }
      return finite;
    },
    aggregate: (agents) => ({ update: sum.map((value) => value / agents), report: null }),
    keepResidual: (_, memory) => memory.fill(0),
    keepAll: () => {
      throw new TypeError('an ideal uplink silences nobody');
    },
  };
}
