import { gainsTable, renderSvg, scoresTable, targetText, tradeoffCsv, tradeoffFigure, tradeoffTable } from '@airmeta/charts';
import type { LabClient } from '@airmeta/client';
import { printableJson, type Tradeoff } from '@airmeta/spec';
import { writeResult } from '../files.js';
import { endingOf } from '../output-file.js';
import { renderTable } from '../table.js';
import { line, print, printJson } from '../terminal.js';

export interface TradeoffOutputs {
  readonly svg?: string;
  readonly csv?: string;
  /** Files, each with an ending of `TRADEOFF_ENDINGS`. */
  readonly out: readonly string[];
  readonly json?: boolean;
}

/** What is written, by the ending of a file. */
const TRADEOFF_WRITERS: Readonly<Record<string, (tradeoff: Tradeoff) => string | Promise<string>>> = {
  '.svg': (tradeoff) => renderSvg(tradeoffFigure(tradeoff)),
  '.csv': tradeoffCsv,
  '.json': (tradeoff) => `${printableJson(tradeoff)}\n`,
};
export const TRADEOFF_ENDINGS = Object.keys(TRADEOFF_WRITERS);

/** Prints an experiment's trade-off and writes the files that were asked for, all from one query result. */
export async function showTradeoff(client: LabClient, experimentId: string, { svg, csv, out, json }: TradeoffOutputs): Promise<void> {
  const tradeoff = await client.tradeoff(experimentId);
  if (json) printJson(tradeoff);
  else printTradeoff(tradeoff);
  for (const file of [svg, csv, ...out]) if (file !== undefined) writeResult(file, await TRADEOFF_WRITERS[endingOf(file)](tradeoff));
}

/** The trade-off at the last round, and the comparisons with the ideal twin on every basis. */
export function printTradeoff(tradeoff: Tradeoff): void {
  print(line`\n${tradeoff.name}: what convergence costs and generalization gains\n`);
  print(renderTable(tradeoffTable(tradeoff)));
  print(line`\nmeans ± 95 % t-interval over n runs, at the last round; target: ${targetText(tradeoff)}`);
  print('\nnew tasks, by the round at which a run is judged\n');
  print(renderTable(scoresTable(tradeoff)));
  const gains = gainsTable(tradeoff);
  if (gains.rows.length > 0) {
    print('\ngain over the ideal twin, paired by seed (docs/trade-offs.md says what each basis means)\n');
    print(renderTable(gains));
  }
  print('');
}
