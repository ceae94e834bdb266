/** All randomness of a run's rounds, from named streams keyed by (seed, stream, round, agent). */
import { drawGains, drawNoise, type ChannelDraws, type FadingModel, type Scattered, type SingleSamples } from '@airmeta/channel';
import { randomStream, type ComplexVector } from '@airmeta/numerics';
import { goesThroughChannel, inDecibels, inRadians, type FadingSpec, type OverTheAirSpec, type PointSpec } from '@airmeta/spec';
import type { Episode, TaskEnvironment } from '@airmeta/tasks';
import type { RoundDraws } from './round.js';
import { activeAgents, channelUses, entriesSent, transformLength } from './sizes.js';

/** Arrays that are used again from round to round, so that a round does not wait for fresh memory. */
export interface SpareDraws {
  /** By position. */
  readonly episodes: Episode[];
  noise?: SingleSamples;
}

export interface DrawContext {
  readonly config: PointSpec;
  readonly seed: number;
  readonly tasks: TaskEnvironment;
  readonly parameterCount: number;
  /** N0 [watt]; 0 without a channel. */
  readonly noiseVariance: number;
  /** Draws of the round before, whose arrays are used again; those of a round are then only good until the next. */
  readonly spare?: SpareDraws;
}

/**
 * The draws of a round: a pure function of it and, where its gains are correlated with earlier ones, of what `scattered` remembers of these.
 * @param scattered by agent; empty before the first round
 */
export function drawRound(context: DrawContext, round: number, scattered: ReadonlyMap<number, Scattered> = new Map()): RoundDraws {
  const { config, seed, tasks } = context;
  const { uplink } = config;
  const active = randomStream(seed, 'active-set', { round }).sample(config.agents.count, activeAgents(config.agents)).sort();
  const withHessianBatch = config.meta.gradient === 'exact' || config.meta.gradient === 'hessian-free';
  const draws = {
    active,
    episode(position: number, localStep: number) {
      const episode = tasks.trainingEpisode(active[position], round, localStep, withHessianBatch, context.spare?.episodes[position]);
      if (context.spare) context.spare.episodes[position] = episode;
      return episode;
    },
  };
  if (!goesThroughChannel(uplink)) return { ...draws, channel: null };
  const faded = drawFading(context, uplink.fading, round, active, scattered);
  const channel =
    uplink.kind === 'digital'
      ? { gains: faded.gains, rounding: Array.from(active, (agent) => randomStream(seed, 'quantization', { round, agent })) }
      : drawChannel(context, uplink, round, active, faded.gains);
  return { ...draws, ...drawPlaces(context, round, active), channel, ...(faded.scattered ? { scattered: faded.scattered } : {}) };
}

/** Which k coordinates each agent sends, where chance says so. */
function drawPlaces({ config, seed, parameterCount }: DrawContext, round: number, active: Int32Array): Pick<RoundDraws, 'places'> {
  const { uplink } = config;
  if (uplink.kind !== 'over-the-air') return {};
  switch (uplink.sparsifier) {
    case 'top-k':
      return {};
    case 'random-k': {
      const entries = entriesSent(uplink, parameterCount);
      return {
        places: (position) => randomStream(seed, 'sparsifier', { round, agent: active[position] }).sample(parameterCount, entries).sort(),
      };
    }
  }
}

interface Faded {
  /** h [s]. */
  readonly gains: ComplexVector;
  /** What later rounds depend on [s], where they do. */
  readonly scattered?: readonly Scattered[];
}

function drawFading(
  { seed }: DrawContext,
  spec: FadingSpec,
  round: number,
  active: Int32Array,
  before: ReadonlyMap<number, Scattered>,
): Faded {
  const model = fadingModel(spec);
  const drawn = drawGains(
    model,
    Array.from(active, (agent) => {
      const last = before.get(agent);
      return {
        innovation: randomStream(seed, 'fading', { round, agent }),
        lineOfSight: randomStream(seed, 'line-of-sight', { agent }),
        shadowing: randomStream(seed, 'shadowing', { agent }),
        ...(last ? { before: last } : {}),
      };
    }),
    round,
  );
  return model.correlation > 0 ? drawn : { gains: drawn.gains };
}

/** The fading of a specification, in plain numbers. */
function fadingModel(spec: FadingSpec): FadingModel & { readonly correlation: number } {
  const common = { meanGain: spec.meanGain, gainSpreadDb: inDecibels(spec.gainSpread) };
  switch (spec.kind) {
    case 'rayleigh':
      return { kind: spec.kind, correlation: spec.correlation, ...common };
    case 'rician':
      return { kind: spec.kind, correlation: spec.correlation, kFactor: 10 ** (inDecibels(spec.kFactor) / 10), ...common };
    case 'constant':
      return { kind: spec.kind, correlation: 0, ...common };
  }
}

function drawChannel(context: DrawContext, uplink: OverTheAirSpec, round: number, active: Int32Array, gains: ComplexVector): ChannelDraws {
  const { seed, parameterCount } = context;
  const uses = channelUses(uplink, parameterCount);
  const noise = drawNoise(context.noiseVariance, uses, randomStream(seed, 'noise', { round }), context.spare?.noise);
  if (context.spare) context.spare.noise = noise;
  const phaseDeviation = inRadians(uplink.phaseError);
  return {
    gains,
    rows:
      uplink.compression === 'none'
        ? null
        : randomStream(seed, 'compression-rows', { round }).sample(transformLength(uplink, parameterCount), uses),
    noise,
    ...(phaseDeviation > 0
      ? {
          phaseErrors: Float64Array.from(active, (agent) => phaseDeviation * randomStream(seed, 'phase-errors', { round, agent }).normal()),
        }
      : {}),
  };
}
