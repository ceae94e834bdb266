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

/** How a quantity is written: its scale, and decimals as its interval's half-width allows. */
interface Format {
  readonly scale: number;
  readonly decimals: (half: number | null) => number;
}

const MOST_DECIMALS = 6;

const rounds: Format = { scale: 1, decimals: () => 0 };
const percent: Format = { scale: 100, decimals: () => 1 };
/** Two figures of the half-width, so that a mean is not written finer than it is known. */
const loss: Format = {
  scale: 1,
  decimals: (half) => (half === null || half <= 0 ? 3 : Math.min(MOST_DECIMALS, Math.max(0, 1 - Math.floor(Math.log10(half))))),
};

/** Mean and half-width, `57.1 ± 2.0`; a dash where there is nothing. A difference has its sign, `+0.4`. */
function shown(estimate: Estimate | null, format: Format, signed = false): string {
  if (!estimate) return '-';
  const half = estimate.high === null ? null : format.scale * (estimate.high - estimate.mean);
  const decimals = format.decimals(half);
  const mean = (format.scale * estimate.mean).toFixed(decimals);
  const written = Number(mean) === 0 ? mean.replace('-', '') : signed && Number(mean) > 0 ? `+${mean}` : mean;
  return half === null ? written : `${written} ± ${half.toFixed(decimals)}`;
}

interface TableColumn {
  readonly title: string;
  readonly of: (row: TradeoffRow) => string;
}

/** Differences are paired: point - ideal twin of the same seed. More accuracy is better, more loss is worse. */
function measuredColumns(classification: boolean): TableColumn[] {
  return classification
    ? [
        { title: 'new-task accuracy %', of: (row) => shown(row.newTasksAccuracy, percent) },
        { title: 'accuracy − ideal, points: last round', of: (row) => shown(row.gainAccuracyLast, percent, true) },
        { title: 'best round', of: (row) => shown(row.gainAccuracyBest, percent, true) },
      ]
    : [
        { title: 'new-task loss', of: (row) => shown(row.newTasksLoss, loss) },
        { title: 'loss − ideal (negative is better): last round', of: (row) => shown(row.gainLossLast, loss, true) },
        { title: 'best round', of: (row) => shown(row.gainLossBest, loss, true) },
      ];
}

function runsOf({ runs }: TradeoffRow): string {
  return `${runs.completed} of ${runs.total}${runs.diverged > 0 ? ` (${runs.diverged} diverged)` : ''}`;
}

/** A mean with censored runs in it is a lower bound, and is written as one. */
function roundsToTargetOf({ roundsToTarget: { estimate, censored } }: TradeoffRow): string {
  return censored > 0 ? `≥ ${shown(estimate, rounds)} (${censored} never)` : shown(estimate, rounds);
}

/** Columns and rows of the table a person reads: cost first, then what it bought. */
export function tradeoffTable({ rows }: Tradeoff): { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  const classification = rows.some(({ newTasksAccuracy }) => newTasksAccuracy);
  const columns: TableColumn[] = [
    { title: 'point', of: ({ label }) => label },
    { title: 'n', of: runsOf },
    { title: 'rounds to target', of: roundsToTargetOf },
    ...measuredColumns(classification),
    { title: 'gap (loss)', of: (row) => shown(row.gapLoss, loss) },
    { title: 'train loss', of: (row) => shown(row.trainLoss, loss) },
  ];
  return { columns: columns.map(({ title }) => title), rows: rows.map((row) => columns.map(({ of }) => of(row))) };
}
