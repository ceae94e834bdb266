/** Everything an experiment has shown, printed and written into one folder. */
import { basename, extname, join } from 'node:path';
import { curvesFigure, renderSvg, reportMarkdown, tradeoffCsv, tradeoffFigure } from '@airmeta/charts';
import { RefusedError, type LabClient } from '@airmeta/client';
import { COMPARED_WITH, type ComparedWith, type GainClaim, type Tradeoff } from '@airmeta/spec';
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

interface Answer {
  readonly tradeoff: Tradeoff;
  readonly claim: GainClaim;
}

/** Null where the experiment has not run what it would be compared with. */
async function answerAgainst(client: LabClient, experimentId: string, against: ComparedWith): Promise<Answer | null> {
  try {
    const [tradeoff, claim] = await Promise.all([client.tradeoff(experimentId, against), client.claim(experimentId, undefined, against)]);
    return { tradeoff, claim };
  } catch (error) {
    if (error instanceof RefusedError && error.problem.type.endsWith(':not-comparable')) return null;
    throw error;
  }
}

/** Files against the ideal twin are called like the study, the others name what they are against. */
const SUFFIXES: Readonly<Record<ComparedWith, string>> = { ideal: '', matched: '-matched', tuned: '-tuned' };

/**
 * Prints trade-off, comparison bases and claim against everything that the experiment has run for it (or all as one JSON object) and writes
 * `<folder>/<name>.svg`, `.csv`, `.md`, `.json` and `<name>-curves.svg`; against gain-matched twins `<name>-matched.*`, against tuned ones
 * `<name>-tuned.*`.
 */
export async function report(client: LabClient, experimentId: string, folder: string, name: string, json = false): Promise<void> {
  const answers: [ComparedWith, Answer][] = [];
  for (const against of COMPARED_WITH) {
    const answer = await answerAgainst(client, experimentId, against);
    if (answer) answers.push([against, answer]);
  }
  if (json) {
    const others = Object.fromEntries(answers.filter(([against]) => against !== 'ideal'));
    printJson({ ...answers.find(([against]) => against === 'ideal')?.[1], ...others });
  }
  for (const [against, { tradeoff, claim }] of answers) {
    if (!json) {
      printTradeoff(tradeoff);
      printClaim(claim);
      print('');
    }
    const path = (ending: string) => join(folder, `${name}${SUFFIXES[against]}${ending}`);
    writeResult(path('.svg'), await renderSvg(tradeoffFigure(tradeoff)));
    writeResult(path('.csv'), tradeoffCsv(tradeoff));
    writeResult(path('.md'), reportMarkdown(tradeoff, claim));
    writeResult(path('.json'), `${JSON.stringify({ tradeoff, claim })}\n`);
  }
  writeResult(join(folder, `${name}-curves.svg`), await renderSvg(curvesFigure(await client.learningCurves(experimentId))));
}
