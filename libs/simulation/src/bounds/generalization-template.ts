/**
 * A generalization bound by mutual information in the manner of [jose2021]: a template, not the theorem of [wen2024].
 */

/** What limits how much theta can know of the agents' data. */
export interface ReceivedInformation {
  /** M: channel uses of a round. */
  readonly channelUses: number;
  /** P: mean power of an agent over the rounds in which it sends, at most [watt]. */
  readonly powerWatt: number;
  /** N0 [watt per complex channel use]; 0 without noise. */
  readonly noiseVariance: number;
  /** E[(sum over the agents of a round that send of |h_i|)^2]. */
  readonly squaredGainSum: number;
}

/**
 * I(theta_T; D_{1:n}) <= T M log(1 + P E[(sum |h_i|)^2] / N0) [nat]: theta_T is a function of what was received, and given the data and what
 * was sent only the noise is random. Without compression only real parts are received; they tell no more, so the bound holds there too. It holds
 * for a digital uplink, whose shares of M uses carry sum_i (M/s) log(1 + s P |h_i|^2 / N0) at most: that is no more than
 * M log(1 + P sum |h_i|^2 / N0).
 *
 * Under a power constraint on average, what an agent does not spend while it is not active, or silent, it spends later: it sends in a share p s/n of
 * all rounds, p the probability that its gain lets it, so that P is n / (p s) times the power it has on average. The bound holds because the
 * logarithm is concave, and
 *
 *     phase-only            E (sum |h_i| sqrt(q_i))^2 <= E|h|^2 sum E q_i + (E|h|)^2 sum_{i != j} E (q_i + q_j) / 2
 *     truncated inversion   (sum |h_i| sqrt(q_i))^2 <= s sum |h_i|^2 q_i, and E |h_i|^2 q_i <= E|h|^2 E q_i
 *
 * with the power q_i that an agent spends: it does not depend on the gains under phase-only, and does not grow with its own under truncated inversion.
 * Gains that are correlated over rounds are taken as if they were not.
 * @returns Infinity without noise, where what was received tells everything that was sent
 */
export function receivedInformation(
  { channelUses, powerWatt, noiseVariance, squaredGainSum }: ReceivedInformation,
  rounds: number,
): number {
  if (rounds === 0) return 0;
  if (noiseVariance === 0) return Infinity;
  return rounds * channelUses * Math.log1p((powerWatt * squaredGainSum) / noiseVariance);
}

/**
 * |gap| <= sqrt(2 sigma^2 I / n), for new agents of the same environment.
 * @param lossProxy sigma: the loss of an agent is sigma-sub-Gaussian
 * @param informationNats I
 * @param agents n
 */
export function gapBound(lossProxy: number, informationNats: number, agents: number): number {
  return lossProxy === 0 ? 0 : lossProxy * Math.sqrt((2 * informationNats) / agents);
}
