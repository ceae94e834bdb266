/**
 * What a run takes of memory, before it runs, and which part of its configuration is to blame: in vectors of d float32, as they were measured at the peak of
 * processes that ran two rounds (d of 264,193 and 1,052,673; 4, 16 and 64 active agents), rounded up.
 */
import { goesThroughChannel, matchedUplink, type PointSpec } from '@airmeta/spec';
import { expectedCheckpointBytes, rememberingAgents } from './checkpoint-size.js';
import { parameterCountOf } from './simulate.js';
import { activeAgents } from './sizes.js';

export interface MemoryPart {
  /** Path of the key that decides it. */
  readonly key: readonly string[];
  /** What it is, for a sentence. */
  readonly what: string;
  readonly bytes: number;
}

export interface MemoryNeed {
  readonly bytes: number;
  /** The largest first. */
  readonly parts: readonly MemoryPart[];
}

interface Vectors {
  /** However many agents there are. */
  readonly fixed: number;
  /** More for each active agent. */
  readonly active: number;
}

/** The learner, the parameters, and an ideal uplink. */
const FUSED: Vectors = { fixed: 30, active: 1 };
/** It keeps what second derivatives need of every agent at once. */
const TFJS: Vectors = { fixed: 80, active: 67 };
/** Under `auto` kernels compute, which there are for every model that a specification can name. */
const LEARNERS: Readonly<Record<PointSpec['engine'], Vectors>> = { auto: FUSED, fused: FUSED, tfjs: TFJS };
/** More of what goes through a channel. */
const CHANNEL: Vectors = { fixed: 30, active: 2 };
/** More of a transform of exactly d points in float64, which is done by longer ones. */
const EXACT_TRANSFORM: Vectors = { fixed: 90, active: 1 };
/** A checkpoint is encoded, sealed, and on its way to the database. */
const CHECKPOINT_COPIES = 3;

/** @param checkpointLimit bytes of the largest checkpoint that is made */
export function memoryNeed(config: PointSpec, checkpointLimit = 0): MemoryNeed {
  const { agents, engine, uplink } = config;
  const active = activeAgents(agents);
  const d = parameterCountOf(config);
  const channel = matchedUplink(uplink) ?? uplink;
  const learner = LEARNERS[engine];
  const link = goesThroughChannel(channel) ? CHANNEL : { fixed: 0, active: 0 };
  const isExact = channel.kind === 'over-the-air' && channel.transform === 'exact';
  const exact = isExact ? EXACT_TRANSFORM : { fixed: 0, active: 0 };
  const checkpoint = expectedCheckpointBytes(config);
  const vectors = (count: number) => 4 * d * count;
  const parts: MemoryPart[] = [
    { key: ['model'], what: `a model of ${d} parameters`, bytes: vectors(learner.fixed + link.fixed) },
    { key: ['agents'], what: `${active} active agents`, bytes: vectors((learner.active + link.active + exact.active) * active) },
    { key: ['agents', 'count'], what: `the memories of ${agents.count} agents`, bytes: vectors(rememberingAgents(config)) },
    { key: ['uplink', 'transform'], what: 'an exact transform', bytes: vectors(exact.fixed) },
    { key: ['agents', 'count'], what: 'checkpoints', bytes: checkpoint <= checkpointLimit ? CHECKPOINT_COPIES * checkpoint : 0 },
  ];
  return {
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    parts: parts.sort((one, other) => other.bytes - one.bytes),
  };
}
