import { randomStream, type RandomStream } from '@airmeta/numerics';

import { evaluatedAgents, evaluationStream } from '../evaluation-streams.js';
import type { Batch, EnvironmentRequest, Episode, EvaluationTasks, TaskEnvironment, TaskShape } from '../task-environment.js';
import { evaluatedTasks, taskOfRound } from '../training-tasks.js';
import { checkRequirements, requireSamples } from './class-requirements.js';
import type { ClassTask } from './class-task.js';
import { ClassTuples } from './class-tuples.js';
import type { ClassUniverse } from './class-universe.js';
import { classBatch, type SampleClass } from './sample-class.js';
import { ownedSamples, splitClass, type SplitClass } from './split-class.js';

/** The samples of one episode: per class of the tuple, sample indices. */
interface Choice {
  readonly support: Int32Array[];
  readonly query: Int32Array[];
}

/**
 * The task environment of any family that is a universe of classes with samples.
 *
 * A task is an ordered tuple of `ways` distinct classes of an agent's pool; labels are positions in the tuple; batches
 * list samples class by class. Where samples come from:
 * - training episodes: support, query and Hessian batch disjoint, all from the agent's own training samples;
 * - evaluation `train`: support from the same, min(queries, heldOut) queries per class from held-out ones;
 * - evaluation `newAgents`: a new agent draws a pool and then one task by the rule of the training agents; support and
 *   up to `queries` queries disjoint from the held-out samples if heldOut > shots, otherwise as in `train`;
 * - evaluation `newTasks`: tuples of unseen classes, support and `queries` queries disjoint from all samples.
 *
 * @throws DatasetError when the universe is too small for the task
 */
export function classEpisodes(shape: TaskShape, task: ClassTask, universe: ClassUniverse, request: EnvironmentRequest): TaskEnvironment {
  checkRequirements(task, universe);
  return new ClassEpisodes(shape, task, universe, request);
}

class ClassEpisodes implements TaskEnvironment {
  private readonly tuples: ClassTuples<SplitClass>;
  private evaluation: EvaluationTasks | undefined;

  constructor(
    readonly shape: TaskShape,
    private readonly task: ClassTask,
    private readonly universe: ClassUniverse,
    private readonly request: EnvironmentRequest,
  ) {
    const training = universe.training.map((each) => splitClass(request.seed, each, task.heldOut));
    this.tuples = new ClassTuples(request.seed, training, task);
  }

  trainingEpisode(agent: number, round: number, localStep: number, withHessianBatch: boolean, spare?: Episode): Episode {
    const { seed } = this.request;
    const { shots, queries, heldOut, trainTasksPerAgent } = this.task;
    const classes = this.tuples.ofAgent(agent, taskOfRound(seed, trainTasksPerAgent, agent, round));
    if (withHessianBatch) {
      const parts = { shots, queries, 'Hessian batch (shots)': shots, heldOut };
      for (const each of classes) requireSamples(this.universe.name, each, parts);
    }
    const stream = randomStream(seed, 'batches', { round, agent, step: localStep });
    // Always drawn as if for a Hessian batch, so that asking for one changes neither support nor query.
    const drawn = classes.map((each) => take(stream, this.ownedBy(agent, each), 2 * shots + queries));
    const batch = (start: number, end: number, spareBatch?: Batch) =>
      classBatch(
        classes,
        drawn.map((indices) => indices.subarray(start, end)),
        this.shape.inputSize,
        spareBatch,
      );
    const episode = { support: batch(0, shots, spare?.support), query: batch(shots, shots + queries, spare?.query) };
    return withHessianBatch ? { ...episode, hessian: batch(shots + queries, 2 * shots + queries, spare?.hessian) } : episode;
  }

  evaluationTasks(): EvaluationTasks {
    this.evaluation ??= {
      train: Array.from(evaluatedAgents(this.request), (agent) => this.trainTasksOf(agent)).flat(),
      newAgents: Array.from({ length: this.request.newAgents }, (_, index) => this.newAgentTask(index)),
      newTasks: Array.from({ length: this.request.newTasks }, (_, index) => this.newTask(index)),
    };
    return this.evaluation;
  }

  private trainTasksOf(agent: number): Episode[] {
    return evaluatedTasks(this.task.trainTasksPerAgent, agent).map((address, index) => {
      const classes = this.tuples.ofAgent(agent, address);
      const stream = evaluationStream(this.request.seed, 'train', agent, index);
      const owned = classes.map((each) => this.ownedBy(agent, each));
      return this.episode(classes, this.trainedSupportHeldOutQuery(stream, classes, owned));
    });
  }

  /** The training samples that are the agent's own. */
  private ownedBy(agent: number, sampleClass: SplitClass): Int32Array {
    const { samplesPerClass } = this.task;
    return samplesPerClass === null ? sampleClass.training : ownedSamples(this.request.seed, agent, sampleClass, samplesPerClass);
  }

  private newAgentTask(index: number): Episode {
    const stream = evaluationStream(this.request.seed, 'newAgents', index);
    const classes = this.tuples.ofNewAgent(stream);
    const choice =
      this.task.heldOut > this.task.shots
        ? this.supportThenQuery(
            stream,
            classes.map((each) => each.heldOut),
          )
        : this.trainedSupportHeldOutQuery(
            stream,
            classes,
            classes.map(({ training }) => training),
          );
    return this.episode(classes, choice);
  }

  private newTask(index: number): Episode {
    const stream = evaluationStream(this.request.seed, 'newTasks', index);
    const classes = this.tuples.from(this.universe.unseen, stream);
    const all = classes.map(({ count }) => Int32Array.from({ length: count }, (_, sample) => sample));
    return this.episode(classes, this.supportThenQuery(stream, all));
  }

  private trainedSupportHeldOutQuery(stream: RandomStream, classes: readonly SplitClass[], trained: readonly Int32Array[]): Choice {
    return {
      support: trained.map((samples) => take(stream, samples, this.task.shots)),
      query: classes.map(({ heldOut }) => take(stream, heldOut, this.task.queries)),
    };
  }

  /** Disjoint support and query from the same samples, the query as large as asked or as possible. */
  private supportThenQuery(stream: RandomStream, samples: readonly Int32Array[]): Choice {
    const { shots, queries } = this.task;
    const drawn = samples.map((each) => take(stream, each, shots + queries));
    return {
      support: drawn.map((each) => each.subarray(0, shots)),
      query: drawn.map((each) => each.subarray(shots)),
    };
  }

  private episode(classes: readonly SampleClass[], { support, query }: Choice): Episode {
    const { inputSize } = this.shape;
    return { support: classBatch(classes, support, inputSize), query: classBatch(classes, query, inputSize) };
  }
}

/** Up to `count` distinct indices in random order. */
function take(stream: RandomStream, indices: Int32Array, count: number): Int32Array {
  return stream.sample(indices.length, Math.min(count, indices.length)).map((position) => indices[position]);
}
