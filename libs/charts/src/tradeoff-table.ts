/** The trade-off as rows of text: the table a person reads and the file a program does. */
import { csvFormatRows } from 'd3-dsv';
import type { Estimate, Tradeoff, TradeoffRow } from '@airmeta/spec';

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

/** Mean and half-width, `57.1 % ± 2.0`; a dash where there is nothing. */
function shown(estimate: Estimate | null, format: (value: number) => string, unit = ''): string {
  if (!estimate) return '-';
  const half = estimate.high === null ? '' : ` ± ${format(estimate.high - estimate.mean)}`;
  return `${format(estimate.mean)}${half}${unit}`;
}

const rounds = (value: number) => value.toFixed(0);
const percent = (value: number) => (100 * value).toFixed(1);
const loss = (value: number) => value.toPrecision(3);

/** Columns and rows of the table a person reads: cost first, then what it bought. */
export function tradeoffTable({ rows }: Tradeoff): { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  const classification = rows.some(({ newTasksAccuracy }) => newTasksAccuracy);
  return {
    columns: [
      'point',
      'n',
      'rounds to target',
      classification ? 'new-task accuracy %' : 'new-task loss',
      'gap (loss)',
      classification ? 'gain over ideal, points' : 'loss gain over ideal',
      'train loss',
    ],
    rows: rows.map((row) => {
      const { censored } = row.roundsToTarget;
      const diverged = row.runs.diverged > 0 ? ` (${row.runs.diverged} diverged)` : '';
      return [
        row.label,
        `${row.runs.completed} of ${row.runs.total}${diverged}`,
        `${censored > 0 ? '≥ ' : ''}${shown(row.roundsToTarget.estimate, rounds)}${censored > 0 ? ` (${censored} never)` : ''}`,
        classification ? shown(row.newTasksAccuracy, percent) : shown(row.newTasksLoss, loss),
        shown(row.gapLoss, loss),
        classification ? shown(row.gainAccuracyLast, percent) : shown(row.gainLossLast, loss),
        shown(row.trainLoss, loss),
      ];
    }),
  };
}
