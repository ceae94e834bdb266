/** The trade-off as a file that a program reads. */
import {
  PHYSICAL_FIGURES,
  printableJson,
  type BracketedEstimate,
  type Estimate,
  type JsonValue,
  type Tradeoff,
  type TradeoffRow,
} from '@airmeta/spec';
import { csvText, type CsvCell } from './csv-text.js';
import { pointColumns } from './point-columns.js';

/** `twinAtStart` as a column is called: `twin_at_start`. */
function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

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
  { name: 'train_loss_area', of: (row) => row.trainLossArea },
  ...PHYSICAL_FIGURES.map((figure) => ({ name: snake(figure), of: ({ physical }: TradeoffRow) => physical[figure] })),
  { name: 'twin_update_gain', of: (row) => row.twinUpdateGain },
];

interface BracketColumn {
  readonly name: string;
  readonly of: (row: TradeoffRow) => BracketedEstimate | null;
}

const BRACKETS: readonly BracketColumn[] = [
  { name: 'rounds_to_target_restricted_mean', of: (row) => row.roundsToTarget.restrictedMean },
  { name: 'rounds_to_target_median', of: (row) => row.roundsToTarget.median },
  { name: 'extra_rounds_share', of: (row) => row.extraRounds?.share ?? null },
  { name: 'extra_rounds_difference', of: (row) => row.extraRounds?.difference ?? null },
];

interface CellColumn {
  readonly name: string;
  readonly of: (row: TradeoffRow) => CsvCell;
}

const jsonOrNothing = (value: JsonValue | undefined): CsvCell => (value === undefined ? null : printableJson(value));

const COUNTS: readonly CellColumn[] = [
  ...(['total', 'completed', 'diverged', 'open', 'missing'] as const).map((name) => ({
    name: `runs_${name}`,
    of: ({ runs }: TradeoffRow) => runs[name],
  })),
  ...(['completed', 'diverged', 'twinDiverged', 'unpaired'] as const).map((name) => ({
    name: `pairs_${snake(name)}`,
    of: ({ pairs }: TradeoffRow) => pairs?.[name] ?? null,
  })),
  ...(['n', 'reached', 'censored', 'diverged', 'withoutTarget', 'horizon'] as const).map((name) => ({
    name: `rounds_to_target_${snake(name)}`,
    of: ({ roundsToTarget }: TradeoffRow) => roundsToTarget[name],
  })),
  ...(['pairs', 'reached', 'censored', 'diverged', 'withoutTarget', 'twinAtStart', 'shareOf'] as const).map((name) => ({
    name: `extra_rounds_${snake(name)}`,
    of: ({ extraRounds }: TradeoffRow) => extraRounds?.[name] ?? null,
  })),
  { name: 'tuned_value', of: ({ tuned }) => jsonOrNothing(tuned?.value) },
  { name: 'tuned_twin_value', of: ({ tuned }) => jsonOrNothing(tuned?.twinValue) },
  { name: 'caveats', of: ({ caveats }) => [...new Set(caveats.map(({ kind }) => kind))].join(' ') },
];

const bracketCells = (bracket: BracketedEstimate | null): CsvCell[] =>
  bracket ? [bracket.atLeast, bracket.atMost, bracket.low, bracket.high] : [null, null, null, null];

function estimateCells(estimate: Estimate | null): CsvCell[] {
  if (!estimate) return [null, null, null, 0, null, null, null, null, null];
  const { mean, low, high, n, outliers, heavyTails, robust } = estimate;
  return [mean, low, high, n, outliers, heavyTails, robust?.value ?? null, robust?.low ?? null, robust?.high ?? null];
}

/**
 * Everything in a trade-off, one line per point. An estimate is its mean, 95 % interval, n, outliers, whether its tails are heavy, and the
 * robust figure with its interval; what is known up to a bracket is the bracket and its 95 % interval. An end that there is not is empty.
 */
export function tradeoffCsv({ experimentId, against, rows }: Tradeoff): string {
  const points = pointColumns(experimentId, rows);
  const header = [
    ...points.header,
    ...['against', 'twin_point'],
    ...COUNTS.map(({ name }) => name),
    ...BRACKETS.flatMap(({ name }) => ['at_least', 'at_most', 'low', 'high'].map((part) => `${name}_${part}`)),
    ...ESTIMATES.flatMap(({ name }) =>
      ['mean', 'low', 'high', 'n', 'outliers', 'heavy_tails', 'robust', 'robust_low', 'robust_high'].map((part) => `${name}_${part}`),
    ),
  ];
  const lines = rows.map((row) => [
    ...points.cellsOf(row),
    ...[against, row.twinPointIndex],
    ...COUNTS.map(({ of }) => of(row)),
    ...BRACKETS.flatMap(({ of }) => bracketCells(of(row))),
    ...ESTIMATES.flatMap(({ of }) => estimateCells(of(row))),
  ]);
  return csvText(header, lines);
}
