/** The runs that a row of a trade-off is judged by, and what is known of their pairs. */
import type { Estimate, PairCounts, PointRuns as RunCounts } from '@airmeta/spec';
import { estimateOf, LEVEL } from '../estimate.js';
import type { Comparison, RunsByPoint } from './point-runs.js';
import type { RunPair } from './time-estimates.js';
import { figureAt, placeOf, rangeOf } from './tradeoff-figures.js';
import type { TradeoffRun } from './tradeoff-input.js';

/** A figure among those of a run. */
export interface Place {
  readonly place: number;
  readonly range: ReturnType<typeof rangeOf>;
}

export const placed = (name: string): Place => ({ place: placeOf(name), range: rangeOf(name) });

const PLANNED = placed('plannedRounds');

export interface Evidence {
  readonly runs: readonly TradeoffRun[];
  readonly completed: readonly TradeoffRun[];
  readonly pairs: readonly RunPair[];
  readonly twins: readonly TradeoffRun[];
  /** null without a twin other than the point itself. */
  readonly counts: PairCounts | null;
  /** Of all replicates that judge. */
  readonly counted: RunCounts;
}

export function evidenceOf({ point, twin, from }: Comparison, byPoint: RunsByPoint, replicates: number): Evidence {
  const own = byPoint.get(point.pointId);
  const others = twin === null ? undefined : byPoint.get(twin.pointId);
  const runs: TradeoffRun[] = [];
  const twins: TradeoffRun[] = [];
  const pairs: RunPair[] = [];
  let unpaired = 0;
  for (let replicate = from; replicate < replicates; replicate++) {
    const run = own?.[replicate];
    const other = others?.[replicate];
    if (run) runs.push(run);
    if (other) twins.push(other);
    if (run && other) pairs.push({ run, twin: other });
    else unpaired++;
  }
  const diverged = pairs.filter(({ run }) => run.diverged).length;
  const twinDiverged = pairs.filter((pair) => !pair.run.diverged && pair.twin.diverged).length;
  const counts = twin === null ? null : { completed: pairs.length - diverged - twinDiverged, diverged, twinDiverged, unpaired };
  const completed = runs.filter((run) => !run.diverged);
  const total = Math.max(0, replicates - from);
  const open = point.open.filter((replicate) => replicate >= from).length;
  const counted = {
    total,
    completed: completed.length,
    diverged: runs.length - completed.length,
    open,
    missing: total - runs.length - open,
  };
  return { runs, completed, pairs, twins, counts, counted };
}

/** The numbers of a figure, of the runs that have one. */
export function valuesOf(runs: readonly TradeoffRun[], { place }: Place): number[] {
  const values: number[] = [];
  for (const { figures } of runs) {
    const value = figureAt(figures, place);
    if (value !== null) values.push(value);
  }
  return values;
}

export function estimated(runs: readonly TradeoffRun[], place: Place): Estimate | null {
  return estimateOf(valuesOf(runs, place), LEVEL, place.range);
}

/** run - twin over pairs in which both have the figure. */
export function gained(pairs: readonly RunPair[], { place, range: { least, most } }: Place): Estimate | null {
  const differences: number[] = [];
  for (const { run, twin } of pairs) {
    const [value, other] = [figureAt(run.figures, place), figureAt(twin.figures, place)];
    if (value !== null && other !== null) differences.push(value - other);
  }
  return estimateOf(differences, LEVEL, { least: least - most, most: most - least });
}

/** The last round that any of the runs was planned to have; 0 without runs. */
export function horizonOf(runs: readonly TradeoffRun[]): number {
  return runs.reduce((most, { figures }) => Math.max(most, figureAt(figures, PLANNED.place) ?? 0), 0);
}
