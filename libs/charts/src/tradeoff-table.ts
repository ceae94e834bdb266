/** The trade-off as the table that a person reads. */
import type { Tradeoff, TradeoffRow } from '@airmeta/spec';
import { gainText, lossText, roundsText, scoreText } from './estimate-text.js';
import { isClassification, scoreOf } from './score-of.js';
import { textTable, type TableColumn, type TextTable } from './text-table.js';

/** Differences are paired: point - ideal twin of the same seed. More accuracy is better, more loss is worse. */
function measuredColumns(tradeoff: Tradeoff): TableColumn<TradeoffRow>[] {
  const score = scoreOf(tradeoff);
  const unit = isClassification(tradeoff) ? '(points)' : '(negative is better)';
  return [
    {
      title: isClassification(tradeoff) ? 'new-task accuracy %' : 'new-task loss',
      of: (row) => scoreText[score](row.newTasks.last[score]),
    },
    { title: `${score} − ideal, last round ${unit}`, of: (row) => gainText[score](row.gains.last[score]) },
    { title: `${score} − ideal, best round ${unit}`, of: (row) => gainText[score](row.gains.best[score]) },
  ];
}

function runsOf({ runs }: TradeoffRow): string {
  return `${runs.completed} of ${runs.total}${runs.diverged > 0 ? ` (${runs.diverged} diverged)` : ''}`;
}

/** A mean with censored runs in it is a lower bound, and is written as one. */
function roundsToTargetOf({ roundsToTarget: { estimate, censored } }: TradeoffRow): string {
  return censored > 0 ? `≥ ${roundsText(estimate)} (${censored} never)` : roundsText(estimate);
}

/** The table a person reads: cost first, then what it bought. */
export function tradeoffTable(tradeoff: Tradeoff): TextTable {
  const columns: TableColumn<TradeoffRow>[] = [
    { title: 'point', of: ({ label }) => label },
    { title: 'n', of: runsOf },
    { title: 'rounds to target', of: roundsToTargetOf },
    ...measuredColumns(tradeoff),
    { title: 'gap (loss)', of: (row) => lossText(row.gapLoss) },
    { title: 'train loss', of: (row) => lossText(row.trainLoss) },
  ];
  return textTable(columns, tradeoff.rows);
}
