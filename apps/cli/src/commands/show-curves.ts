import { curvesFigure, renderSvg } from '@airmeta/charts';
import type { LabClient } from '@airmeta/client';
import { UsageError } from '../exit.js';
import { writeResult } from '../files.js';

export interface CurvesOptions {
  readonly svg?: string;
  /** Indices of points. */
  readonly points?: readonly number[];
  readonly json?: boolean;
}

/** `airmeta curves`: metrics against rounds, averaged over replicates, as a figure or as numbers. */
export async function showCurves(client: LabClient, experimentId: string, { svg, points, json }: CurvesOptions): Promise<void> {
  if (!svg && !json) throw new UsageError('learning curves are a figure or numbers: add --svg <file> or --json');
  const curves = await client.learningCurves(experimentId, points);
  if (json) console.log(JSON.stringify(curves));
  if (svg) writeResult(svg, await renderSvg(curvesFigure(curves)));
}
