/**
 * The three configurations that are measured. They are those of the PyTorch peer's presets of the same names: same models, agents,
 * batches, meta-gradient and link. What a specification cannot say the same way is in docs/performance.md.
 */
import { architectureOf, metaGradientOperations, type OperationCount } from '@airmeta/learning';
import { fastLength } from '@airmeta/numerics';
import { activeAgents, compressedUses, entriesSent } from '@airmeta/simulation';
import { goesThroughChannel, pointSchema, type PointSpec } from '@airmeta/spec';
import { taskShape } from '@airmeta/tasks';

export const CONFIGURATION_NAMES = ['S', 'M', 'L'] as const;
export type ConfigurationName = (typeof CONFIGURATION_NAMES)[number];

export const LEARNERS = ['auto', 'fused', 'tfjs'] as const satisfies readonly PointSpec['engine'][];

/** Exactly as many samples per class as shots, queries and as many held-out queries need. */
const glyphs = (queries: number) => ({
  family: 'glyphs',
  ways: 5,
  shots: 1,
  queries,
  imageSize: 28,
  trainTasksPerAgent: 1,
  heldOut: queries,
  drawers: 1 + 2 * queries,
});

const uplink = (sparsity: number) => ({
  kind: 'over-the-air',
  snr: '20 dB',
  fading: { kind: 'rayleigh', meanGain: 1 },
  powerControl: 'phase-only',
  sparsity,
  compression: 0.4,
  transform: 'fast',
  decoder: 'oamp',
  memory: true,
});

const BASES = {
  S: {
    task: { family: 'sinusoid', shots: 10, queries: 10, evaluationQueries: 100, trainTasksPerAgent: 1 },
    model: { kind: 'mlp', hidden: [40, 40], activation: 'relu' },
    agents: { count: 20, participation: 1 },
    // The peer's inner step is 0.01, from weights of the first layer 0.2 times as large; from He's, that diverges within some rounds.
    meta: { gradient: 'maml', innerStep: 0.001, metaStep: 0.01, localSteps: 1 },
    uplink: uplink(0.1),
  },
  M: {
    task: glyphs(15),
    model: { kind: 'mlp', hidden: [64, 64], activation: 'relu' },
    agents: { count: 20, participation: 0.5 },
    meta: { gradient: 'maml', innerStep: 0.4, metaStep: 0.1, localSteps: 1 },
    uplink: uplink(0.04),
  },
  L: {
    task: glyphs(5),
    model: { kind: 'cnn', filters: 32, blocks: 4, activation: 'relu' },
    agents: { count: 20, participation: 0.5 },
    meta: { gradient: 'maml', innerStep: 0.4, metaStep: 0.1, localSteps: 1 },
    uplink: uplink(0.04),
  },
} as const;

/** Evaluated once: 20 training agents with a task each, 50 new tasks (100 in S, as the peer), and the one new agent there must be. */
const NEW_TASKS: Readonly<Record<ConfigurationName, number>> = { S: 100, M: 50, L: 50 };

/** Rounds that take a second or some, and rounds before them until the compiler has settled. */
export const DEFAULT_ROUNDS: Readonly<Record<ConfigurationName, { readonly rounds: number; readonly warmup: number }>> = {
  S: { rounds: 500, warmup: 50 },
  M: { rounds: 100, warmup: 10 },
  L: { rounds: 60, warmup: 10 },
};

export interface RunLength {
  readonly rounds: number;
  readonly evaluateEvery: number;
  readonly engine?: PointSpec['engine'];
}

/** A configuration as the `base` of a specification. */
export function baseOf(name: ConfigurationName, { rounds, evaluateEvery, engine = 'auto' }: RunLength) {
  return {
    ...BASES[name],
    rounds,
    evaluate: { every: evaluateEvery, newTasks: NEW_TASKS[name], newAgents: 1, fineTuneSteps: 1 },
    engine,
  };
}

/** The same, checked and with its defaults filled. */
export function pointOf(name: ConfigurationName, length: RunLength): PointSpec {
  return pointSchema.parse(baseOf(name, length));
}

/** The integers behind a configuration. */
export interface Sizes {
  /** d. */
  readonly parameterCount: number;
  /** Length of the zero-padded transform. */
  readonly transformLength: number;
  /** k. */
  readonly entriesSent: number;
  /** M. */
  readonly channelUses: number;
  readonly activeAgents: number;
  /** Floating-point operations of a round's meta-gradients. */
  readonly metaGradientFlop: OperationCount;
}

export function sizesOf({ task, model, agents, meta, uplink: link }: PointSpec): Sizes {
  const architecture = architectureOf(model, taskShape(task));
  const d = architecture.parameterCount;
  const ways = 'ways' in task ? task.ways : 1;
  const [support, query] = [ways * task.shots, ways * task.queries];
  const { performed, textbook } = metaGradientOperations(architecture, { support, query, hessian: support }, meta.gradient);
  const gradients = activeAgents(agents) * meta.localSteps;
  return {
    parameterCount: d,
    transformLength: fastLength(d),
    entriesSent: entriesSent(link, d),
    channelUses: (goesThroughChannel(link) ? compressedUses(link.compression, d) : null) ?? d,
    activeAgents: activeAgents(agents),
    metaGradientFlop: { performed: gradients * performed, textbook: gradients * textbook },
  };
}
