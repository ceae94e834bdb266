/** From the query's moments to estimates with intervals. */
import { tHalfWidth } from '@airmeta/lab';
import type { Estimate, Tradeoff, TradeoffRow } from '@airmeta/spec';
import type { Queryable } from './database.js';
import { queryTradeoff, type Moments, type TradeoffPointRow } from './trade-off-query.js';

/** Mean with its two-sided 95 % Student-t interval; null when there is nothing to average. */
function estimateOf(moments: Moments | undefined): Estimate | null {
  if (moments === undefined) return null;
  const [mean, standardDeviation, n] = moments;
  const halfWidth = standardDeviation === null ? null : tHalfWidth(standardDeviation, n);
  return { mean, low: halfWidth === null ? null : mean - halfWidth, high: halfWidth === null ? null : mean + halfWidth, n };
}

function rowOf(row: TradeoffPointRow): TradeoffRow {
  const { pointId, pointIndex, role, label, axes, total, completed, diverged, open, estimates } = row;
  return {
    ...{ pointId, pointIndex, role, label, axes },
    runs: { total, completed, diverged, open },
    roundsToTarget: { estimate: estimateOf(estimates.rounds), censored: estimates.censored?.[2] ?? 0 },
    trainLoss: estimateOf(estimates.trainLoss),
    newAgentsLoss: estimateOf(estimates.newAgentsLoss),
    newAgentsAccuracy: estimateOf(estimates.newAgentsAccuracy),
    newTasksLoss: estimateOf(estimates.newTasksLoss),
    newTasksAccuracy: estimateOf(estimates.newTasksAccuracy),
    gapLoss: estimateOf(estimates.gapLoss),
    gapAccuracy: estimateOf(estimates.gapAccuracy),
    gainAccuracyLast: estimateOf(estimates.gainAccuracyLast),
    gainAccuracyBest: estimateOf(estimates.gainAccuracyBest),
    gainLossLast: estimateOf(estimates.gainLossLast),
    gainLossBest: estimateOf(estimates.gainLossBest),
  };
}

/** Undefined for an unknown experiment. */
export async function selectTradeoff(client: Queryable, experimentId: string): Promise<Tradeoff | undefined> {
  const rows = await queryTradeoff(client, experimentId);
  if (rows.length === 0) return undefined;
  const [{ name, targetTrainLoss }] = rows;
  return { experimentId, name, targetTrainLoss, rows: rows.map(rowOf) };
}
