import { gainsTable, renderSvg, scoresTable, targetText, tradeoffCsv, tradeoffFigure, tradeoffTable } from '@airmeta/charts';
import type { LabClient } from '@airmeta/client';
import type { Tradeoff } from '@airmeta/spec';
import { writeResult } from '../files.js';
import { renderTable } from '../table.js';

export interface TradeoffOutputs {
  readonly svg?: string;
  readonly csv?: string;
  readonly json?: boolean;
}

/** Prints an experiment's trade-off and writes the files that were asked for, all from one query result. */
export async function showTradeoff(client: LabClient, experimentId: string, { svg, csv, json }: TradeoffOutputs): Promise<void> {
  const tradeoff = await client.tradeoff(experimentId);
  if (json) console.log(JSON.stringify(tradeoff));
  else printTradeoff(tradeoff);
  const note = await client.arithmeticNote(experimentId);
  if (note !== null) console.error(`note: ${note}`);
  if (svg) writeResult(svg, await renderSvg(tradeoffFigure(tradeoff)));
  if (csv) writeResult(csv, tradeoffCsv(tradeoff));
}

/** The trade-off at the last round, and the comparisons with the ideal twin on every basis. */
export function printTradeoff(tradeoff: Tradeoff): void {
  console.log(`\n${tradeoff.name}: what convergence costs and generalization gains\n`);
  console.log(renderTable(tradeoffTable(tradeoff)));
  console.log(`\nmeans ± 95 % t-interval over n runs, at the last round; target: ${targetText(tradeoff)}`);
  console.log('\nnew tasks, by the round at which a run is judged\n');
  console.log(renderTable(scoresTable(tradeoff)));
  const gains = gainsTable(tradeoff);
  if (gains.rows.length > 0) {
    console.log('\ngain over the ideal twin, paired by seed (docs/trade-offs.md says what each basis means)\n');
    console.log(renderTable(gains));
  }
  console.log('');
}
