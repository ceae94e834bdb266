/** One round of Air-meta-pFL [wen2024]. */
import { aggregateOverTheAir, exactMean, sparsify, type ChannelDraws, type Sparsified, type UplinkReport } from '@airmeta/channel';
import type { LearnerEpisode } from '@airmeta/learning';
import { allFinite } from '@airmeta/numerics';
import type { FederationState, Protocol } from './federation.js';

/** Everything that is random in a round; each part comes from a stream of its own. */
export interface RoundDraws {
  /** I: the active agents, increasing [s]. */
  readonly active: Int32Array;
  /** The batches of active agent number `position` in local step `localStep`. */
  readonly episode: (position: number, localStep: number) => LearnerEpisode;
  /** Null under an ideal uplink. */
  readonly channel: ChannelDraws | null;
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
 *                           c_i = top_k(m_i + Delta_i),  m_i <- m_i + Delta_i - c_i
 *   over the air            shat ~ sum_i h_i x_i + w
 *   server                  theta <- theta - scale * shat
 *
 * An agent that stays silent keeps its memory as it was (its Delta_i is lost, as if it had not been selected), or adds
 * Delta_i to it, as `silentMemory` says.
 */
export function playRound(state: FederationState, protocol: Protocol, draws: RoundDraws): RoundResult {
  const updates = localUpdates(state.theta, protocol, draws);
  if (!allFinite(updates)) return { kind: 'diverged', reason: 'a local update is not finite' };

  const d = state.theta.length;
  const sparsified = Array.from(draws.active, (agent, position) =>
    sparsify(updates.subarray(position * d, (position + 1) * d), state.memories.get(agent), protocol.entries),
  );
  const { update, report } = aggregate(sparsified, protocol, draws);
  const theta = new Float32Array(d);
  for (let index = 0; index < d; index++) theta[index] = state.theta[index] - update[index];
  if (!allFinite(theta)) return { kind: 'diverged', reason: 'the aggregated update is not finite' };

  // With k = d nothing is left over, except all of what a silent agent did not send.
  if (protocol.memory && (protocol.entries < d || protocol.silentMemory === 'accumulate')) {
    draws.active.forEach((agent, position) => {
      const sent = !report || report.transmitting[position];
      if (sent) state.memories.set(agent, sparsified[position].residual);
      else if (protocol.silentMemory === 'accumulate') state.memories.set(agent, unsent(sparsified[position]));
    });
  }
  state.theta.set(theta);
  state.round++;
  return { kind: 'played', uplink: report };
}

/** Delta_i = theta - theta_i^Q of every active agent: [s][d]. */
function localUpdates(theta: Float32Array, protocol: Protocol, draws: RoundDraws): Float32Array {
  const d = theta.length;
  const agents = draws.active.length;
  const { learner, rule, metaStep, localSteps } = protocol;
  const parameters = new Float32Array(agents * d);
  for (let agent = 0; agent < agents; agent++) parameters.set(theta, agent * d);
  for (let localStep = 0; localStep < localSteps; localStep++) {
    const episodes = Array.from({ length: agents }, (_, position) => draws.episode(position, localStep));
    // In the first step all agents stand at theta, which engines make use of.
    const gradients = learner.metaGradients(localStep === 0 ? theta : parameters, episodes, rule);
    for (let at = 0; at < parameters.length; at++) parameters[at] -= metaStep * gradients[at];
  }
  for (let agent = 0, at = 0; agent < agents; agent++) {
    for (let index = 0; index < d; index++, at++) parameters[at] = theta[index] - parameters[at];
  }
  return parameters;
}

/** m_i + Delta_i, put together again. */
function unsent({ contribution, residual }: Sparsified): Float32Array {
  contribution.indices.forEach((index, at) => (residual[index] = contribution.values[at]));
  return residual;
}

function aggregate(
  sparsified: readonly Sparsified[],
  { uplink }: Protocol,
  draws: RoundDraws,
): { update: Float64Array; report: UplinkReport | null } {
  const contributions = sparsified.map(({ contribution }) => contribution);
  if (uplink.kind === 'ideal') return { update: exactMean(contributions), report: null };
  if (!draws.channel) throw new TypeError('playRound: an over-the-air uplink needs channel draws');
  return aggregateOverTheAir(contributions, uplink.link, draws.channel, uplink.fourier);
}
