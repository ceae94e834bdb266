/** From a configuration and a seed to a stream of records. */
import { architectureOf, initialParameters, type LearnerEngines } from '@airmeta/learning';
import { createExactFourier, createFastFourier, randomStream, squaredNorm, type RealFourier } from '@airmeta/numerics';
import { powerWatt, snrDb, type EvaluationRecord, type PointSpec, type SimulationOutcome } from '@airmeta/spec';
import { createTaskEnvironment, taskShape, type LoadedImages } from '@airmeta/tasks';
import { drawRound } from './draws.js';
import { evaluate } from './evaluate.js';
import type { FederationState, Protocol } from './federation.js';
import { playRound } from './round.js';
import { entriesSent } from './sizes.js';
import { UplinkStatistics } from './uplink-statistics.js';

export interface SimulationInputs {
  readonly config: PointSpec;
  /** Seed of the run: an integer in [0, 2^53). */
  readonly seed: number;
  readonly engines: LearnerEngines;
  /** Decoded images, for the families that need them. */
  readonly images?: LoadedImages;
}

export type SimulationStep =
  | { readonly kind: 'started'; readonly engine: string }
  | { readonly kind: 'round'; readonly round: number }
  | { readonly kind: 'record'; readonly record: EvaluationRecord };

/** d of a configuration. */
export function parameterCountOf(config: PointSpec): number {
  return architectureOf(config.model, taskShape(config.task)).parameterCount;
}

/** N0 = P / 10^(snr/10) [watt per complex channel use]; 0 when noiseless or ideal. */
function noiseVarianceOf(uplink: PointSpec['uplink']): number {
  if (uplink.kind === 'ideal') return 0;
  const snr = snrDb(uplink.snr);
  return snr === null ? 0 : powerWatt(uplink.power) / 10 ** (snr / 10);
}

async function openFourier(uplink: PointSpec['uplink'], d: number): Promise<(RealFourier & { dispose?: () => void }) | null> {
  if (uplink.kind === 'ideal') return null;
  return uplink.transform === 'exact' ? createExactFourier(d) : createFastFourier(d);
}

function uplinkOf(spec: PointSpec['uplink'], noiseVariance: number, fourier: RealFourier | null): Protocol['uplink'] {
  if (spec.kind === 'ideal' || !fourier) return { kind: 'ideal' };
  return {
    kind: 'over-the-air',
    fourier,
    link: {
      powerControl:
        spec.powerControl === 'phase-only' ? { kind: 'phase-only' } : { kind: 'truncated-inversion', threshold: spec.truncationThreshold },
      powerWatt: powerWatt(spec.power),
      noiseVariance,
      meanGain: spec.fading.meanGain,
      decoder: spec.decoder,
    },
  };
}

/**
 * Runs one configuration with one seed: an evaluation before the first round, then rounds, with an evaluation every
 * `evaluate.every` of them and after the last. The same inputs give the same bits, whatever runs beside it.
 * @returns how it ended; `diverged` is a result, with the last record before it already given
 * @throws DatasetError when the data cannot serve the task
 */
export async function* simulate({ config, seed, engines, images }: SimulationInputs): AsyncGenerator<SimulationStep, SimulationOutcome> {
  const { agents, evaluate: evaluation, meta, uplink } = config;
  const tasks = createTaskEnvironment(
    config.task,
    { seed, agents: agents.count, newAgents: evaluation.newAgents, newTasks: evaluation.newTasks },
    images,
  );
  const architecture = architectureOf(config.model, tasks.shape);
  const learner = (await engines.engineFor(config.engine, architecture)).createLearner(architecture);
  yield { kind: 'started', engine: learner.engine };
  const d = architecture.parameterCount;
  const noiseVariance = noiseVarianceOf(uplink);
  const fourier = await openFourier(uplink, d);
  const protocol: Protocol = {
    learner,
    rule: { kind: meta.gradient, innerStep: meta.innerStep, delta: meta.delta },
    metaStep: meta.metaStep,
    localSteps: meta.localSteps,
    entries: entriesSent(uplink, d),
    memory: uplink.kind === 'over-the-air' && uplink.memory,
    silentMemory: uplink.kind === 'over-the-air' ? uplink.silentMemory : 'unchanged',
    uplink: uplinkOf(uplink, noiseVariance, fourier),
  };
  const state: FederationState = {
    round: 0,
    theta: initialParameters(architecture, randomStream(seed, 'initial-weights')),
    memories: new Map(),
  };
  const statistics = new UplinkStatistics();

  const record = (): EvaluationRecord | null => {
    const scores = evaluate(learner, state.theta, tasks.evaluationTasks(), meta.innerStep, evaluation.fineTuneSteps);
    const losses = [scores.train.loss, scores.newAgents.loss, scores.newTasks.loss];
    if (!losses.every(Number.isFinite)) return null;
    const accuracyGap =
      scores.train.accuracy === null || scores.newTasks.accuracy === null ? null : scores.train.accuracy - scores.newTasks.accuracy;
    let memoryEnergy = 0;
    for (const memory of state.memories.values()) memoryEnergy += squaredNorm(memory);
    return {
      round: state.round,
      metrics: {
        trainLoss: scores.train.loss,
        trainAccuracy: scores.train.accuracy,
        newAgentsLoss: scores.newAgents.loss,
        newAgentsAccuracy: scores.newAgents.accuracy,
        newTasksLoss: scores.newTasks.loss,
        newTasksAccuracy: scores.newTasks.accuracy,
        gapLoss: scores.newTasks.loss - scores.train.loss,
        gapAccuracy: accuracyGap,
        memoryNorm: protocol.memory ? Math.sqrt(memoryEnergy / agents.count) : null,
        ...statistics.take(),
      },
    };
  };

  try {
    for (;;) {
      if (state.round % evaluation.every === 0 || state.round === config.rounds) {
        const evaluated = record();
        if (!evaluated) return { kind: 'diverged', round: state.round, reason: 'an evaluated loss is not finite' };
        yield { kind: 'record', record: evaluated };
      }
      if (state.round === config.rounds) return { kind: 'completed', rounds: state.round };
      const played = playRound(state, protocol, drawRound({ config, seed, tasks, parameterCount: d, fourier, noiseVariance }, state.round));
      if (played.kind === 'diverged') return { kind: 'diverged', round: state.round + 1, reason: played.reason };
      statistics.add(played.uplink);
      yield { kind: 'round', round: state.round };
    }
  } finally {
    fourier?.dispose?.();
  }
}
