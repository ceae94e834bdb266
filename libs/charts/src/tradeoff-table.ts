/** The trade-off as rows of text: the table a person reads and the file a program does. */
import { csvFormatRows } from 'd3-dsv';
import type { BracketedEstimate, Estimate, Tradeoff, TradeoffRow } from '@airmeta/spec';
import { gainText, lossText, roundsText, scoreText } from './estimate-text.js';
import { isClassification, scoreOf } from './score-of.js';
import { textTable, type TableColumn, type TextTable } from './text-table.js';

interface Column {
  readonly name: string;
  readonly of: (row: TradeoffRow) => Estimate | null;
}

/** The last round has no name in a metric's column; differences to the twin always say where they were taken. */
const ESTIMATES: readonly Column[] = [
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
];

/** Numbers that are known up to a bracket. */
const BRACKETS: readonly { readonly name: string; readonly of: (row: TradeoffRow) => BracketedEstimate | null }[] = [
  { name: 'rounds_to_target', of: (row) => row.roundsToTarget.restrictedMean },
  { name: 'extra_rounds', of: (row) => row.extraRounds?.share ?? null },
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
    ...BRACKETS.flatMap(({ name }) => [`${name}_at_least`, `${name}_at_most`, `${name}_low`, `${name}_high`]),
    'extra_rounds_censored',
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
    ...BRACKETS.flatMap(({ of }) => {
      const bracket = of(row);
      return bracket ? [bracket.atLeast, bracket.atMost ?? '', bracket.low ?? '', bracket.high ?? ''] : ['', '', '', ''];
    }),
    row.extraRounds?.censored ?? '',
  ]);
  return `${csvFormatRows([header, ...lines.map((line) => line.map(String))])}\n`;
}

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

/** Mean rounds up to the horizon, with the runs that never arrived. */
function roundsToTargetOf({ roundsToTarget: { restrictedMean, censored, diverged } }: TradeoffRow): string {
  const never = censored + diverged;
  return never > 0 ? `${roundsText(restrictedMean)} (${never} never)` : roundsText(restrictedMean);
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
