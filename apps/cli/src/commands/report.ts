/** Everything an experiment has shown, printed and written into one folder. */
import { basename, extname, join } from 'node:path';
import { curvesFigure, renderSvg, reportMarkdown, tradeoffCsv, tradeoffFigure } from '@airmeta/charts';
import type { LabClient } from '@airmeta/client';
import { writeResult } from '../files.js';
import { presetName } from '../presets.js';
import { printClaim } from './show-claim.js';
import { printTradeoff } from './show-tradeoff.js';
import { print, printJson } from '../terminal.js';

/** What a report's files are called: like the specification's file, or its preset. */
export function reportName(specification: string): string {
  if (specification === '-') return 'study';
  return presetName(specification) ?? basename(specification, extname(specification));
}

/**
 * Prints trade-off, comparison bases and claim (or all as one JSON object) and writes `<folder>/<name>.svg`, `.csv`, `.md`, `.json` and
 * `<name>-curves.svg`.
 */
export async function report(client: LabClient, experimentId: string, folder: string, name: string, json = false): Promise<void> {
  const [tradeoff, claim, curves] = await Promise.all([
    client.tradeoff(experimentId),
    client.claim(experimentId),
    client.learningCurves(experimentId),
  ]);
  const numbers = JSON.stringify({ tradeoff, claim });
  if (json) printJson({ tradeoff, claim });
  else {
    printTradeoff(tradeoff);
    printClaim(claim);
    print('');
  }
  const path = (ending: string) => join(folder, `${name}${ending}`);
  writeResult(path('.svg'), await renderSvg(tradeoffFigure(tradeoff)));
  writeResult(path('.csv'), tradeoffCsv(tradeoff));
  writeResult(path('-curves.svg'), await renderSvg(curvesFigure(curves)));
  writeResult(path('.md'), reportMarkdown(tradeoff, claim));
  writeResult(path('.json'), `${numbers}\n`);
}
