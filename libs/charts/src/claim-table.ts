/** The claim of a gain within a budget of extra rounds, point by point. */
import type { GainClaim, GainClaimRow } from '@airmeta/spec';
import { counted, extraRoundsText } from './bases-table.js';
import { gainText, intervalText, pointsText, scoreText } from './estimate-text.js';
import { textTable, type TextTable } from './text-table.js';

/** The sign says which way a score is better; mixed families have both. */
function gainTitle({ rows }: GainClaim): string {
  if (rows.every(({ score }) => score === 'accuracy')) return 'gain (accuracy points)';
  return rows.every(({ score }) => score === 'loss') ? 'gain (loss, negative is better)' : 'gain (accuracy points, or loss)';
}

export function claimTable(claim: GainClaim): TextTable {
  return textTable<GainClaimRow>(
    [
      { title: 'point', of: ({ label }) => label },
      { title: 'pairs', of: ({ gain }) => String(gain?.n ?? 0) },
      { title: 'twin’s best', of: ({ score, twinBest }) => scoreText[score](twinBest) },
      { title: 'best within budget', of: ({ score, best }) => scoreText[score](best) },
      { title: gainTitle(claim), of: ({ score, gain }) => gainText[score](gain) },
      { title: 'simultaneous interval', of: ({ score, simultaneous }) => intervalText(simultaneous, score) },
      { title: 'relative gain %', of: ({ relativeGain }) => pointsText(relativeGain) },
      {
        title: 'gain at equal train loss',
        of: ({ score, gain, gainAtTarget }) => counted(gainText[score](gainAtTarget), gainAtTarget, gain?.n ?? 0),
      },
      { title: 'extra rounds to target %', of: ({ extraRounds }) => extraRoundsText(extraRounds) },
      { title: 'cut', of: ({ counts }) => String(counts.cut) },
    ],
    claim.rows,
  );
}

/** What the columns mean, in a line or two. */
export function claimNote({ budget, compared, simultaneousLevel }: GainClaim): string {
  const percent = (share: number) => `${Number((100 * share).toPrecision(6))} %`;
  return (
    `gain: paired, best new-task score up to round (1 + ${percent(budget)}) T* − the ideal twin’s best, at its round T*; ± is 95 % for one point; ` +
    `the simultaneous intervals (each ${percent(simultaneousLevel)}) hold for all ${compared} points at once with 95 %; ` +
    'cut: pairs whose run ended before its budget did'
  );
}
