/** From the query's moments to estimates with intervals. */
import { estimateFrom } from '@airmeta/lab';
import {
  COMPARISON_BASES,
  type ComparisonBasis,
  type Estimate,
  type NewTaskEstimates,
  type Tradeoff,
  type TradeoffRow,
} from '@airmeta/spec';
import type { Queryable } from '../database/database.js';
import { queryTradeoff, type Figure, type TradeoffPointRow } from './trade-off-query.js';

function onEveryBasis(of: (basis: ComparisonBasis) => NewTaskEstimates): Record<ComparisonBasis, NewTaskEstimates> {
  return Object.fromEntries(COMPARISON_BASES.map((basis) => [basis, of(basis)])) as Record<ComparisonBasis, NewTaskEstimates>;
}

function rowOf(row: TradeoffPointRow): TradeoffRow {
  const { pointId, pointIndex, role, label, axes, twinPointId, total, completed, diverged, open, estimates } = row;
  const estimate = (figure: Figure): Estimate | null => {
    const moments = estimates[figure];
    return moments === undefined ? null : estimateFrom(...moments);
  };
  const count = (figure: Figure): number => estimates[figure]?.[2] ?? 0;
  return {
    ...{ pointId, pointIndex, role, label, axes, twinPointId },
    runs: { total, completed, diverged, open },
    roundsToTarget: { estimate: estimate('rounds'), censored: count('rounds') - count('hit') },
    extraRounds: { estimate: estimate('rounds.gain'), censored: count('rounds.gain') - count('hit.gain') },
    trainLoss: estimate('trainLoss'),
    newAgentsLoss: estimate('newAgentsLoss'),
    newAgentsAccuracy: estimate('newAgentsAccuracy'),
    gapLoss: estimate('gapLoss'),
    gapAccuracy: estimate('gapAccuracy'),
    newTasks: onEveryBasis((basis) => ({ accuracy: estimate(`${basis}.accuracy`), loss: estimate(`${basis}.loss`) })),
    gains: onEveryBasis((basis) => ({ accuracy: estimate(`${basis}.accuracy.gain`), loss: estimate(`${basis}.loss.gain`) })),
  };
}

/** Undefined for an unknown experiment. */
export async function selectTradeoff(client: Queryable, experimentId: string): Promise<Tradeoff | undefined> {
  const rows = await queryTradeoff(client, experimentId);
  if (rows.length === 0) return undefined;
  const [{ name, targetTrainLoss }] = rows;
  return { experimentId, name, targetTrainLoss, rows: rows.map(rowOf) };
}
