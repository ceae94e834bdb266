/** All randomness of a run's rounds, from named streams keyed by (seed, stream, round, agent). */
import { drawGains, drawNoise, type ChannelDraws } from '@airmeta/channel';
import { randomStream, type RealFourier } from '@airmeta/numerics';
import type { OverTheAirSpec, PointSpec } from '@airmeta/spec';
import type { TaskEnvironment } from '@airmeta/tasks';
import type { RoundDraws } from './round.js';
import { activeAgents, compressedUses } from './sizes.js';

export interface DrawContext {
  readonly config: PointSpec;
  readonly seed: number;
  readonly tasks: TaskEnvironment;
  readonly parameterCount: number;
  /** Null under an ideal uplink. */
  readonly fourier: RealFourier | null;
  /** N0 [watt]; 0 under an ideal uplink. */
  readonly noiseVariance: number;
}

/** The draws of round `round`, a pure function of it. */
export function drawRound(context: DrawContext, round: number): RoundDraws {
  const { config, seed, tasks } = context;
  const active = randomStream(seed, 'active-set', { round }).sample(config.agents.count, activeAgents(config.agents)).sort();
  const withHessianBatch = config.meta.gradient === 'exact' || config.meta.gradient === 'hessian-free';
  return {
    active,
    episode: (position, localStep) => tasks.trainingEpisode(active[position], round, localStep, withHessianBatch),
    channel: config.uplink.kind === 'ideal' ? null : drawChannel(context, config.uplink, round, active),
  };
}

function drawChannel(context: DrawContext, uplink: OverTheAirSpec, round: number, active: Int32Array): ChannelDraws {
  const { seed, parameterCount, fourier } = context;
  const uses = compressedUses(uplink.compression, parameterCount);
  const bins = fourier?.length ?? parameterCount;
  return {
    gains: drawGains(
      uplink.fading,
      Array.from(active, (agent) => randomStream(seed, 'fading', { round, agent })),
    ),
    rows: uses === null ? null : randomStream(seed, 'compression-rows', { round }).sample(bins, uses),
    noise: drawNoise(context.noiseVariance, uses ?? parameterCount, randomStream(seed, 'noise', { round })),
  };
}
