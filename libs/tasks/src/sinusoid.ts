import { randomStream, type RandomStream, type StreamAddress } from '@airmeta/numerics';

import { evaluationStream } from './evaluation-streams.js';
import type { Batch, EnvironmentRequest, Episode, EvaluationTasks, TaskEnvironment, TaskShape } from './task-environment.js';
import { evaluatedTasks, taskOfRound } from './training-tasks.js';

/** Regression of sine waves, y = a sin(x + phi), after [finn2017]. */
export interface SinusoidTask {
  readonly family: 'sinusoid';
  /** Support points. */
  readonly shots: number;
  /** Query points. */
  readonly queries: number;
  /** Sine waves an agent owns; 0: a fresh one every round. */
  readonly trainTasksPerAgent: number;
  /** Training points a wave has in all, drawn once. */
  readonly samplesPerTask: number;
}

/** One task: amplitude a and phase phi in radians. */
interface Wave {
  readonly amplitude: number;
  readonly phase: number;
}

/** x is uniform on [-5, 5), the amplitude on [0.1, 5), as in [finn2017]. */
const INPUT_LIMIT = 5;
const AMPLITUDE = [0.1, 5] as const;

/** Phases of the training environment, and those outside of it: a sine with phase phi + pi is the same wave upside down. */
const TRAINING_PHASE = [0, Math.PI] as const;
const UNSEEN_PHASE = [Math.PI, 2 * Math.PI] as const;

/** One number in, one number out, mean squared error. */
export function sinusoidShape(): TaskShape {
  return { inputSize: 1, outputSize: 1, loss: 'mean-squared-error' };
}

/**
 * The sine-wave environment.
 *
 * - Training: every wave has `samplesPerTask` points, drawn once; an episode draws support (`shots`), query (`queries`)
 *   and Hessian batch (`shots`) of them without replacement.
 * - Evaluation `train`: support from the training points, queries drawn anew. `newAgents`: fresh waves with phases of
 *   the training environment. `newTasks`: fresh waves with phases in [pi, 2 pi).
 *
 * Departs from [finn2017] in the finite data and in the sign of the phase, which only mirrors the environment.
 *
 * @throws RangeError from `trainingEpisode` when samplesPerTask is less than its batches need together
 */
export function sinusoidEnvironment(task: SinusoidTask, request: EnvironmentRequest): TaskEnvironment {
  return new SinusoidEnvironment(task, request);
}

class SinusoidEnvironment implements TaskEnvironment {
  readonly shape = sinusoidShape();
  private evaluation: EvaluationTasks | undefined;

  constructor(
    private readonly task: SinusoidTask,
    private readonly request: EnvironmentRequest,
  ) {}

  trainingEpisode(agent: number, round: number, localStep: number, withHessianBatch: boolean): Episode {
    const { seed } = this.request;
    const { shots, queries, trainTasksPerAgent } = this.task;
    const points = this.trainingPoints(taskOfRound(seed, trainTasksPerAgent, agent, round));
    const stream = randomStream(seed, 'batches', { round, agent, step: localStep });
    // A partial shuffle: its beginning, support and query, is the same with and without a Hessian batch.
    const order = stream.sample(points.size, shots + queries + (withHessianBatch ? shots : 0));
    const episode = {
      support: choosePoints(points, order.subarray(0, shots)),
      query: choosePoints(points, order.subarray(shots, shots + queries)),
    };
    return withHessianBatch ? { ...episode, hessian: choosePoints(points, order.subarray(shots + queries)) } : episode;
  }

  evaluationTasks(): EvaluationTasks {
    this.evaluation ??= {
      train: Array.from({ length: this.request.agents }, (_, agent) => this.trainTasksOf(agent)).flat(),
      newAgents: this.freshTasks('newAgents', this.request.newAgents, TRAINING_PHASE),
      newTasks: this.freshTasks('newTasks', this.request.newTasks, UNSEEN_PHASE),
    };
    return this.evaluation;
  }

  private trainTasksOf(agent: number): Episode[] {
    return evaluatedTasks(this.task.trainTasksPerAgent, agent).map((address, index) => {
      const stream = evaluationStream(this.request.seed, 'train', agent, index);
      const points = this.trainingPoints(address);
      const support = choosePoints(points, stream.sample(points.size, this.task.shots));
      return { support, query: drawPoints(stream, this.trainingWave(address), this.task.queries) };
    });
  }

  private freshTasks(set: 'newAgents' | 'newTasks', count: number, phase: readonly [number, number]): Episode[] {
    return Array.from({ length: count }, (_, index) => {
      const stream = evaluationStream(this.request.seed, set, index);
      const wave = drawWave(stream, phase);
      return {
        support: drawPoints(stream, wave, this.task.shots),
        query: drawPoints(stream, wave, this.task.queries),
      };
    });
  }

  private trainingWave(address: StreamAddress): Wave {
    return drawWave(randomStream(this.request.seed, 'tasks', address), TRAINING_PHASE);
  }

  private trainingPoints(address: StreamAddress): Batch {
    const stream = randomStream(this.request.seed, 'data', address);
    return drawPoints(stream, this.trainingWave(address), this.task.samplesPerTask);
  }
}

function drawWave(stream: RandomStream, phase: readonly [number, number]): Wave {
  return { amplitude: stream.uniformIn(...AMPLITUDE), phase: stream.uniformIn(...phase) };
}

function drawPoints(stream: RandomStream, { amplitude, phase }: Wave, size: number): Batch {
  const x = Float32Array.from({ length: size }, () => stream.uniformIn(-INPUT_LIMIT, INPUT_LIMIT));
  return { size, x, y: x.map((value) => amplitude * Math.sin(value + phase)) };
}

function choosePoints({ x, y }: Batch, indices: Int32Array): Batch {
  return {
    size: indices.length,
    x: Float32Array.from(indices, (index) => x[index]),
    y: Float32Array.from(indices, (index) => y[index]),
  };
}
