/** One round of Air-meta-pFL [wen2024]. */
import type { RoundChannel, Scattered, UplinkReport } from '@airmeta/channel';
import type { LearnerEpisode } from '@airmeta/learning';
import { allFinite } from '@airmeta/numerics';
import type { FederationState, Protocol } from './federation.js';

/** Everything that is random in a round; each part comes from a stream of its own. */
export interface RoundDraws {
  /** I: the active agents, increasing [s]. */
  readonly active: Int32Array;
  /** The batches of active agent number `position` in local step `localStep`. */
  readonly episode: (position: number, localStep: number) => LearnerEpisode;
  /** Places that active agent number `position` sends [k], increasing; absent where the largest entries are sent. */
  readonly places?: (position: number) => Int32Array;
  /** Null under an ideal uplink. */
  readonly channel: RoundChannel | null;
  /** The scattered part of the active agents' gains [s], when later rounds depend on it. */
  readonly scattered?: readonly Scattered[];
}

export type RoundResult =
  | { readonly kind: 'played'; readonly uplink: UplinkReport | null }
  /** A number left the range of float32; the state is as it was before the round. */
  | { readonly kind: 'diverged'; readonly reason: string };

/**
 * Plays one round and moves `state` by it:
 *
 *   every active agent i    theta_i <- theta;  Q times: theta_i <- theta_i - eta g_i(theta_i)
 *                           Delta_i = theta - theta_i
 *                           c_i = top_k(m_i + Delta_i) or random_k,  m_i <- m_i + Delta_i - c_i
 *   over the air            shat ~ sum_i h_i x_i + w
 *   server                  theta <- theta - scale * shat
 *
 * An agent that stays silent keeps its memory as it was (its Delta_i is lost, as if it had not been selected), or adds
 * Delta_i to it, as `silentMemory` says.
 */
export function playRound(state: FederationState, protocol: Protocol, draws: RoundDraws): RoundResult {
  const { uplink, observe } = protocol;
  const { theta, memories } = state;
  const d = theta.length;

  const updates = localUpdates(theta, protocol, draws);
  observe?.('sparsify');
  for (const [position, agent] of draws.active.entries()) {
    const direction = updates.directions.subarray(position * d, (position + 1) * d);
    if (!uplink.sparsify(position, direction, updates.scale, memories.get(agent), draws.places?.(position))) {
      return { kind: 'diverged', reason: 'a local update is not finite' };
    }
  }

  const { update, report } = uplink.aggregate(draws.active.length, channelOf(state, protocol, draws), observe);
  const next = protocol.workspace?.theta ?? new Float32Array(d);
  if (protocol.workspace) protocol.workspace.theta = next;
  for (let index = 0; index < d; index++) next[index] = theta[index] - update[index];
  if (!allFinite(next)) return { kind: 'diverged', reason: 'the aggregated update is not finite' };
  theta.set(next);
  state.round++;

  if (protocol.memory) keepWhatWasNotSent(state, protocol, draws.active, report);
  if (report) countEnergy(state, draws.active, report);
  draws.scattered?.forEach((part, position) => state.scattered.set(draws.active[position], part));
  return { kind: 'played', uplink: report };
}

/**
 * The round's channel, with what agents may spend in it where energy is bounded on average: E (t + 1) less what they have spent. It is
 * never less than E, and depends on the past alone.
 */
function channelOf(
  { round, energySpent }: FederationState,
  { averageEnergy }: Protocol,
  { active, channel }: RoundDraws,
): RoundChannel | null {
  if (averageEnergy === undefined || !channel) return channel;
  const energyBudgets = Float64Array.from(active, (agent) => averageEnergy * (round + 1) - (energySpent.get(agent) ?? 0));
  return { ...channel, energyBudgets };
}

function countEnergy({ energySpent }: FederationState, active: Int32Array, { transmitEnergy }: UplinkReport): void {
  active.forEach((agent, position) => energySpent.set(agent, (energySpent.get(agent) ?? 0) + transmitEnergy[position]));
}

/** Delta_i = scale * directions_i of every active agent. */
interface LocalUpdates {
  /** [s][d]. */
  readonly directions: Float32Array;
  readonly scale: number;
}

/** Delta_i = theta - theta_i^Q, which is eta g_i(theta) after a single step. */
function localUpdates(theta: Float32Array, protocol: Protocol, draws: RoundDraws): LocalUpdates {
  const { metaStep, localSteps } = protocol;
  const first = metaGradients(theta, protocol, draws, 0);
  if (protocol.workspace) protocol.workspace.gradients = first;
  if (localSteps === 1) return { directions: first, scale: metaStep };

  const d = theta.length;
  const parameters = first.map((gradient, at) => theta[at % d] - metaStep * gradient);
  for (let localStep = 1; localStep < localSteps; localStep++) {
    const gradients = metaGradients(parameters, protocol, draws, localStep);
    for (let at = 0; at < parameters.length; at++) parameters[at] -= metaStep * gradients[at];
  }
  return { directions: parameters.map((value, at) => theta[at % d] - value), scale: 1 };
}

/** g_i of every active agent on its batches of a local step: [s][d]. @param parameters [d], where all agents stand, or [s][d] */
function metaGradients(
  parameters: Float32Array,
  { learner, rule, workspace, observe }: Protocol,
  draws: RoundDraws,
  localStep: number,
): Float32Array {
  observe?.('draw');
  const episodes = Array.from(draws.active, (_, position) => draws.episode(position, localStep));
  observe?.('meta-gradients');
  return learner.metaGradients(parameters, episodes, rule, workspace?.gradients);
}

/** m_i <- m_i + Delta_i - c_i of agents that were heard; of silent ones as `silentMemory` says. */
function keepWhatWasNotSent(
  { memories, theta }: FederationState,
  { uplink, entries, silentMemory }: Protocol,
  active: Int32Array,
  report: UplinkReport | null,
): void {
  // With k = d nothing is left over, except all of what a silent agent did not send.
  if (entries === theta.length && silentMemory === 'unchanged') return;
  active.forEach((agent, position) => {
    const sent = !report || report.transmitting[position];
    if (!sent && silentMemory === 'unchanged') return;
    const memory = memories.get(agent) ?? new Float32Array(theta.length);
    if (sent) uplink.keepResidual(position, memory);
    else uplink.keepAll(position, memory);
    memories.set(agent, memory);
  });
}
