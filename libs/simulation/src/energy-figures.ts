/** What agents have spent so far, beside what they were allowed to. */
import { goesThroughChannel, powerWatt, type PointSpec } from '@airmeta/spec';
import { activeAgents, channelUses } from './sizes.js';

/** Null without a channel and before the first round. */
export interface EnergyFigures {
  /**
   * Largest over agents of the energy spent so far, over M channel uses of every round so far, those included in which the agent was not
   * active [watt]: at most P under either power constraint.
   */
  readonly averagePowerWatt: number | null;
  /**
   * Energy spent so far by all agents, over what their power constraint allows: P M for each active agent of each round under `per-round`, P M
   * for every agent and round under `average`.
   */
  readonly energyShare: number | null;
}

/**
 * @param rounds played
 * @param spent energy by agent [watt x channel uses]
 */
export function energyFigures(
  { uplink, agents }: PointSpec,
  parameterCount: number,
  rounds: number,
  spent: ReadonlyMap<number, number>,
): EnergyFigures {
  if (!goesThroughChannel(uplink) || rounds === 0) return { averagePowerWatt: null, energyShare: null };
  const uses = rounds * channelUses(uplink, parameterCount);
  const allowed = uplink.powerConstraint === 'average' ? agents.count : activeAgents(agents);
  let [total, largest] = [0, 0];
  for (const energy of spent.values()) {
    total += energy;
    largest = Math.max(largest, energy);
  }
  return { averagePowerWatt: largest / uses, energyShare: total / (powerWatt(uplink.power) * uses * allowed) };
}
