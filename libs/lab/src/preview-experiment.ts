/** What an experiment would be, without writing anything. */
import type { ExpandedExperiment, JsonValue, PointSpec } from '@airmeta/spec';
import { pointLabels } from './point-label.js';

export interface ExperimentPreview {
  readonly name: string;
  readonly hash: string;
  readonly pointCount: number;
  readonly twinCount: number;
  readonly replicates: number;
  readonly runCount: number;
  readonly roundsTotal: number;
  /** Evaluated rounds over all runs: the length of the series that will be stored. */
  readonly recordsTotal: number;
  /** Task gradients over all runs: active agents x local steps x rounds. What the duration is mostly made of. */
  readonly metaGradientsTotal: number;
  readonly points: readonly {
    readonly index: number;
    readonly label: string;
    readonly hash: string;
    readonly axes: Readonly<Record<string, JsonValue>>;
  }[];
}

function recordsOf({ rounds, evaluate }: PointSpec): number {
  return Math.floor(rounds / evaluate.every) + 1 + (rounds % evaluate.every === 0 ? 0 : 1);
}

function metaGradientsOf({ rounds, agents, meta }: PointSpec): number {
  return rounds * meta.localSteps * Math.floor(agents.participation * agents.count + 0.5);
}

export function previewExperiment({ envelope, hash, points, runCount }: ExpandedExperiment): ExperimentPreview {
  const overRuns = (count: (config: PointSpec) => number) =>
    envelope.replicates * points.reduce((sum, { config }) => sum + count(config), 0);
  const labels = pointLabels(points);
  return {
    name: envelope.name,
    hash,
    pointCount: points.length,
    twinCount: points.filter(({ role }) => role === 'twin').length,
    replicates: envelope.replicates,
    runCount,
    roundsTotal: overRuns(({ rounds }) => rounds),
    recordsTotal: overRuns(recordsOf),
    metaGradientsTotal: overRuns(metaGradientsOf),
    points: points.map(({ index, hash: pointHash, axes }) => ({ index, label: labels[index], hash: pointHash, axes })),
  };
}
