/** From a configuration and a seed to a stream of records. */
import type { Uplink } from '@airmeta/channel';
import {
  architectureOf,
  initialParameters,
  parameterTensors,
  type Architecture,
  type Learner,
  type LearnerEngines,
} from '@airmeta/learning';
import { randomStream } from '@airmeta/numerics';
import {
  goesThroughChannel,
  matchedUplink,
  powerWatt,
  type EvaluationRecord,
  type PointSpec,
  type RunWarning,
  type SimulationOutcome,
  type TrainedModel,
  type UplinkSpec,
} from '@airmeta/spec';
import { createTaskEnvironment, taskShape, type LoadedImages } from '@airmeta/tasks';
import { arithmeticOf } from './arithmetic.js';
import { CheckpointError, checkpointBytes, decodeCheckpoint, encodeCheckpoint, type RunState } from './checkpoint.js';
import { advance, playMatchedRound, type Federation } from './advance.js';
import { energyFigures } from './energy-figures.js';
import { evaluate, halvesOf } from './evaluate.js';
import { NotableRounds } from './fine-tuning-curves.js';
import { initialState, type FederationState, type Protocol } from './federation.js';
import { memoryNorm } from './memory-norm.js';
import { metaStepAt } from './meta-step.js';
import { noiseVarianceOf, openUplink } from './open-uplink.js';
import type { RunProbe } from './run-probe.js';
import { channelUses, entriesSent } from './sizes.js';
import type { StageObserver } from './stages.js';
import { UplinkStatistics } from './uplink-statistics.js';

export interface SimulationInputs {
  readonly config: PointSpec;
  /** Seed of the run: an integer in [0, 2^53). */
  readonly seed: number;
  readonly engines: LearnerEngines;
  /** Decoded images, for the families that need them. */
  readonly images?: LoadedImages;
  /**
   * Where to go on from, as a 'round' step gave it, of the same configuration but for `rounds`, and on the same arithmetic. The evaluation
   * of its round is still to come, and is given.
   */
  readonly checkpoint?: Uint8Array;
  readonly observe?: StageObserver;
  readonly probe?: RunProbe;
}

export type SimulationStep =
  | { readonly kind: 'started'; readonly engine: string }
  /**
   * After every round; `checkpoint`, and its size, at no cost, in bytes, but for what is small beside its vectors, are to be called before the
   * next step is asked for.
   */
  | { readonly kind: 'round'; readonly round: number; readonly checkpoint: () => Uint8Array; readonly checkpointSize: () => number }
  | { readonly kind: 'record'; readonly record: EvaluationRecord }
  /** Comes last, of a run that has a record; of a diverged one, it is from before the divergence. */
  | { readonly kind: 'trained'; readonly trained: TrainedModel };

/** d of a configuration. */
export function parameterCountOf(config: PointSpec): number {
  return architectureOf(config.model, taskShape(config.task)).parameterCount;
}

/** What bounds an agent's energy over rounds, and what it keeps. */
function energyAndMemory(uplink: UplinkSpec, d: number): Pick<Protocol, 'averageEnergy' | 'memory' | 'silentMemory'> {
  if (!goesThroughChannel(uplink)) return { memory: false, silentMemory: 'unchanged' };
  return {
    ...(uplink.powerConstraint === 'average' ? { averageEnergy: powerWatt(uplink.power) * channelUses(uplink, d) } : {}),
    memory: uplink.memory,
    silentMemory: uplink.kind === 'digital' ? 'accumulate' : uplink.silentMemory,
  };
}

/** Null where there is nothing to be warned of. */
function warningOf(uplink: UplinkSpec, { round, energySpent }: FederationState): RunWarning | null {
  if (!goesThroughChannel(uplink) || [...energySpent.values()].some((energy) => energy > 0)) return null;
  return { code: 'nobody-sent', message: `no agent sent anything in any of ${round} rounds: the parameters are those of the beginning` };
}

/**
 * Runs one configuration with one seed: an evaluation before the first round, then rounds, with an evaluation every
 * `evaluate.every` of them and after the last. The same inputs give the same bits, whatever runs beside it. Under a gain-matched uplink a
 * shadow of the run is played beside it, never evaluated, under the uplink whose gains are taken over.
 * @returns how it ended; `diverged` is a result, with the last record before it already given
 * @throws DatasetError when the data cannot serve the task
 * @throws CheckpointError when the checkpoint is not of this configuration, or of a longer run
 */
export async function* simulate(inputs: SimulationInputs): AsyncGenerator<SimulationStep, SimulationOutcome> {
  const { config, engines } = inputs;
  const architecture = architectureOf(config.model, taskShape(config.task));
  const learner = (await engines.engineFor(config.engine, architecture)).createLearner(architecture);
  const open = async (spec: UplinkSpec): Promise<SpecifiedUplink> => {
    return { spec, uplink: await openUplink(spec, config.agents, architecture.parameterCount) };
  };
  const matched = matchedUplink(config.uplink);
  const link = await open(config.uplink);
  const shadowLink = matched && (await open(matched));
  try {
    return yield* simulateWith({ architecture, learner, link, shadowLink }, inputs);
  } finally {
    learner.close?.();
    link.uplink.close?.();
    shadowLink?.uplink.close?.();
  }
}

interface SpecifiedUplink {
  readonly spec: UplinkSpec;
  readonly uplink: Uplink;
}

/** What a simulation computes with. */
interface Instruments {
  readonly architecture: Architecture;
  readonly learner: Learner;
  readonly link: SpecifiedUplink;
  /** That of the shadow, where there is one. */
  readonly shadowLink: SpecifiedUplink | null;
}

