/** The comparisons with the twin as tables: the same runs, judged at different rounds. docs/trade-offs.md defines them. */
import type { ComparisonBasis, Estimate, NewTaskScore, Tradeoff, TradeoffRow } from '@airmeta/spec';
import { AGAINST_NAMES } from './comparison-words.js';
import { gainText, scoreText } from './estimate-text.js';
import { scoreOf } from './score-of.js';
import { textTable, type TableColumn, type TextTable } from './text-table.js';

const BASES: readonly { readonly basis: ComparisonBasis; readonly title: string }[] = [
  { basis: 'last', title: 'last round' },
  { basis: 'best', title: 'best round' },
  { basis: 'target', title: 'equal train loss' },
  { basis: 'earlyStop', title: 'early stop' },
];

/** n is written where it is not that of the other columns. */
export function counted(text: string, estimate: Estimate | null, usual: number): string {
  return estimate && estimate.n !== usual ? `${text} (n ${estimate.n})` : text;
}

const LABEL: TableColumn<TradeoffRow> = { title: 'point', of: ({ label }) => label };

/** New-task accuracy (in regression loss) of every point and twin itself, by the round at which a run is judged. */
export function scoresTable(tradeoff: Tradeoff): TextTable {
  const score = scoreOf(tradeoff);
  const columns = BASES.map(({ basis, title }) => ({
    title,
    of: ({ newTasks }: TradeoffRow) =>
      counted(scoreText[score](newTasks[basis][score]), newTasks[basis][score], newTasks.last[score]?.n ?? 0),
  }));
  return textTable([LABEL, { title: 'n', of: ({ newTasks }) => String(newTasks.last[score]?.n ?? 0) }, ...columns], tradeoff.rows);
}

/** `8 (1 diverged, 1 unpaired)`: pairs that enter gains, and what became of the others. */
function pairsText({ pairs }: TradeoffRow): string {
  if (!pairs) return '-';
  const { completed, diverged, twinDiverged, unpaired } = pairs;
  const others = [
    ...(diverged > 0 ? [`${diverged} diverged`] : []),
    ...(twinDiverged > 0 ? [`${twinDiverged} twin diverged`] : []),
    ...(unpaired > 0 ? [`${unpaired} unpaired`] : []),
  ];
  return others.length === 0 ? String(completed) : `${completed} (${others.join(', ')})`;
}

/** What every point gains over its twin, for points that have one. */
export function gainsTable(tradeoff: Tradeoff, score: NewTaskScore = scoreOf(tradeoff)): TextTable {
  const columns = BASES.map(({ basis, title }) => ({
    title: `${title} − ${AGAINST_NAMES[tradeoff.against]}`,
    of: ({ gains }: TradeoffRow) => counted(gainText[score](gains[basis][score]), gains[basis][score], gains.last[score]?.n ?? 0),
  }));
  return textTable(
    [LABEL, { title: 'pairs', of: pairsText }, ...columns],
    tradeoff.rows.filter(({ pairs }) => pairs !== null),
  );
}
