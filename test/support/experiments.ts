/** Small experiments, and what came out of them. */
import type { LabClient } from '@airmeta/client';
import type { ExperimentSummaryBody } from '@airmeta/spec';

export interface SweepSize {
  readonly snrs?: readonly string[];
  readonly replicates?: number;
  readonly rounds?: number;
  readonly name?: string;
  readonly seed?: number;
  readonly idealTwins?: boolean;
  /** `limits` of the specification. */
  readonly limits?: Readonly<Record<string, string | number>>;
}

/** A sinusoid sweep over signal-to-noise ratios, in milliseconds per round. */
export function sinusoidSweep({
  snrs = ['0 dB', 'noiseless'],
  replicates = 2,
  rounds = 20,
  name = 'test sweep',
  seed = 1,
  idealTwins = true,
  limits,
}: SweepSize = {}): string {
  return JSON.stringify({
    version: 1,
    name,
    base: {
      task: { family: 'sinusoid', shots: 5, queries: 5 },
      model: { kind: 'mlp', hidden: [16], activation: 'tanh' },
      agents: { count: 6, participation: 0.5 },
      meta: { innerStep: 0.01, metaStep: 0.05 },
      rounds,
      evaluate: { every: Math.max(1, Math.floor(rounds / 4)), newTasks: 5, newAgents: 5 },
    },
    sweep: { grid: { 'uplink.snr': snrs } },
    replicates,
    seed,
    idealTwins,
    ...(limits ? { limits } : {}),
  });
}

/** Follows an experiment to its end. */
export async function ended(client: LabClient, id: string): Promise<ExperimentSummaryBody> {
  let last: ExperimentSummaryBody | undefined;
  for await (const item of client.follow(id)) if (item.kind === 'progress') last = item.summary;
  return last ?? client.experiment(id);
}

/** Every series of an experiment, without what differs between two computations of the same runs. */
export async function seriesOf(client: LabClient, id: string): Promise<unknown[]> {
  const runs = [];
  for await (const { seed, replicate, state, series } of client.runSeries(id)) runs.push({ seed, replicate, state, series });
  return runs;
}
