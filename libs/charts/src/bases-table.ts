/** The comparisons with the ideal twin as tables: the same runs, judged at different rounds. docs/trade-offs.md defines them. */
import type { ComparisonBasis, Estimate, ExtraRounds, NewTaskScore, Tradeoff, TradeoffRow } from '@airmeta/spec';
import { gainText, scoreText, shareText } from './estimate-text.js';
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

/** Relative extra rounds in percent, with the pairs that never arrived. */
export function extraRoundsText(extraRounds: ExtraRounds | null): string {
  if (!extraRounds) return '-';
  const { share, censored, diverged } = extraRounds;
  const never = censored + diverged;
  return never > 0 ? `${shareText(share)} (${never} never)` : shareText(share);
}

/** What every swept point gains over its ideal twin, and the extra rounds it takes to the target. */
export function gainsTable(tradeoff: Tradeoff, score: NewTaskScore = scoreOf(tradeoff)): TextTable {
  const columns = BASES.map(({ basis, title }) => ({
    title: `${title} − ideal`,
    of: ({ gains }: TradeoffRow) => counted(gainText[score](gains[basis][score]), gains[basis][score], gains.last[score]?.n ?? 0),
  }));
  return textTable(
    [
      LABEL,
      { title: 'pairs', of: ({ gains }) => String(gains.last[score]?.n ?? 0) },
      ...columns,
      { title: 'extra rounds to target %', of: ({ extraRounds }) => extraRoundsText(extraRounds) },
    ],
    tradeoff.rows.filter(({ pointId, twinPointId }) => pointId !== twinPointId),
  );
}
