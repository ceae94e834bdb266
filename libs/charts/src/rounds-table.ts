/** Rounds to target as tables: what arrived, what did not, and what is known of when. docs/trade-offs.md says how to read it. */
import type { ExtraRounds, RoundsToTarget, Tradeoff, TradeoffRow } from '@airmeta/spec';
import { roundsDifferenceText, roundsText, shareText } from './estimate-text.js';
import { textTable, type TableColumn, type TextTable } from './text-table.js';

/** `2 of 6, 1 diverged, 3 without a target`: runs that reached the target, of all that have ended. */
export function reachedText({ n, reached, diverged, withoutTarget }: RoundsToTarget): string {
  const ended = n + withoutTarget;
  if (ended === 0) return '-';
  const others = [...(diverged > 0 ? [`${diverged} diverged`] : []), ...(withoutTarget > 0 ? [`${withoutTarget} without a target`] : [])];
  return [`${reached} of ${ended}`, ...others].join(', ');
}

/** The mean of the rounds spent up to the planned last one; where nothing arrived by it, that is all there is to say. */
export function meanRoundsText({ n, reached, horizon, restrictedMean }: RoundsToTarget): string {
  return n > 0 && reached === 0 ? `none by ${horizon ?? 'its end'}` : roundsText(restrictedMean);
}

/** Relative extra rounds in percent, the median unless it is said to be the geometric mean, with the pairs that did not arrive. */
export function extraRoundsText(extraRounds: ExtraRounds | null): string {
  if (!extraRounds) return '-';
  const { share, shareOf, censored, diverged, twinAtStart, withoutTarget } = extraRounds;
  const others = [
    ...(share !== null && shareOf === 'geometricMean' ? ['geometric mean'] : []),
    ...(censored > 0 ? [`${censored} never`] : []),
    ...(diverged > 0 ? [`${diverged} diverged`] : []),
    ...(withoutTarget > 0 ? [`${withoutTarget} without a target`] : []),
    ...(twinAtStart > 0 ? [`${twinAtStart} twin at target from the start`] : []),
  ];
  return others.length === 0 ? shareText(share) : `${shareText(share)} (${others.join(', ')})`;
}

/** The planned last round of all rows, where it is one. */
export function commonHorizon({ rows }: Tradeoff): number | undefined {
  const horizons = new Set(rows.flatMap(({ roundsToTarget }) => roundsToTarget.horizon ?? []));
  return horizons.size === 1 ? [...horizons][0] : undefined;
}

/** What a mean of rounds to target is called: it counts rounds up to the planned last one only. */
export function roundsTitle(tradeoff: Tradeoff): string {
  const horizon = commonHorizon(tradeoff);
  return `mean rounds to target, up to ${horizon === undefined ? 'the last planned' : horizon}`;
}

export function roundsTable(tradeoff: Tradeoff): TextTable {
  const columns: TableColumn<TradeoffRow>[] = [
    { title: 'point', of: ({ label }) => label },
    { title: 'reached', of: ({ roundsToTarget }) => reachedText(roundsToTarget) },
    { title: roundsTitle(tradeoff), of: ({ roundsToTarget }) => meanRoundsText(roundsToTarget) },
    { title: 'median rounds', of: ({ roundsToTarget }) => roundsText(roundsToTarget.median) },
    { title: 'pairs', of: ({ extraRounds }) => (extraRounds === null ? '-' : String(extraRounds.pairs)) },
    { title: 'extra rounds %', of: ({ extraRounds }) => extraRoundsText(extraRounds) },
    { title: 'extra rounds, mean up to the last planned', of: ({ extraRounds }) => roundsDifferenceText(extraRounds?.difference ?? null) },
  ];
  return textTable(columns, tradeoff.rows);
}
