/** A study as a page of Markdown: the trade-off, its comparison bases and the claim, to be embedded in documents. */
import type { GainClaim, Tradeoff } from '@airmeta/spec';
import { gainsTable, scoresTable } from './bases-table.js';
import { caveatLines, claimCaveatLines } from './caveat-text.js';
import { claimNote, claimTable } from './claim-table.js';
import { TWIN_NAMES } from './comparison-words.js';
import { physicalTable } from './physical-table.js';
import { roundsTable } from './rounds-table.js';
import { scoreOf } from './score-of.js';
import { markdownTable, markdownText, type TextTable } from './text-table.js';
import { tradeoffNotes, tradeoffTable } from './tradeoff-table.js';

interface Section {
  readonly title: string;
  readonly note: string;
  readonly table: TextTable;
  /** Below the table. */
  readonly caveats?: readonly string[];
}

function sectionText({ title, note, table, caveats = [] }: Section): string {
  const list = caveats.length === 0 ? '' : `\n${caveats.map((caveat) => `- ${markdownText(caveat)}`).join('\n')}\n`;
  return `## ${title}\n\n${note}\n\n${markdownTable(table)}\n${list}`;
}

function tradeoffSections(tradeoff: Tradeoff): Section[] {
  const score = scoreOf(tradeoff);
  const unit = score === 'accuracy' ? 'accuracy in %' : 'loss';
  const twin = TWIN_NAMES[tradeoff.against];
  const physical = physicalTable(tradeoff);
  const ofLoss: Section = {
    title: 'Difference in new-task loss',
    note: 'Paired differences in new-task loss, point − twin of the same seeds: below 0 is better.',
    table: gainsTable(tradeoff, 'loss'),
  };
  return [
    {
      title: 'Trade-off',
      note: tradeoffNotes(tradeoff)
        .map((note) => `${markdownText(note)}.`)
        .join('\n'),
      table: tradeoffTable(tradeoff),
      caveats: caveatLines(tradeoff),
    },
    {
      title: 'Rounds to target',
      note: 'Runs that reached the target, and when: between two evaluations, with a 95 % interval. Extra rounds are of pairs of the same seeds.',
      table: roundsTable(tradeoff),
    },
    {
      title: 'New tasks, by the round at which a run is judged',
      note: `New-task ${unit}, mean ± 95 % half-width over n runs.`,
      table: scoresTable(tradeoff),
    },
    {
      title: `Gain over ${twin}`,
      note: 'Paired differences in new-task score, point − twin of the same seeds, mean ± 95 % half-width.',
      table: gainsTable(tradeoff),
    },
    ...(score === 'accuracy' ? [ofLoss] : []),
    ...(physical.rows.length === 0
      ? []
      : [{ title: 'How updates arrived, and what it took', note: 'Means over completed runs.', table: physical }]),
  ];
}

/** The trade-off alone. */
export function tradeoffMarkdown(tradeoff: Tradeoff): string {
  return [`# ${markdownText(tradeoff.name)}\n`, ...tradeoffSections(tradeoff).map(sectionText)].join('\n');
}

/** The claim alone. */
export function claimMarkdown(claim: GainClaim): string {
  return [`# ${markdownText(claim.name)}\n`, sectionText(claimSection(claim))].join('\n');
}

function claimSection(claim: GainClaim): Section {
  return {
    title: 'Claim',
    note: `${markdownText(claim.sentence)}\n\n${markdownText(claimNote(claim))}.`,
    table: claimTable(claim),
    caveats: claimCaveatLines(claim),
  };
}

export function reportMarkdown(tradeoff: Tradeoff, claim: GainClaim): string {
  return [`# ${markdownText(tradeoff.name)}\n`, ...[...tradeoffSections(tradeoff), claimSection(claim)].map(sectionText)].join('\n');
}
