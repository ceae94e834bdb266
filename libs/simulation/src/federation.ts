/** The state of a federation between rounds, and the settings one round needs. */
import type { Uplink } from '@airmeta/channel';
import type { Learner, MetaGradientRule } from '@airmeta/learning';
import type { StageObserver } from './stages.js';

/** Everything that is carried from round to round. */
export interface FederationState {
  /** Rounds played. */
  round: number;
  /** theta [d]. */
  readonly theta: Float32Array;
  /** m_i [d] of the agents that keep something; absent means zeros. */
  readonly memories: Map<number, Float32Array>;
}

/** Arrays that are used again from round to round, so that a round does not wait for fresh memory. */
export interface RoundWorkspace {
  /** [s][d]. */
  gradients?: Float32Array;
  /** [d]. */
  theta?: Float32Array;
}

/** The constants of the protocol. */
export interface Protocol {
  readonly learner: Learner;
  readonly rule: MetaGradientRule;
  /** eta. */
  readonly metaStep: number;
  /** Q. */
  readonly localSteps: number;
  /** k: entries an agent sends. */
  readonly entries: number;
  /** How updates reach the server. */
  readonly uplink: Uplink;
  /** Whether what is not sent is kept for the agent's next turn. */
  readonly memory: boolean;
  /** What becomes of the Delta_i of an agent that was active but silent: lost, or added to its memory. */
  readonly silentMemory: 'unchanged' | 'accumulate';
  readonly workspace?: RoundWorkspace;
  readonly observe?: StageObserver;
}
