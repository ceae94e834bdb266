/**
 * An experiment as it is stored: what is written as JSON is JSON already, a few hundred points at a time. It is made where expansion is, and
 * whoever hands it to a database neither looks through ten thousand points nor writes them as text.
 */
import { datasetOf, type ExpandedExperiment, type ExperimentEnvelope, type PointRole } from '@airmeta/spec';

/** Points that follow one another, column by column. */
export interface PackedPoints {
  /** Index of the first. */
  readonly from: number;
  readonly roles: readonly PointRole[];
  readonly labels: readonly string[];
  readonly hashes: readonly string[];
  /** Name of the data set of each; null for those that draw their own data. */
  readonly datasets: readonly (string | null)[];
  /** A JSON list of their axes. */
  readonly axes: string;
  /** A JSON list of their configurations. */
  readonly configs: string;
  /** Index of the ideal twin of each; null where twins are off. */
  readonly twins: readonly (number | null)[];
  readonly matchedTwins: readonly (number | null)[];
}

export interface PackedExperiment {
  /** Without base and sweep, which the specification has. */
  readonly envelope: Omit<ExperimentEnvelope, 'base' | 'sweep'>;
  /** The normalised document, as JSON. */
  readonly specification: string;
  readonly hash: string;
  readonly pointCount: number;
  readonly points: readonly PackedPoints[];
}

/** So many points are some hundred thousand characters: what is done with them takes a few milliseconds. */
const PACK_SIZE = 250;

/** @param labels of every point @throws RangeError when there are not as many labels as points */
export function packExperiment(expanded: ExpandedExperiment, labels: readonly string[]): PackedExperiment {
  const { envelope, normalized, hash, points } = expanded;
  if (labels.length !== points.length) throw new RangeError(`${points.length} points need as many labels, not ${labels.length}`);
  const { base: _, sweep: __, ...rest } = envelope;
  const packs = Array.from({ length: Math.ceil(points.length / PACK_SIZE) }, (_, number): PackedPoints => {
    const from = number * PACK_SIZE;
    const pack = points.slice(from, from + PACK_SIZE);
    return {
      from,
      roles: pack.map(({ role }) => role),
      labels: labels.slice(from, from + PACK_SIZE),
      hashes: pack.map((point) => point.hash),
      datasets: pack.map(({ config }) => datasetOf(config.task)),
      axes: JSON.stringify(pack.map(({ axes }) => axes)),
      configs: JSON.stringify(pack.map(({ config }) => config)),
      twins: pack.map(({ twinIndex }) => twinIndex ?? null),
      matchedTwins: pack.map(({ matchedTwinIndex }) => matchedTwinIndex ?? null),
    };
  });
  return { envelope: rest, specification: JSON.stringify(normalized), hash, pointCount: points.length, points: packs };
}
