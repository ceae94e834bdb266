/** What a power control says of one agent, and of all that sent: a power control is a module of such a law and a line in power-control.ts. */

/** What a precoder p does to the gain h of an agent that sends, without phase errors. */
export interface PrecodedGain {
  /** h p, real and positive. */
  readonly weight: number;
  /** |p|^2: what precoding does to the agent's transmit energy. */
  readonly energy: number;
}

/** What a receiver knows of those who sent. */
export interface Senders {
  /** s: active agents. */
  readonly agents: number;
  /** Those of them that sent. */
  readonly transmitters: number;
  /** mu_h = E|h|. */
  readonly meanGain: number;
}

/** @typeParam Options what the control depends on, beside its name */
export interface PowerControlLaw<Options extends object> {
  /** @param magnitude |h| @returns null when the agent stays silent */
  precode(magnitude: number, options: Options): PrecodedGain | null;
  /** What the receiver divides the decoded sum by to have the mean of what was sent, without phase errors. */
  receiverGain(senders: Senders): number;
}
