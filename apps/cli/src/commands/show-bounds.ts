/** `airmeta bounds`: simulates a specification here and sets what it measures beside the bounds of the theory. */
import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { boundsFigure, renderSvg, TEMPLATE_LABEL } from '@airmeta/charts';
import { RefusedRequestError, ThreadSimulator, type ImageCacheSettings } from '@airmeta/compute';
import { pointLabels, replicateSeed } from '@airmeta/lab';
import { readSpecificationText, type BoundsReport, type ExpandedExperiment } from '@airmeta/spec';
import { boundsText } from '../bounds-table.js';
import { checkedExperiment } from '../checked-experiment.js';
import { InterruptedError, UsageError } from '../exit.js';
import { readSpecification, writeResult } from '../files.js';
import { Progress } from '../progress.js';
import { print, printJson } from '../terminal.js';

export interface BoundsOptions {
  readonly json?: boolean;
  readonly svg?: string;
  readonly threads?: number;
  readonly datasetsDirectory: string;
  readonly imageCache: ImageCacheSettings;
  readonly datasets: ReadonlyMap<string, string>;
}

/** Reports [point][replicate]. */
type Reports = readonly (readonly BoundsReport[])[];

export async function showBounds(path: string, options: BoundsOptions): Promise<void> {
  const setup = { datasetsDirectory: options.datasetsDirectory, datasets: options.datasets, imageCache: options.imageCache };
  const { expanded } = await checkedExperiment(readSpecificationText(readSpecification(path)), setup);
  const { points, envelope } = expanded;
  const runs = points.length * envelope.replicates;
  const interrupt = new AbortController();
  setMaxListeners(0, interrupt.signal); // every waiting run listens
  const stop = () => interrupt.abort(new InterruptedError('interrupted'));
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const simulator = await ThreadSimulator.open(Math.min(runs, options.threads ?? availableParallelism()), setup);
  const progress = options.json ? undefined : new Progress();
  let ended = 0;
  const show = () => progress?.show({ done: ended, total: runs, details: `${ended} of ${runs} runs` });
  let reports: Reports;
  try {
    reports = await measuredAll(expanded, async (request) => {
      const report = await simulator.measureBounds(request, interrupt.signal);
      ended++;
      show();
      return report;
    });
  } catch (error) {
    throw error instanceof RefusedRequestError ? new UsageError(error.message) : error;
  } finally {
    progress?.end();
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await simulator.close();
  }

  const bounded = pointLabels(points).map((label, index) => ({ label, reports: reports[index] }));
  if (options.svg !== undefined) writeResult(options.svg, await renderSvg(boundsFigure(envelope.name, bounded)));
  if (options.json) printReports(expanded, reports);
  else
    print(`${bounded.map(boundsText).join('\n\n\n')}\n\n\nmeans ± 95 % t-interval over completed runs; how to read this: docs/bounds.md`);
}

function measuredAll(
  { points, envelope }: ExpandedExperiment,
  measure: (request: Parameters<ThreadSimulator['measureBounds']>[0]) => Promise<BoundsReport>,
): Promise<Reports> {
  return Promise.all(
    points.map(({ config }) =>
      Promise.all(
        Array.from({ length: envelope.replicates }, (_, replicate) => measure({ config, seed: replicateSeed(envelope.seed, replicate) })),
      ),
    ),
  );
}

/** One object per run; JSON has no infinity, so an infinite bound is null. */
function printReports({ points, envelope }: ExpandedExperiment, reports: Reports): void {
  for (const [index, { hash }] of points.entries()) {
    for (const [replicate, report] of reports[index].entries()) {
      const identity = { point: index, pointHash: hash, replicate, seed: replicateSeed(envelope.seed, replicate) };
      printJson({ kind: 'bounds', label: TEMPLATE_LABEL, ...identity, ...report });
    }
  }
}
