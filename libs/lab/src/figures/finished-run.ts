/** A run that has a result, as figures see it. */
import type { MetricName } from '@airmeta/spec';

/** Metrics that figures are computed from; a run may lack any of them. */
export type SeriesName = MetricName | 'updateGain' | 'misalignment';

/** A metric as it is stored: rounds and values side by side. */
export interface MetricSeries {
  readonly metric: SeriesName;
  readonly rounds: readonly number[];
  /** null, or not finite, where there is no number. */
  readonly values: readonly (number | null)[];
}

export interface FinishedRun {
  readonly state: 'completed' | 'diverged';
  /** The last round that was planned. */
  readonly plannedRounds: number;
  /** Evaluated rounds, ascending. */
  readonly rounds: readonly number[];
  /** Of a metric at every evaluated round; NaN where there is no finite number, throughout for a metric that was not recorded. */
  readonly values: (metric: SeriesName) => readonly number[];
  /** Train loss that counts as converged; null when there is no target (yet). */
  readonly target: number | null;
}

/**
 * Puts the series of a run side by side, at the evaluated rounds of its train loss. A run that an earlier version of the program began has
 * no values of later metrics at its first rounds.
 */
export function finishedRun(run: Pick<FinishedRun, 'state' | 'plannedRounds' | 'target'>, series: readonly MetricSeries[]): FinishedRun {
  const byMetric = new Map(series.map((one) => [one.metric, one]));
  const rounds = byMetric.get('trainLoss')?.rounds ?? [];
  const aligned = new Map<SeriesName, readonly number[]>();
  const values = (metric: SeriesName): readonly number[] => {
    const known = aligned.get(metric);
    if (known) return known;
    const found = alignedValues(byMetric.get(metric), rounds);
    aligned.set(metric, found);
    return found;
  };
  return { state: run.state, plannedRounds: run.plannedRounds, target: run.target, rounds, values };
}

function alignedValues(series: MetricSeries | undefined, rounds: readonly number[]): readonly number[] {
  const finite = (value: number | null | undefined) => (Number.isFinite(value) ? Number(value) : NaN);
  if (!series) return rounds.map(() => NaN);
  // One report appends to every series at once, so that a shorter one lacks the first rounds only.
  const lacking = rounds.length - series.rounds.length;
  return rounds.map((_, position) => (position < lacking ? NaN : finite(series.values[position - lacking])));
}
