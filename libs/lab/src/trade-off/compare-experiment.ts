/** From small rows of figures to what every point cost and bought: what is said of all points at once, and rows as they are asked for. */
import type { ComparedWith, Tradeoff, TradeoffOutline, TradeoffRow } from '@airmeta/spec';
import { tradeoffCaveats, type PointMeans } from './caveats.js';
import { comparisonsOf } from './comparisons.js';
import { runsByPoint, type Comparison, type RunsByPoint } from './point-runs.js';
import { evidenceOf, horizonOf, placed, valuesOf, type Place } from './row-evidence.js';
import { tradeoffRows } from './tradeoff-row.js';
import { timeOf } from './tradeoff-figures.js';
import type { TradeoffInput } from './tradeoff-input.js';

/** A trade-off of which no row has been computed yet. */
export interface ComparedExperiment {
  readonly outline: TradeoffOutline;
  /** Some rows, in their order. @param to exclusive */
  rows(from: number, to: number): TradeoffRow[];
  /** The rows of some points by their index, in the order of the rows; of those that have none nothing. */
  rowsOf(pointIndices: readonly number[]): TradeoffRow[];
}

const [UPDATE_GAIN, ENERGY, CHANNEL_USES] = [placed('updateGain'), placed('energyJoule'), placed('channelUses')];

/** What is said of all points at once is about means only, so that ten thousand points take no intervals. */
function meansOf(comparison: Comparison, byPoint: RunsByPoint, replicates: number): PointMeans {
  const { runs, completed, counts } = evidenceOf(comparison, byPoint, replicates);
  const mean = (place: Place): number | null => {
    const values = valuesOf(completed, place);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const horizon = runs.some(({ figures }) => timeOf(figures) !== null) ? horizonOf(runs) : 0;
  return {
    role: comparison.point.role,
    isPaired: counts !== null,
    ...{ updateGain: mean(UPDATE_GAIN), energyJoule: mean(ENERGY), channelUses: mean(CHANNEL_USES) },
    horizon: horizon === 0 ? null : horizon,
  };
}

/** @throws NotComparableError when the experiment has not run what it is to be compared with */
export function compareExperiment(input: TradeoffInput, against: ComparedWith): ComparedExperiment {
  const { experimentId, name, targetTrainLoss, replicates, tuning } = input;
  const byPoint = runsByPoint(input.runs);
  const comparisons = comparisonsOf(input, against, byPoint);
  const tunedAxis = against === 'tuned' && tuning ? tuning.axis : null;
  const source = { byPoint, replicates, against, tunedAxis };
  const means = comparisons.map((comparison) => meansOf(comparison, byPoint, replicates));
  return {
    outline: {
      ...{ experimentId, name, against, targetTrainLoss, rowCount: comparisons.length },
      tuning:
        against === 'tuned' && tuning
          ? { axis: tuning.axis, chosenOn: tuning.replicates, judgedOn: Math.max(0, replicates - tuning.replicates), by: tuning.by }
          : null,
      caveats: tradeoffCaveats(means, against, tunedAxis),
    },
    rows: (from, to) => comparisons.slice(from, to).map(tradeoffRows(source)),
    rowsOf: (pointIndices) => {
      const wanted = new Set(pointIndices);
      return comparisons.filter(({ point }) => wanted.has(point.pointIndex)).map(tradeoffRows(source));
    },
  };
}

/** With every row. @throws NotComparableError when the experiment has not run what it is to be compared with */
export function assessTradeoff(input: TradeoffInput, against: ComparedWith): Tradeoff {
  return wholeTradeoff(compareExperiment(input, against));
}

export function wholeTradeoff(compared: ComparedExperiment): Tradeoff {
  const { outline } = compared;
  return { ...outline, rows: compared.rows(0, outline.rowCount) };
}
