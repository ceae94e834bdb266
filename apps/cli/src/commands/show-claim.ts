import { claimCaveatLines, claimMarkdown, claimNote, claimTable } from '@airmeta/charts';
import type { LabClient } from '@airmeta/client';
import { DEFAULT_TRADEOFF_ROWS, printableJson, type ComparedWith, type GainClaim } from '@airmeta/spec';
import { writeResult } from '../files.js';
import { endingOf } from '../output-file.js';
import { renderTable } from '../table.js';
import { line, note, print, printJson } from '../terminal.js';
import { printCaveats } from './show-tradeoff.js';

export interface ClaimOptions {
  /** Extra rounds as a share. */
  readonly budget?: number;
  readonly against?: ComparedWith;
  /** Files, each with an ending of `CLAIM_ENDINGS`. */
  readonly out: readonly string[];
  readonly json?: boolean;
}

/** What is written, by the ending of a file. */
const CLAIM_WRITERS: Readonly<Record<string, (claim: GainClaim) => string>> = {
  '.md': claimMarkdown,
  '.json': (claim) => `${printableJson(claim)}\n`,
};
export const CLAIM_ENDINGS = Object.keys(CLAIM_WRITERS);

/** `airmeta claim`: whether a point beats its twin on new tasks within a budget of extra rounds. */
export async function showClaim(client: LabClient, experimentId: string, { budget, against, out, json }: ClaimOptions): Promise<void> {
  const claim = await client.claim(experimentId, budget, against);
  if (json) printJson(claim);
  else printClaim(claim);
  const arithmetic = await client.arithmeticNote(experimentId);
  if (arithmetic !== null) note(line`note: ${arithmetic}`);
  for (const file of out) writeResult(file, CLAIM_WRITERS[endingOf(file)](claim));
}

/** Of the first points: the sentence below is of all of them. */
export function printClaim(whole: GainClaim): void {
  const claim = { ...whole, rows: whole.rows.slice(0, DEFAULT_TRADEOFF_ROWS) };
  print(line`${claim.name}: the best gain within a budget of extra rounds\n`);
  if (claim.rows.length > 0) print(`${renderTable(claimTable(claim))}\n\n${claimNote(claim)}\n`);
  printCaveats(claimCaveatLines(claim));
  print(line`${claim.sentence}`);
  if (claim.rows.length < whole.rowCount) note(`${claim.rows.length} of ${whole.rowCount} points are printed: --out writes all to a file`);
}
