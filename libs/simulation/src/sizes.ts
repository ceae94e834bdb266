/** The integers behind the ratios of a specification. */
import { fastLength } from '@airmeta/numerics';
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

/** Bins that a zero-padded transform may have more than there are parameters, as a share of these. */
const MOST_PADDING = 1 / 8;

/**
 * N: bins of the transform that the rows of the partial DFT are drawn from. Under `transform: exact` it is d. Under `fast` it is the next
 * length that the float32 kernels take, where that is at most an eighth more than d; elsewhere, which is nowhere from d = 683 on, it is d, in
 * float64. A digital uplink has no transform; it counts with the N of `fast`, so that it has the channel uses of an uplink over the air.
 */
export function transformLength(uplink: PointSpec['uplink'], parameterCount: number): number {
  if (!goesThroughChannel(uplink) || (uplink.kind === 'over-the-air' && uplink.transform === 'exact')) return parameterCount;
  const padded = fastLength(parameterCount);
  return padded <= (1 + MOST_PADDING) * parameterCount ? padded : parameterCount;
}

/**
 * M: channel uses of a round, max(1, floor(compression * N + 1/2)). All N bins lose nothing, sum over them |A x|^2 = |x|^2, so that a
 * compression of 1 is lossless whatever the padding. d without compression, and without a channel.
 */
export function channelUses(uplink: PointSpec['uplink'], parameterCount: number): number {
  if (!goesThroughChannel(uplink) || uplink.compression === 'none') return parameterCount;
  return Math.max(1, rounded(uplink.compression * transformLength(uplink, parameterCount)));
}
