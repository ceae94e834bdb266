import { randomStream, type RandomStream, type StreamAddress } from '@airmeta/numerics';

import { poolAddress } from '../training-tasks.js';

/**
 * Draws the classes of tasks: an agent's pool of classes, and from a pool the ordered tuple of `ways` distinct classes
 * that is a task. Training agents are keyed by their number; a new agent follows the same rule on a stream of its own.
 */
export class ClassTuples<Class> {
  private readonly poolsOfAgents = new Map<number, readonly Class[]>();

  /**
   * @param seed the run's seed
   * @param classes the training classes
   * @param classesPerAgent size of a pool; null: every agent's pool is all classes
   * @param ways size of a tuple
   */
  constructor(
    private readonly seed: number,
    private readonly classes: readonly Class[],
    private readonly classesPerAgent: number | null,
    private readonly ways: number,
  ) {}

  /** The task of training agent `agent` at `address` of the stream `tasks`. */
  ofAgent(agent: number, address: StreamAddress): Class[] {
    return this.from(this.poolOf(agent), randomStream(this.seed, 'tasks', address));
  }

  /** A task of a new agent: first its pool, then a tuple of it. */
  ofNewAgent(stream: RandomStream): Class[] {
    return this.from(this.drawPool(stream), stream);
  }

  /** A tuple of any classes. */
  from<Any>(pool: readonly Any[], stream: RandomStream): Any[] {
    return pick(stream, pool, this.ways);
  }

  /** Kept once drawn: every episode of the agent starts from its pool. */
  private poolOf(agent: number): readonly Class[] {
    const known = this.poolsOfAgents.get(agent);
    if (known) return known;
    const pool = this.drawPool(randomStream(this.seed, 'tasks', poolAddress(agent)));
    this.poolsOfAgents.set(agent, pool);
    return pool;
  }

  private drawPool(stream: RandomStream): readonly Class[] {
    return this.classesPerAgent === null ? this.classes : pick(stream, this.classes, this.classesPerAgent);
  }
}

/** `count` distinct items in random order. */
function pick<Item>(stream: RandomStream, items: readonly Item[], count: number): Item[] {
  return Array.from(stream.sample(items.length, count), (index) => items[index]);
}
