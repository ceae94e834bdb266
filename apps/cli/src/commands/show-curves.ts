import { curvesCsv, curvesFigure, renderSvg } from '@airmeta/charts';
import type { LabClient } from '@airmeta/client';
import { printableJson, type LearningCurves } from '@airmeta/spec';
import { UsageError } from '../exit.js';
import { experimentId } from '../experiment-reference.js';
import { writeResult } from '../files.js';
import { endingOf } from '../output-file.js';
import { printJson } from '../terminal.js';

export interface CurvesOptions {
  readonly svg?: string;
  /** Files, each with an ending of `CURVES_WRITERS`. */
  readonly out: readonly string[];
  /** Indices of points. */
  readonly points?: readonly number[];
  readonly json?: boolean;
}

/** What is written, by the ending of a file. */
const CURVES_WRITERS: Readonly<Record<string, (curves: LearningCurves, client: LabClient) => string | Promise<string>>> = {
  '.svg': (curves) => renderSvg(curvesFigure(curves)),
  '.csv': async (curves, client) => curvesCsv(curves, await client.describedPoints(curves.experimentId)),
  '.json': (curves) => `${printableJson(curves)}\n`,
};
export const CURVES_ENDINGS = Object.keys(CURVES_WRITERS);

/**
 * `airmeta curves`: metrics against rounds, averaged over replicates, as a figure or as numbers. What is wrong with the command is said before
 * the server is asked.
 * @param experiment what the caller calls it
 */
export async function showCurves(client: LabClient, experiment: string, { svg, out, points, json }: CurvesOptions): Promise<void> {
  const files = [...out, ...(svg === undefined ? [] : [svg])];
  if (files.length === 0 && !json) throw new UsageError('learning curves are a figure or numbers: add --out <file> or --json');
  const curves = await client.learningCurves(await experimentId(client, experiment), points);
  const drawn = new Set(curves.points.map(({ pointIndex }) => pointIndex));
  const unknown = (points ?? []).filter((index) => !drawn.has(index));
  if (unknown.length > 0)
    throw new UsageError(`there is no point ${unknown.join(', ')}: airmeta tradeoff --json lists the points by index`);
  if (json) printJson(curves);
  for (const file of files) writeResult(file, await CURVES_WRITERS[endingOf(file)](curves, client));
}
