/** What a trade-off is made from: points, and one small row of figures a run. */
import type { JsonValue, PointRole } from '@airmeta/spec';

export interface TradeoffPoint {
  readonly pointId: string;
  readonly pointIndex: number;
  readonly role: PointRole;
  readonly label: string;
  readonly axes: Readonly<Record<string, JsonValue>>;
  readonly twinPointId: string | null;
  readonly matchedTwinPointId: string | null;
  /** Replicates whose runs are queued or running. */
  readonly open: readonly number[];
}

/** A run that completed or diverged. */
export interface TradeoffRun {
  readonly pointId: string;
  readonly replicate: number;
  readonly diverged: boolean;
  /** By the position of their names in TRADEOFF_FIGURES. */
  readonly figures: TradeoffFigures;
}

/** Numbers of the figures that a trade-off asks for; of a censored figure two. NaN: the run has none. An experiment may have 100,000 of them. */
export type TradeoffFigures = Float64Array;

/**
 * What makes a value the best, as a mean over the replicates that choose: the best new-task score of a run on the half that chooses
 * (accuracy, in regression loss), or rounds to the target.
 */
export const TUNED_BY = ['new-tasks', 'rounds-to-target'] as const;

/** How the specification asks for tuning. */
export interface TuningRule {
  readonly axis: string;
  /** The first this many replicates choose, the others judge. */
  readonly replicates: number;
  readonly by: (typeof TUNED_BY)[number];
}

export interface TradeoffInput {
  readonly experimentId: string;
  readonly name: string;
  /** Replicates that are planned. */
  readonly replicates: number;
  readonly targetTrainLoss: number | null;
  readonly tuning: TuningRule | null;
  /** In their order. */
  readonly points: readonly TradeoffPoint[];
  readonly runs: readonly TradeoffRun[];
}
