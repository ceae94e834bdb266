/** The trade-off as rows of text: the table a person reads and the file a program does. */
import { csvFormatRows } from 'd3-dsv';
import type { Estimate, Tradeoff, TradeoffRow } from '@airmeta/spec';
import { lossDifferenceText, lossText, percentText, pointsText, roundsText } from './estimate-text.js';

interface Column {
  readonly name: string;
  readonly of: (row: TradeoffRow) => Estimate | null;
}

const ESTIMATES: readonly Column[] = [
  { name: 'rounds_to_target', of: (row) => row.roundsToTarget.estimate },
  { name: 'train_loss', of: (row) => row.trainLoss },
  { name: 'new_agents_loss', of: (row) => row.newAgentsLoss },
  { name: 'new_agents_accuracy', of: (row) => row.newAgentsAccuracy },
  { name: 'new_tasks_loss', of: (row) => row.newTasksLoss },
  { name: 'new_tasks_accuracy', of: (row) => row.newTasksAccuracy },
  { name: 'gap_loss', of: (row) => row.gapLoss },
  { name: 'gap_accuracy', of: (row) => row.gapAccuracy },
  { name: 'gain_accuracy_last', of: (row) => row.gainAccuracyLast },
  { name: 'gain_accuracy_best', of: (row) => row.gainAccuracyBest },
  { name: 'gain_loss_last', of: (row) => row.gainLossLast },
  { name: 'gain_loss_best', of: (row) => row.gainLossBest },
];

/** Everything in a trade-off, one line per point; each estimate as mean, 95 % interval and n. */
export function tradeoffCsv({ rows }: Tradeoff): string {
  const header = [
    'point',
    'role',
    'label',
    'axes',
    'runs_total',
    'runs_completed',
    'runs_diverged',
    'runs_censored',
    ...ESTIMATES.flatMap(({ name }) => [`${name}_mean`, `${name}_low`, `${name}_high`, `${name}_n`]),
  ];
  const lines = rows.map((row) => [
    row.pointIndex,
    row.role,
    row.label,
    JSON.stringify(row.axes),
    row.runs.total,
    row.runs.completed,
    row.runs.diverged,
    row.roundsToTarget.censored,
    ...ESTIMATES.flatMap(({ of }) => {
      const estimate = of(row);
      return estimate ? [estimate.mean, estimate.low ?? '', estimate.high ?? '', estimate.n] : ['', '', '', 0];
    }),
  ]);
  return `${csvFormatRows([header, ...lines.map((line) => line.map(String))])}\n`;
}

interface TableColumn {
  readonly title: string;
  readonly of: (row: TradeoffRow) => string;
}

/** Differences are paired: point - ideal twin of the same seed. More accuracy is better, more loss is worse. */
function measuredColumns(classification: boolean): TableColumn[] {
  return classification
    ? [
        { title: 'new-task accuracy %', of: (row) => percentText(row.newTasksAccuracy) },
        { title: 'accuracy − ideal, last round (points)', of: (row) => pointsText(row.gainAccuracyLast) },
        { title: 'accuracy − ideal, best round (points)', of: (row) => pointsText(row.gainAccuracyBest) },
      ]
    : [
        { title: 'new-task loss', of: (row) => lossText(row.newTasksLoss) },
        { title: 'loss − ideal, last round (negative is better)', of: (row) => lossDifferenceText(row.gainLossLast) },
        { title: 'loss − ideal, best round (negative is better)', of: (row) => lossDifferenceText(row.gainLossBest) },
      ];
}

function runsOf({ runs }: TradeoffRow): string {
  return `${runs.completed} of ${runs.total}${runs.diverged > 0 ? ` (${runs.diverged} diverged)` : ''}`;
}

/** A mean with censored runs in it is a lower bound, and is written as one. */
function roundsToTargetOf({ roundsToTarget: { estimate, censored } }: TradeoffRow): string {
  return censored > 0 ? `≥ ${roundsText(estimate)} (${censored} never)` : roundsText(estimate);
}

/** Columns and rows of the table a person reads: cost first, then what it bought. */
export function tradeoffTable({ rows }: Tradeoff): { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  const classification = rows.some(({ newTasksAccuracy }) => newTasksAccuracy);
  const columns: TableColumn[] = [
    { title: 'point', of: ({ label }) => label },
    { title: 'n', of: runsOf },
    { title: 'rounds to target', of: roundsToTargetOf },
    ...measuredColumns(classification),
    { title: 'gap (loss)', of: (row) => lossText(row.gapLoss) },
    { title: 'train loss', of: (row) => lossText(row.trainLoss) },
  ];
  return { columns: columns.map(({ title }) => title), rows: rows.map((row) => columns.map(({ of }) => of(row))) };
}
