import { randomStream, type RandomStream, type StreamAddress } from '@airmeta/numerics';

import { evaluatedAgents, evaluationStream } from '../evaluation-streams.js';
import type { Batch, EnvironmentRequest, Episode, EvaluationTasks, TaskEnvironment, TaskShape } from '../task-environment.js';
import { evaluatedTasks, taskOfRound } from '../training-tasks.js';

/** What every regression family lets the user choose. */
export interface RegressionTask {
  /** Support points. */
  readonly shots: number;
  /** Query points. */
  readonly queries: number;
  /** Query points of an evaluation task; null: as many as `queries`. */
  readonly evaluationQueries: number | null;
  /** Tasks an agent owns; 0: a fresh one every round. */
  readonly trainTasksPerAgent: number;
  /** Training points a task has in all, drawn once; null: new points in every step. */
  readonly samplesPerTask: number | null;
}

/** A family of regression tasks: what a task is, and how its points are drawn. */
export interface RegressionFamily<Rule> {
  readonly shape: TaskShape;
  /** What tells one task from another: a wave, a weight vector. */
  drawRule(stream: RandomStream, from: 'training' | 'unseen'): Rule;
  drawPoints(stream: RandomStream, rule: Rule, size: number): Batch;
}

/** Numbers that are kept in pools rather than drawn again: 64 MB. */
const MAX_KEPT_NUMBERS = 2 ** 24;

/**
 * The task environment of any regression family.
 *
 * - Training: a task has `samplesPerTask` points, drawn once; an episode draws support (`shots`), query (`queries`) and
 *   Hessian batch (`shots`) of them without replacement. With `samplesPerTask: null` every episode has points of its own.
 * - Evaluation `train`: support from the training points, queries drawn anew. `newAgents`: fresh tasks of the training
 *   environment. `newTasks`: fresh tasks from outside of it.
 *
 * @throws RangeError from `trainingEpisode` when samplesPerTask is less than its batches need together
 */
export class RegressionEpisodes<Rule> implements TaskEnvironment {
  readonly shape: TaskShape;
  private readonly pools = new Map<string, Batch>();
  private readonly keepsPools: boolean;
  private evaluation: EvaluationTasks | undefined;

  constructor(
    private readonly family: RegressionFamily<Rule>,
    private readonly task: RegressionTask,
    private readonly request: EnvironmentRequest,
  ) {
    this.shape = family.shape;
    const pools = request.agents * task.trainTasksPerAgent;
    this.keepsPools = pools > 0 && pools * (task.samplesPerTask ?? 0) * (this.shape.inputSize + 1) <= MAX_KEPT_NUMBERS;
  }

  trainingEpisode(agent: number, round: number, localStep: number, withHessianBatch: boolean): Episode {
    const { seed } = this.request;
    const { shots, queries, samplesPerTask, trainTasksPerAgent } = this.task;
    const address = taskOfRound(seed, trainTasksPerAgent, agent, round);
    const stream = randomStream(seed, 'batches', { round, agent, step: localStep });
    const count = shots + queries + (withHessianBatch ? shots : 0);
    // Either way the beginning, support and query, is the same with and without a Hessian batch.
    const points =
      samplesPerTask === null
        ? this.family.drawPoints(stream, this.ruleAt(address), count)
        : choosePoints(this.poolAt(address, samplesPerTask), stream.sample(samplesPerTask, count));
    const episode = { support: slicePoints(points, 0, shots), query: slicePoints(points, shots, shots + queries) };
    return withHessianBatch ? { ...episode, hessian: slicePoints(points, shots + queries, count) } : episode;
  }

  evaluationTasks(): EvaluationTasks {
    this.evaluation ??= {
      train: Array.from(evaluatedAgents(this.request), (agent) => this.trainTasksOf(agent)).flat(),
      newAgents: this.freshTasks('newAgents', this.request.newAgents, 'training'),
      newTasks: this.freshTasks('newTasks', this.request.newTasks, 'unseen'),
    };
    return this.evaluation;
  }

  /** The task at an address of the stream `tasks`. */
  ruleAt(address: StreamAddress): Rule {
    return this.family.drawRule(randomStream(this.request.seed, 'tasks', address), 'training');
  }

  /** The training points of the task at an address. */
  poolAt(address: StreamAddress, size: number): Batch {
    const key = `${address.agent} ${address.step}`;
    const known = this.keepsPools ? this.pools.get(key) : undefined;
    if (known) return known;
    const pool = this.family.drawPoints(randomStream(this.request.seed, 'data', address), this.ruleAt(address), size);
    if (this.keepsPools) this.pools.set(key, pool);
    return pool;
  }

  private trainTasksOf(agent: number): Episode[] {
    const { shots, samplesPerTask, trainTasksPerAgent } = this.task;
    return evaluatedTasks(trainTasksPerAgent, agent).map((address, index) => {
      const stream = evaluationStream(this.request.seed, 'train', agent, index);
      const rule = this.ruleAt(address);
      const support =
        samplesPerTask === null
          ? this.family.drawPoints(stream, rule, shots)
          : choosePoints(this.poolAt(address, samplesPerTask), stream.sample(samplesPerTask, shots));
      return { support, query: this.evaluationQuery(stream, rule) };
    });
  }

  private freshTasks(set: 'newAgents' | 'newTasks', count: number, from: 'training' | 'unseen'): Episode[] {
    return Array.from({ length: count }, (_, index) => {
      const stream = evaluationStream(this.request.seed, set, index);
      const rule = this.family.drawRule(stream, from);
      return {
        support: this.family.drawPoints(stream, rule, this.task.shots),
        query: this.evaluationQuery(stream, rule),
      };
    });
  }

  private evaluationQuery(stream: RandomStream, rule: Rule): Batch {
    return this.family.drawPoints(stream, rule, this.task.evaluationQueries ?? this.task.queries);
  }
}

function choosePoints({ size, x, y }: Batch, indices: Int32Array): Batch {
  const width = x.length / size;
  const count = indices.length;
  const chosen = { size: count, x: new Float32Array(count * width), y: new Float32Array(count) };
  for (let row = 0; row < count; row++) {
    const from = indices[row] * width;
    for (let column = 0; column < width; column++) chosen.x[row * width + column] = x[from + column];
    chosen.y[row] = y[indices[row]];
  }
  return chosen;
}

function slicePoints({ size, x, y }: Batch, start: number, end: number): Batch {
  const width = x.length / size;
  return { size: end - start, x: x.slice(start * width, end * width), y: y.slice(start, end) };
}
