/** What an experiment would be, without writing anything. */
import { matchedUplink, type ExpandedExperiment, type JsonValue, type PointSpec } from '@airmeta/spec';
import { pointLabels } from './point-label.js';
import { previewCautions, type CheckpointAllowance, type PreviewCaution } from './preview-cautions.js';

export interface ExperimentPreview {
  readonly name: string;
  readonly hash: string;
  readonly pointCount: number;
  readonly twinCount: number;
  readonly matchedTwinCount: number;
  readonly replicates: number;
  readonly runCount: number;
  readonly roundsTotal: number;
  /** Evaluated rounds over all runs: the length of the series that will be stored. */
  readonly recordsTotal: number;
  /** Task gradients over all runs: active agents x local steps x rounds, twice under a gain-matched uplink. What the duration is mostly made of. */
  readonly metaGradientsTotal: number;
  readonly points: readonly {
    readonly index: number;
    readonly label: string;
    readonly hash: string;
    readonly axes: Readonly<Record<string, JsonValue>>;
  }[];
  readonly cautions: readonly PreviewCaution[];
}

function recordsOf({ rounds, evaluate }: PointSpec): number {
  return Math.floor(rounds / evaluate.every) + 1 + (rounds % evaluate.every === 0 ? 0 : 1);
}

function metaGradientsOf({ rounds, agents, meta, uplink }: PointSpec): number {
  const federations = matchedUplink(uplink) ? 2 : 1;
  return federations * rounds * meta.localSteps * Math.floor(agents.participation * agents.count + 0.5);
}

/** @param checkpoints what is kept of interrupted runs; without it, nothing is said of that */
export function previewExperiment(
  { envelope, hash, points, runCount }: ExpandedExperiment,
  checkpoints?: CheckpointAllowance,
): ExperimentPreview {
  const overRuns = (count: (config: PointSpec) => number) =>
    envelope.replicates * points.reduce((sum, { config }) => sum + count(config), 0);
  const labels = pointLabels(points);
  return {
    name: envelope.name,
    hash,
    pointCount: points.length,
    twinCount: points.filter(({ role }) => role === 'twin').length,
    matchedTwinCount: points.filter(({ role }) => role === 'matched').length,
    replicates: envelope.replicates,
    runCount,
    roundsTotal: overRuns(({ rounds }) => rounds),
    recordsTotal: overRuns(recordsOf),
    metaGradientsTotal: overRuns(metaGradientsOf),
    points: points.map(({ index, hash: pointHash, axes }) => ({ index, label: labels[index], hash: pointHash, axes })),
    cautions: previewCautions({ points }, checkpoints),
  };
}
