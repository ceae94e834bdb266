/** The integers behind the ratios of a specification. */
import { goesThroughChannel, type PointSpec } from '@airmeta/spec';

/** floor(x + 1/2): halves go up, as in the numerical contract (Math.round differs only below zero). */
const rounded = (x: number) => Math.floor(x + 0.5);

/** s = floor(r n + 1/2). */
export function activeAgents(agents: PointSpec['agents']): number {
  return rounded(agents.participation * agents.count);
}

/** k = max(1, floor(k/d * d + 1/2)); d without a channel, where everything is sent. */
export function entriesSent(uplink: PointSpec['uplink'], parameterCount: number): number {
  return goesThroughChannel(uplink) ? Math.max(1, rounded(uplink.sparsity * parameterCount)) : parameterCount;
}

/** M = max(1, floor(M/d * d + 1/2)); null without compression, where M = d. */
export function compressedUses(compression: number | 'none', parameterCount: number): number | null {
  return compression === 'none' ? null : Math.max(1, rounded(compression * parameterCount));
}
