/** The trade-off as a file that a program reads. */
import type { Estimate, Tradeoff, TradeoffRow } from '@airmeta/spec';
import { csvText } from './csv-text.js';
import { pointColumns } from './point-columns.js';

interface Column {
  readonly name: string;
  readonly of: (row: TradeoffRow) => Estimate | null;
}

/** The last round has no name in a metric's column; differences to the twin always say where they were taken. */
const ESTIMATES: readonly Column[] = [
  { name: 'rounds_to_target', of: (row) => row.roundsToTarget.estimate },
  { name: 'train_loss', of: (row) => row.trainLoss },
  { name: 'new_agents_loss', of: (row) => row.newAgentsLoss },
  { name: 'new_agents_accuracy', of: (row) => row.newAgentsAccuracy },
  { name: 'new_tasks_loss', of: (row) => row.newTasks.last.loss },
  { name: 'new_tasks_accuracy', of: (row) => row.newTasks.last.accuracy },
  { name: 'gap_loss', of: (row) => row.gapLoss },
  { name: 'gap_accuracy', of: (row) => row.gapAccuracy },
  { name: 'gain_accuracy_last', of: (row) => row.gains.last.accuracy },
  { name: 'gain_accuracy_best', of: (row) => row.gains.best.accuracy },
  { name: 'gain_loss_last', of: (row) => row.gains.last.loss },
  { name: 'gain_loss_best', of: (row) => row.gains.best.loss },
  { name: 'gain_accuracy_target', of: (row) => row.gains.target.accuracy },
  { name: 'gain_accuracy_early_stop', of: (row) => row.gains.earlyStop.accuracy },
  { name: 'gain_loss_target', of: (row) => row.gains.target.loss },
  { name: 'gain_loss_early_stop', of: (row) => row.gains.earlyStop.loss },
  { name: 'new_tasks_accuracy_best', of: (row) => row.newTasks.best.accuracy },
  { name: 'new_tasks_accuracy_target', of: (row) => row.newTasks.target.accuracy },
  { name: 'new_tasks_accuracy_early_stop', of: (row) => row.newTasks.earlyStop.accuracy },
  { name: 'new_tasks_loss_best', of: (row) => row.newTasks.best.loss },
  { name: 'new_tasks_loss_target', of: (row) => row.newTasks.target.loss },
  { name: 'new_tasks_loss_early_stop', of: (row) => row.newTasks.earlyStop.loss },
  { name: 'extra_rounds', of: (row) => row.extraRounds.estimate },
];

/** Everything in a trade-off, one line per point; each estimate as mean, 95 % interval and n. */
export function tradeoffCsv({ experimentId, rows }: Tradeoff): string {
  const points = pointColumns(experimentId, rows);
  const header = [
    ...points.header,
    ...['runs_total', 'runs_completed', 'runs_diverged', 'runs_censored'],
    ...ESTIMATES.flatMap(({ name }) => [`${name}_mean`, `${name}_low`, `${name}_high`, `${name}_n`]),
    'extra_rounds_censored',
  ];
  const lines = rows.map((row) => [
    ...points.cellsOf(row),
    ...[row.runs.total, row.runs.completed, row.runs.diverged, row.roundsToTarget.censored],
    ...ESTIMATES.flatMap(({ of }) => {
      const estimate = of(row);
      return estimate ? [estimate.mean, estimate.low, estimate.high, estimate.n] : [null, null, null, 0];
    }),
    row.extraRounds.censored,
  ]);
  return csvText(header, lines);
}
