/** The claim of a gain within a budget of extra rounds, point by point. */
import type { ClaimCounts, ClaimVerdict, GainClaim, GainClaimRow, Interval } from '@airmeta/spec';
import { counted } from './bases-table.js';
import { TWIN_NAMES } from './comparison-words.js';
import { gainText, intervalText, pointsText, quantityText, scoreText } from './estimate-text.js';
import { extraRoundsText } from './rounds-table.js';
import { textTable, type TextTable } from './text-table.js';

const VERDICTS: Readonly<Record<ClaimVerdict, string>> = { supported: 'supported', notShown: 'not shown', worse: 'worse' };

/** The sign says which way a score is better; mixed families have both. */
function gainTitle({ rows }: GainClaim): string {
  if (rows.every(({ score }) => score === 'accuracy')) return 'gain (accuracy points)';
  return rows.every(({ score }) => score === 'loss') ? 'gain (loss, negative is better)' : 'gain (accuracy points, or loss)';
}

/** `8 of 10 (2 diverged, 1 twin diverged, 1 missing)`: judged pairs of the planned, and what became of all. */
function pairsText({ planned, pairs, diverged, twinDiverged, missing, unscored, cut }: ClaimCounts): string {
  const others = [
    ...(diverged > 0 ? [`${diverged} diverged`] : []),
    ...(twinDiverged > 0 ? [`${twinDiverged} twin diverged`] : []),
    ...(missing > 0 ? [`${missing} missing`] : []),
    ...(unscored > 0 ? [`${unscored} unscored`] : []),
    ...(cut > 0 ? [`${cut} cut`] : []),
  ];
  return `${pairs} of ${planned}${others.length > 0 ? ` (${others.join(', ')})` : ''}`;
}

/** A round, or both that two halves of the replicates chose. */
function roundsOf(rounds: Interval | null): string {
  if (!rounds) return '-';
  return rounds.low === rounds.high ? String(rounds.low) : `${rounds.low}, ${rounds.high}`;
}

export function claimTable(claim: GainClaim): TextTable {
  return textTable<GainClaimRow>(
    [
      { title: 'point', of: ({ label }) => label },
      { title: 'verdict', of: ({ verdict }) => VERDICTS[verdict] },
      { title: 'pairs', of: ({ counts }) => pairsText(counts) },
      { title: 'T*; own round', of: ({ twinRounds, runRounds }) => `${roundsOf(twinRounds)}; ${roundsOf(runRounds)}` },
      { title: 'twin at T*', of: ({ score, twinBest }) => scoreText[score](twinBest) },
      { title: 'point at own round', of: ({ score, best }) => scoreText[score](best) },
      { title: gainTitle(claim), of: ({ score, gain }) => gainText[score](gain) },
      { title: 'simultaneous interval', of: ({ score, simultaneous }) => intervalText(simultaneous, score) },
      { title: 'both at own round', of: ({ score, atRunRound }) => gainText[score](atRunRound) },
      { title: 'both at T*', of: ({ score, atTwinRound }) => gainText[score](atTwinRound) },
      { title: 'relative gain %', of: ({ relativeGain }) => pointsText(relativeGain) },
      {
        title: 'gain at equal train loss',
        of: ({ score, gain, gainAtTarget }) => counted(gainText[score](gainAtTarget), gainAtTarget, gain?.n ?? 0),
      },
      { title: 'extra rounds to target %', of: ({ extraRounds }) => extraRoundsText(extraRounds) },
      {
        title: 'update gain c; twin’s',
        of: ({ updateGain, twinUpdateGain }) => `${quantityText(updateGain)}; ${quantityText(twinUpdateGain)}`,
      },
    ],
    claim.rows,
  );
}

/** What the columns mean, in a line or two. */
export function claimNote({ budget, compared, simultaneousLevel, against }: GainClaim): string {
  const percent = (share: number) => `${Number((100 * share).toPrecision(6))} %`;
  return (
    `gain: paired, the point at its own round up to (1 + ${percent(budget)}) T* − ${TWIN_NAMES[against]} at its round T*; rounds are chosen on one half of ` +
    `the replicates and of the new tasks, and judged on the other; ± or [low, high] is 95 % for one point; the simultaneous intervals (each ` +
    `${percent(simultaneousLevel)}) hold for all ${compared} points at once with 95 %; cut: pairs whose run ended before its budget did`
  );
}