async function* simulateWith(
  { architecture, learner, link, shadowLink }: Instruments,
  { config, seed, images, checkpoint, observe, probe }: SimulationInputs,
): AsyncGenerator<SimulationStep, SimulationOutcome> {
  const { agents, evaluate: evaluation, meta } = config;
  const tasks = createTaskEnvironment(
    config.task,
    {
      seed,
      agents: agents.count,
      trainAgents: evaluation.trainAgents,
      newAgents: evaluation.newAgents,
      newTasks: evaluation.newTasks,
    },
    images,
  );
  const d = architecture.parameterCount;
  const arithmetic = [link, ...(shadowLink ? [shadowLink] : [])].map(({ uplink }) => uplink.arithmetic).join(' of ');
  yield { kind: 'started', engine: arithmeticOf(`${learner.engine}, link ${arithmetic}`) };
  const workspace = {};
  const spare = { episodes: [] };
  const federationOf = ({ spec, uplink }: SpecifiedUplink, state: FederationState): Federation => ({
    state,
    context: { config: { ...config, uplink: spec }, seed, tasks, parameterCount: d, noiseVariance: noiseVarianceOf(spec), spare },
    protocol: {
      learner,
      rule: { kind: meta.gradient, innerStep: meta.innerStep, innerSteps: meta.innerSteps, delta: meta.delta },
      metaStep: metaStepAt(meta.metaStep, 0, config.rounds),
      localSteps: meta.localSteps,
      entries: entriesSent(spec, d),
      ...energyAndMemory(spec, d),
      uplink,
      workspace,
      ...(observe ? { observe } : {}),
    },
  });
  const resumed = checkpoint && decodeCheckpoint(checkpoint, d);
  if (resumed && resumed.federation.round > config.rounds) {
    throw new CheckpointError(`the checkpoint is of round ${resumed.federation.round}, the run has ${config.rounds}`);
  }
  if (resumed && shadowLink && !resumed.shadow) throw new CheckpointError('the checkpoint has no shadow to take gains from');
  const initial = () => initialState(initialParameters(architecture, randomStream(seed, 'initial-weights')));
  const federation = federationOf(link, resumed?.federation ?? initial());
  const shadow = shadowLink && federationOf(shadowLink, resumed?.shadow ?? initial());
  const { state } = federation;
  const statistics = new UplinkStatistics(resumed?.statistics);
  const notable = new NotableRounds(resumed?.notable);
  const carried = (): RunState => ({
    federation: state,
    ...(shadow ? { shadow: shadow.state } : {}),
    statistics: statistics.totals,
    notable: notable.state,
  });
  const checkpoints = { checkpoint: () => encodeCheckpoint(carried()), checkpointSize: () => checkpointBytes(carried()) };

  const record = (): EvaluationRecord | null => {
    const scores = evaluate(learner, state.theta, tasks.evaluationTasks(), meta.innerStep, evaluation.fineTuneSteps);
    const losses = [scores.train.loss, scores.newAgents.loss, scores.newTasks.loss];
    if (!losses.every(Number.isFinite)) return null;
    const accuracyGap =
      scores.train.accuracy === null || scores.newTasks.accuracy === null ? null : scores.train.accuracy - scores.newTasks.accuracy;
    const halves = halvesOf(scores.newTasks);
    notable.add({ round: state.round, newTasks: scores.newTasks, parameters: state.theta.slice() });
    probe?.evaluated(state.round, state.theta, scores);
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
        newTasksChoiceLoss: halves && halves.choice.loss,
        newTasksChoiceAccuracy: halves && halves.choice.accuracy,
        newTasksJudgeLoss: halves && halves.judge.loss,
        newTasksJudgeAccuracy: halves && halves.judge.accuracy,
        memoryNorm: federation.protocol.memory ? memoryNorm(state.memories.values(), agents.count) : null,
        ...statistics.take(),
        ...energyFigures(config, d, state.round, state.energySpent),
      },
    };
  };

  async function* ended(outcome: SimulationOutcome): AsyncGenerator<SimulationStep, SimulationOutcome> {
    // A run that diverges leaves the parameters of its last record.
    if (notable.last) {
      const { round, parameters } = notable.last;
      const steps = evaluation.fineTuneSteps;
      const fineTuning = notable.curves(steps, (theta, set) =>
        learner.fineTune(theta, tasks.evaluationTasks()[set], meta.innerStep, steps),
      );
      yield { kind: 'trained', trained: { round, parameters, tensors: parameterTensors(architecture), fineTuning } };
    }
    return outcome;
  }

  for (;;) {
    if (state.round % evaluation.every === 0 || state.round === config.rounds) {
      observe?.('evaluate');
      const evaluated = record();
      observe?.(null);
      if (!evaluated) return yield* ended({ kind: 'diverged', round: state.round, reason: 'an evaluated loss is not finite' });
      yield { kind: 'record', record: evaluated };
    }
    if (state.round === config.rounds) {
      const warning = warningOf((shadowLink ?? link).spec, (shadow ?? federation).state);
      return yield* ended({ kind: 'completed', rounds: state.round, ...(warning ? { warning } : {}) });
    }
    observe?.('draw');
    const metaStep = metaStepAt(meta.metaStep, state.round, config.rounds);
    const played = shadow ? playMatchedRound(federation, shadow, metaStep) : advance(federation, metaStep);
    observe?.(null);
    if (played.kind === 'diverged') return yield* ended({ kind: 'diverged', round: state.round + 1, reason: played.reason });
    statistics.add(played.uplink, played.delivered);
    probe?.played(metaStep, played.uplink);
    yield { kind: 'round', round: state.round, ...checkpoints };
  }
}
