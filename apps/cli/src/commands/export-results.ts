/** `airmeta export`: everything that runs have left, as CSV or as one JSON object per run. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { csvLine, fineTuningTable, seriesTable, type RunTable } from '@airmeta/charts';
import type { LabClient } from '@airmeta/client';
import { printableJson } from '@airmeta/spec';
import { writingTo } from '../files.js';
import { endingOf } from '../output-file.js';
import { line, note, print } from '../terminal.js';

export const EXPORT_ENDINGS = ['.csv', '.ndjson'];

export interface ExportOptions {
  readonly fineTuning?: boolean;
  readonly json?: boolean;
  /** A file with one of `EXPORT_ENDINGS`; standard output when there is none. */
  readonly out?: string;
}

/** One line per run and evaluated round; with `fineTuning`, per run, curve and step; as JSON, per run. */
export async function exportResults(client: LabClient, experimentId: string, { fineTuning, json, out }: ExportOptions): Promise<void> {
  const lines = (out === undefined ? json : endingOf(out) === '.ndjson')
    ? jsonLines(fineTuning ? client.runCurves(experimentId) : client.runSeries(experimentId))
    : await csvLines(client, experimentId, fineTuning);
  if (out === undefined) for await (const text of lines) print(text);
  else await writeLines(out, lines);
}

async function* jsonLines(runs: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const run of runs) yield printableJson(run);
}

/** Titles come first, once there is an answer: an experiment that is not there leaves no file that looks like an empty one. */
async function csvLines(client: LabClient, experimentId: string, fineTuning: boolean | undefined): Promise<AsyncIterable<string>> {
  const points = await client.describedPoints(experimentId);
  return fineTuning
    ? tableLines(fineTuningTable(experimentId, points), client.runCurves(experimentId))
    : tableLines(seriesTable(experimentId, points), client.runSeries(experimentId));
}

async function* tableLines<Run>({ header, rowsOf }: RunTable<Run>, runs: AsyncIterable<Run>): AsyncGenerator<string> {
  yield csvLine(header);
  for await (const run of runs) yield* rowsOf(run).map(csvLine);
}

async function writeLines(path: string, lines: AsyncIterable<string>): Promise<void> {
  const file = writingTo(path, () => openSync(path, 'w'));
  try {
    for await (const text of lines) writingTo(path, () => writeSync(file, `${text}\n`));
  } finally {
    closeSync(file);
  }
  note(line`wrote ${path}`);
}
