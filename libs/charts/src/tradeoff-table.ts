/** The trade-off as the table that a person reads. */
import type { ComparisonBasis, Tradeoff, TradeoffRow } from '@airmeta/spec';
import { AGAINST_NAMES, targetText, tuningText, TWIN_NAMES } from './comparison-words.js';
import { gainText, HEAVY_TAILS, lossText, quantityText, scoreText } from './estimate-text.js';
import { meanRoundsText, reachedText, roundsTitle } from './rounds-table.js';
import { isClassification, scoreOf } from './score-of.js';
import { textTable, type TableColumn, type TextTable } from './text-table.js';

/** Differences are paired: point - twin of the same seed. More accuracy is better, more loss is worse. */
function measuredColumns(tradeoff: Tradeoff): TableColumn<TradeoffRow>[] {
  const score = scoreOf(tradeoff);
  const twin = AGAINST_NAMES[tradeoff.against];
  const gain = (basis: ComparisonBasis) => (row: TradeoffRow) => {
    const estimate = row.gains[basis][score];
    const pairs = estimate === null || estimate.n === row.runs.completed ? '' : ` (n ${estimate.n})`;
    return `${gainText[score](estimate)}${pairs}`;
  };
  const unit = isClassification(tradeoff) ? '(points)' : '(negative is better)';
  return [
    {
      title: isClassification(tradeoff) ? 'new-task accuracy %' : 'new-task loss',
      of: (row) => scoreText[score](row.newTasks.last[score]),
    },
    { title: `${score} − ${twin}, last round ${unit}`, of: gain('last') },
    { title: `${score} − ${twin}, best round ${unit}`, of: gain('best') },
  ];
}

export function runsText({ runs }: TradeoffRow): string {
  const { completed, total, diverged, missing } = runs;
  const others = [...(diverged > 0 ? [`${diverged} diverged`] : []), ...(missing > 0 ? [`${missing} missing`] : [])];
  return `${completed} of ${total}${others.length > 0 ? ` (${others.join(', ')})` : ''}`;
}

/** The values that tuning chose. */
function tunedColumns({ tuning }: Tradeoff): TableColumn<TradeoffRow>[] {
  if (tuning === null) return [];
  const of = ({ tuned }: TradeoffRow) =>
    tuned === null ? 'not yet' : `${JSON.stringify(tuned.value)}; ${JSON.stringify(tuned.twinValue)}`;
  return [{ title: `${tuning.axis}: chosen; twin’s`, of }];
}

/** The table a person reads: cost first, then what it bought. */
export function tradeoffTable(tradeoff: Tradeoff): TextTable {
  const columns: TableColumn<TradeoffRow>[] = [
    { title: 'point', of: ({ label }) => label },
    ...tunedColumns(tradeoff),
    { title: 'n', of: runsText },
    { title: 'reached target', of: ({ roundsToTarget }) => reachedText(roundsToTarget) },
    { title: roundsTitle(tradeoff), of: ({ roundsToTarget }) => meanRoundsText(roundsToTarget) },
    ...measuredColumns(tradeoff),
    { title: 'gap (loss)', of: (row) => lossText(row.gapLoss) },
    { title: 'train loss', of: (row) => lossText(row.trainLoss) },
    ...(tradeoff.rows.some(({ physical }) => physical.updateGain)
      ? [{ title: 'update gain c', of: ({ physical }: TradeoffRow) => quantityText(physical.updateGain) }]
      : []),
  ];
  return textTable(columns, tradeoff.rows);
}

/** How the table is to be read, in lines. */
export function tradeoffNotes(tradeoff: Tradeoff): string[] {
  const { rows, against } = tradeoff;
  const tuned = tuningText(tradeoff);
  const heavy = rows.some(({ caveats }) => caveats.some(({ kind }) => kind === 'heavyTails'));
  return [
    `means over n completed runs, ± 95 % t-interval, [low, high] where it is cut at what is possible, at the last round; gains: over pairs of completed runs of the same seed, counted where they are fewer, − ${TWIN_NAMES[against]}`,
    `target: ${targetText(tradeoff)}; rounds to target: mean of the rounds spent up to the last planned one, where it lies between two evaluations, with a 95 % interval, over completed and diverged runs that have a target; diverged runs never reach it`,
    ...(tradeoff.targetTrainLoss === null ? ['give targetTrainLoss in the specification for a target of your own'] : []),
    'each interval by itself; a claim corrects for the number of points',
    ...(tuned === undefined ? [] : [tuned]),
    ...(heavy
      ? [
          `${HEAVY_TAILS} values far from the others: ± covers less than 95 %; the robust mean (interquartile) stands beside it, without an interval`,
        ]
      : []),
  ];
}
