/** The runs of points by replicate, and what a point is compared with. */
import type { TunedChoice } from '@airmeta/spec';
import type { TradeoffPoint, TradeoffRun } from './tradeoff-input.js';

/** A question that an experiment cannot answer because of what it has not run. */
export class NotComparableError extends Error {
  override readonly name = 'NotComparableError';
}

/** The runs of a point at their replicates; a replicate without a result has none. */
export type PointRuns = readonly (TradeoffRun | undefined)[];
export type RunsByPoint = ReadonlyMap<string, PointRuns>;

export interface Comparison {
  readonly point: TradeoffPoint;
  /** null when there is none, or it is the point itself. */
  readonly twin: TradeoffPoint | null;
  /** What `twinPointId` says: with itself too. */
  readonly twinPointId: string | null;
  readonly twinPointIndex: number | null;
  readonly tuned: TunedChoice | null;
  /** Whether tuning has nothing to choose by yet. */
  readonly undecided: boolean;
  /** The first replicate that is judged. */
  readonly from: number;
}

export function runsByPoint(runs: readonly TradeoffRun[]): RunsByPoint {
  const byPoint = new Map<string, (TradeoffRun | undefined)[]>();
  for (const run of runs) {
    const known = byPoint.get(run.pointId);
    const own = known ?? [];
    if (known === undefined) byPoint.set(run.pointId, own);
    own[run.replicate] = run;
  }
  return byPoint;
}
