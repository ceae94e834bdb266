/** All randomness of a run's rounds, from named streams keyed by (seed, stream, round, agent). */
import { drawGains, drawNoise, type ChannelDraws, type SingleSamples } from '@airmeta/channel';
import { randomStream } from '@airmeta/numerics';
import type { OverTheAirSpec, PointSpec } from '@airmeta/spec';
import type { Episode, TaskEnvironment } from '@airmeta/tasks';
import type { RoundDraws } from './round.js';
import { activeAgents, compressedUses } from './sizes.js';

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
  /** N: bins of the transform; unused under an ideal uplink. */
  readonly bins: number;
  /** N0 [watt]; 0 under an ideal uplink. */
  readonly noiseVariance: number;
  /** Draws of the round before, whose arrays are used again; those of a round are then only good until the next. */
  readonly spare?: SpareDraws;
}

/** The draws of round `round`, a pure function of it. */
export function drawRound(context: DrawContext, round: number): RoundDraws {
  const { config, seed, tasks } = context;
  const active = randomStream(seed, 'active-set', { round }).sample(config.agents.count, activeAgents(config.agents)).sort();
  const withHessianBatch = config.meta.gradient === 'exact' || config.meta.gradient === 'hessian-free';
  return {
    active,
    episode(position, localStep) {
      const episode = tasks.trainingEpisode(active[position], round, localStep, withHessianBatch, context.spare?.episodes[position]);
      if (context.spare) context.spare.episodes[position] = episode;
      return episode;
    },
    channel: config.uplink.kind === 'ideal' ? null : drawChannel(context, config.uplink, round, active),
  };
}

function drawChannel(context: DrawContext, uplink: OverTheAirSpec, round: number, active: Int32Array): ChannelDraws {
  const { seed, parameterCount, bins } = context;
  const uses = compressedUses(uplink.compression, parameterCount);
  const noise = drawNoise(context.noiseVariance, uses ?? parameterCount, randomStream(seed, 'noise', { round }), context.spare?.noise);
  if (context.spare) context.spare.noise = noise;
  return {
    gains: drawGains(
      uplink.fading,
      Array.from(active, (agent) => randomStream(seed, 'fading', { round, agent })),
    ),
    rows: uses === null ? null : randomStream(seed, 'compression-rows', { round }).sample(bins, uses),
    noise,
  };
}
