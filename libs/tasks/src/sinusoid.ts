import type { RandomStream } from '@airmeta/numerics';

import { RegressionEpisodes, type RegressionFamily, type RegressionTask } from './regression/regression-episodes.js';
import type { Batch, EnvironmentRequest, TaskEnvironment, TaskShape } from './task-environment.js';

/** Regression of sine waves, y = a sin(x + phi), after [finn2017]. */
export interface SinusoidTask extends RegressionTask {
  readonly family: 'sinusoid';
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
const PHASE = { training: [0, Math.PI], unseen: [Math.PI, 2 * Math.PI] } as const;

/** One number in, one number out, mean squared error. */
export function sinusoidShape(): TaskShape {
  return { inputSize: 1, outputSize: 1, loss: 'mean-squared-error' };
}

/**
 * The sine-wave environment: `RegressionEpisodes` of waves, whose phases are in [0, pi) in the training environment and
 * in [pi, 2 pi) outside of it. Departs from [finn2017] in the finite data and in the sign of the phase, which only
 * mirrors the environment.
 */
export function sinusoidEnvironment(task: SinusoidTask, request: EnvironmentRequest): TaskEnvironment {
  return new RegressionEpisodes(WAVES, task, request);
}

const WAVES: RegressionFamily<Wave> = {
  shape: sinusoidShape(),
  drawRule: (stream, from) => {
    const [low, high] = PHASE[from];
    return { amplitude: stream.uniformIn(...AMPLITUDE), phase: stream.uniformIn(low, high) };
  },
  drawPoints,
};

function drawPoints(stream: RandomStream, { amplitude, phase }: Wave, size: number): Batch {
  const x = Float32Array.from({ length: size }, () => stream.uniformIn(-INPUT_LIMIT, INPUT_LIMIT));
  return { size, x, y: x.map((value) => amplitude * Math.sin(value + phase)) };
}
