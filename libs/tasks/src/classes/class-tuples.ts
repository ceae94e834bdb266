import { randomStream, type RandomStream, type StreamAddress } from '@airmeta/numerics';

import { poolAddress } from '../training-tasks.js';
import { byGroup } from './class-universe.js';
import { logDirichlet } from './dirichlet.js';
import { sampleByWeight } from './sample-by-weight.js';

/** How agents' classes are chosen. */
interface TupleRule {
  /** Size of a tuple. */
  readonly ways: number;
  /** Size of a pool; null: every agent's pool is all classes of its groups. */
  readonly classesPerAgent: number | null;
  /** Groups a pool is drawn from; null: all of them. */
  readonly alphabetsPerAgent: number | null;
  /** Concentration of the law of an agent's class probabilities; null: uniform. */
  readonly dirichlet: number | null;
}

/** The classes of an agent. */
interface Pool<Class> {
  readonly classes: readonly Class[];
  /** Logarithms of the class probabilities, up to a common constant; null: uniform. */
  readonly logWeights: Float64Array | null;
}

/**
 * Draws the classes of tasks: an agent's pool of classes, and from a pool the ordered tuple of `ways` distinct classes
 * that is a task. Training agents are keyed by their number; a new agent follows the same rule on a stream of its own.
 *
 * A pool is drawn in three steps, each only where it is asked for: groups, classes of these groups, class probabilities.
 */
export class ClassTuples<Class extends { readonly group: string }> {
  private readonly poolsOfAgents = new Map<number, Pool<Class>>();
  private readonly groups: readonly (readonly Class[])[];

  /**
   * @param seed the run's seed
   * @param classes the training classes
   */
  constructor(
    private readonly seed: number,
    private readonly classes: readonly Class[],
    private readonly rule: TupleRule,
  ) {
    this.groups = byGroup(classes);
  }

  /** The task of training agent `agent` at `address` of the stream `tasks`. */
  ofAgent(agent: number, address: StreamAddress): Class[] {
    return this.ofPool(this.poolOf(agent), randomStream(this.seed, 'tasks', address));
  }

  /** A task of a new agent: first its pool, then a tuple of it. */
  ofNewAgent(stream: RandomStream): Class[] {
    return this.ofPool(this.drawPool(stream), stream);
  }

  /** A tuple of any classes, all equally likely. */
  from<Any>(pool: readonly Any[], stream: RandomStream): Any[] {
    return pick(stream, pool, this.rule.ways);
  }

  private ofPool({ classes, logWeights }: Pool<Class>, stream: RandomStream): Class[] {
    if (!logWeights) return this.from(classes, stream);
    return Array.from(sampleByWeight(stream, logWeights, this.rule.ways), (index) => classes[index]);
  }

  /** Kept once drawn: every episode of the agent starts from its pool. */
  private poolOf(agent: number): Pool<Class> {
    const known = this.poolsOfAgents.get(agent);
    if (known) return known;
    const pool = this.drawPool(randomStream(this.seed, 'tasks', poolAddress(agent)));
    this.poolsOfAgents.set(agent, pool);
    return pool;
  }

  private drawPool(stream: RandomStream): Pool<Class> {
    const { classesPerAgent, alphabetsPerAgent, dirichlet } = this.rule;
    const eligible = alphabetsPerAgent === null ? this.classes : pick(stream, this.groups, alphabetsPerAgent).flat();
    const classes = classesPerAgent === null ? eligible : pick(stream, eligible, classesPerAgent);
    return { classes, logWeights: dirichlet === null ? null : logDirichlet(stream, dirichlet, classes.length) };
  }
}

/** `count` distinct items in random order. */
function pick<Item>(stream: RandomStream, items: readonly Item[], count: number): Item[] {
  return Array.from(stream.sample(items.length, count), (index) => items[index]);
}
