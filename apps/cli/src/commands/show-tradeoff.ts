import { renderSvg, tradeoffCsv, tradeoffFigure, tradeoffTable } from '@airmeta/charts';
import type { LabClient } from '@airmeta/client';
import { writeContent } from '../files.js';
import { renderTable } from '../table.js';

export interface TradeoffOutputs {
  readonly svg?: string;
  readonly csv?: string;
  readonly json?: boolean;
}

/** Prints an experiment's trade-off and writes the files that were asked for, all from one query result. */
export async function showTradeoff(client: LabClient, experimentId: string, { svg, csv, json }: TradeoffOutputs): Promise<void> {
  const tradeoff = await client.tradeoff(experimentId);
  if (json) {
    console.log(JSON.stringify(tradeoff));
  } else {
    const { columns, rows } = tradeoffTable(tradeoff);
    console.log(`\n${tradeoff.name}: what convergence costs and generalization gains\n`);
    console.log(renderTable(columns, rows));
    const target =
      tradeoff.targetTrainLoss === null
        ? 'where the ideal twin has made 90 % of its own decrease in train loss'
        : `train loss ${tradeoff.targetTrainLoss}`;
    console.log(`\nmeans ± 95 % t-interval over n runs, at the last round; target: ${target}\n`);
  }
  if (svg) {
    writeContent(svg, await renderSvg(tradeoffFigure(tradeoff)));
    console.error(`wrote ${svg}`);
  }
  if (csv) {
    writeContent(csv, tradeoffCsv(tradeoff));
    console.error(`wrote ${csv}`);
  }
}
