import {
  caveatLines,
  gainsTable,
  physicalTable,
  renderSvg,
  roundsTable,
  scoresTable,
  tradeoffCsv,
  tradeoffFigure,
  tradeoffMarkdown,
  tradeoffNotes,
  tradeoffTable,
  TWIN_NAMES,
  type TextTable,
} from '@airmeta/charts';
import type { LabClient } from '@airmeta/client';
import { DEFAULT_TRADEOFF_ROWS, printableJson, type ComparedWith, type Tradeoff } from '@airmeta/spec';
import { writeResult } from '../files.js';
import { endingOf } from '../output-file.js';
import { renderTable } from '../table.js';
import { line, note, print, printJson } from '../terminal.js';

export interface TradeoffOutputs {
  readonly svg?: string;
  readonly csv?: string;
  /** Files, each with an ending of `TRADEOFF_ENDINGS`. */
  readonly out: readonly string[];
  readonly against?: ComparedWith;
  readonly json?: boolean;
  /** Print every point, however many there are. */
  readonly all?: boolean;
}

/** What is written, by the ending of a file. */
const TRADEOFF_WRITERS: Readonly<Record<string, (tradeoff: Tradeoff) => string | Promise<string>>> = {
  '.svg': (tradeoff) => renderSvg(tradeoffFigure(tradeoff)),
  '.csv': tradeoffCsv,
  '.md': tradeoffMarkdown,
  '.json': (tradeoff) => `${printableJson(tradeoff)}\n`,
};
export const TRADEOFF_ENDINGS = Object.keys(TRADEOFF_WRITERS);

/** Points that are printed unless all are asked for; a picture has as many. */
const MOST_PRINTED = DEFAULT_TRADEOFF_ROWS;

/** What the outputs need: all points only where all of them are printed or written. */
async function tradeoffFor(
  client: LabClient,
  experimentId: string,
  { svg, csv, out, against, json, all }: TradeoffOutputs,
): Promise<Tradeoff> {
  const isPictured = [svg, csv, ...out].every((file) => file === undefined || endingOf(file) === '.svg');
  if (json || all || !isPictured) return client.tradeoff(experimentId, against);
  return client.withTwins(await client.tradeoffPage(experimentId, { against }));
}

/** Prints an experiment's trade-off and writes the files that were asked for. */
export async function showTradeoff(client: LabClient, experimentId: string, outputs: TradeoffOutputs): Promise<void> {
  const { svg, csv, out, json, all } = outputs;
  const tradeoff = await tradeoffFor(client, experimentId, outputs);
  if (json) printJson(tradeoff);
  else printTradeoff(tradeoff, all);
  const arithmetic = await client.arithmeticNote(experimentId);
  if (arithmetic !== null) note(line`note: ${arithmetic}`);
  for (const file of [svg, csv, ...out]) if (file !== undefined) writeResult(file, await TRADEOFF_WRITERS[endingOf(file)](tradeoff));
}

/** What must be said together with a comparison. */
export function printCaveats(lines: readonly string[]): void {
  if (lines.length > 0) print(`${lines.map((text) => line`  - ${text}`).join('\n')}\n`);
}

/**
 * The trade-off at the last round, when targets were reached, the comparisons with the twin on every basis, and what it took; of the first
 * points unless all are asked for.
 */
export function printTradeoff(whole: Tradeoff, all = false): void {
  const tradeoff = all ? whole : { ...whole, rows: whole.rows.slice(0, MOST_PRINTED) };
  print(line`\n${tradeoff.name}: rounds to target and scores on new tasks, against ${TWIN_NAMES[tradeoff.against]}\n`);
  print(`${renderTable(tradeoffTable(tradeoff))}\n`);
  print(
    `${tradeoffNotes(tradeoff)
      .map((text) => line`${text}`)
      .join('\n')}\n`,
  );
  printCaveats(caveatLines(tradeoff));
  printTable('rounds to target, between two evaluations, with a 95 % interval', roundsTable(tradeoff));
  printTable('new tasks, by the round at which a run is judged', scoresTable(tradeoff));
  printTable(
    `gain over ${TWIN_NAMES[tradeoff.against]}, paired by seed (docs/trade-offs.md says what each basis means)`,
    gainsTable(tradeoff),
  );
  printTable('how updates arrived, and what it took', physicalTable(tradeoff));
  const [shown, total] = [tradeoff.rows.length, tradeoff.rowCount];
  if (shown < total) note(`${shown} of ${total} points are printed: --all prints all, --csv writes them to a file`);
}

function printTable(title: string, table: TextTable): void {
  if (table.rows.length > 0) print(`${title}\n\n${renderTable(table)}\n`);
}
