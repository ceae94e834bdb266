/** How large the checkpoints of a run come to be, before it runs. */
import { goesThroughChannel, matchedUplink, type PointSpec } from '@airmeta/spec';
import { parameterCountOf } from './simulate.js';
import { activeAgents } from './sizes.js';

/**
 * Agents that have a memory in the end: an agent has one from its first turn on, so that of n agents of which s are active in a round,
 * n (1 - (1 - s/n)^rounds) are expected to.
 */
export function rememberingAgents({ agents, uplink, rounds }: PointSpec): number {
  const channel = matchedUplink(uplink) ?? uplink;
  if (!goesThroughChannel(channel) || !channel.memory) return 0;
  const turns = 1 - (1 - activeAgents(agents) / agents.count) ** rounds;
  return Math.ceil(agents.count * turns);
}

/** Bytes of a checkpoint at the end of a run: theta, that of a shadow, those of the last and the best record, and the agents' memories, in float32. */
export function expectedCheckpointBytes(config: PointSpec): number {
  const thetas = 3 + (matchedUplink(config.uplink) ? 1 : 0);
  return 4 * parameterCountOf(config) * (thetas + rememberingAgents(config));
}
