/** A study as a page of Markdown: the trade-off, its comparison bases and the claim, to be embedded in documents. */
import type { GainClaim, Tradeoff } from '@airmeta/spec';
import { gainsTable, scoresTable } from './bases-table.js';
import { claimNote, claimTable } from './claim-table.js';
import { scoreOf } from './score-of.js';
import { markdownTable, markdownText } from './text-table.js';
import { tradeoffTable } from './tradeoff-table.js';

/** Where the target lies, in words. */
export function targetText({ targetTrainLoss }: Tradeoff): string {
  return targetTrainLoss === null
    ? 'where the ideal twin has made 90 % of its own decrease in train loss'
    : `train loss ${targetTrainLoss}`;
}

export function reportMarkdown(tradeoff: Tradeoff, claim: GainClaim): string {
  const score = scoreOf(tradeoff);
  const unit = score === 'accuracy' ? 'accuracy in %' : 'loss';
  type Section = readonly [title: string, note: string, table: string];
  const ofLoss: Section = [
    'Difference in new-task loss',
    'Paired differences in new-task loss, point − twin of the same seeds, mean ± 95 % half-width: below 0 is better.',
    markdownTable(gainsTable(tradeoff, 'loss')),
  ];
  const sections: readonly Section[] = [
    [
      'Trade-off',
      `Means ± 95 % t-interval over n runs, at the last round; target: ${targetText(tradeoff)}.`,
      markdownTable(tradeoffTable(tradeoff)),
    ],
    [
      'New tasks, by the round at which a run is judged',
      `New-task ${unit}, mean ± 95 % half-width over n runs.`,
      markdownTable(scoresTable(tradeoff)),
    ],
    [
      'Gain over the ideal twin',
      'Paired differences in new-task score, point − twin of the same seeds, mean ± 95 % half-width.',
      markdownTable(gainsTable(tradeoff)),
    ],
    ...(score === 'accuracy' ? [ofLoss] : []),
    ['Claim', `${markdownText(claim.sentence)} ${markdownText(claimNote(claim))}.`, markdownTable(claimTable(claim))],
  ];
  const parts = sections.map(([title, note, table]) => `## ${title}\n\n${note}\n\n${table}\n`);
  return [`# ${markdownText(tradeoff.name)}\n`, ...parts].join('\n');
}
