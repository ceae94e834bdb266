/** The state of a federation between rounds, and the settings one round needs. */
import type { Scattered, Uplink } from '@airmeta/channel';
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
  /** The scattered part of the gains of agents that were active; empty unless rounds are correlated. */
  readonly scattered: Map<number, Scattered>;
  /** Energy that agents have spent so far [watt x channel uses]; absent means nothing. */
  readonly energySpent: Map<number, number>;
}

/** Before the first round. @param theta [d] */
export function initialState(theta: Float32Array): FederationState {
  return { round: 0, theta, memories: new Map(), scattered: new Map(), energySpent: new Map() };
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
  /**
   * E: the energy of an agent is at most E (t + 1) in all rounds up to any round t [watt x channel uses]; when absent, the uplink holds it
   * to P M in each.
   */
  readonly averageEnergy?: number;
  /** Whether what is not sent is kept for the agent's next turn. */
  readonly memory: boolean;
  /** What becomes of the Delta_i of an agent that was active but silent: lost, or added to its memory. */
  readonly silentMemory: 'unchanged' | 'accumulate';
  readonly workspace?: RoundWorkspace;
  readonly observe?: StageObserver;
}
