/** Figures of many runs as bytes: ten thousand rows of numbers would be read a number at a time. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FIGURES_VERSION, TRADEOFF_FIGURES, type TradeoffRun } from '@airmeta/lab';
import type { Queryable } from '../database/database.js';
import { Prisma } from '../generated/client.js';

/** Numbers of a run: its point's index, its replicate, whether it diverged, its figures. As PostgreSQL sends them; NaN where there is none. */
const NUMBERS = [
  'points.index',
  'replicate',
  'diverged::int',
  ...TRADEOFF_FIGURES.map((position) => `coalesce(values[${position + 1}], 'NaN')`),
];
const PACKED = Prisma.raw(NUMBERS.map((number) => `float8send(${number})`).join(' || '));
const FIGURES_AT = NUMBERS.length - TRADEOFF_FIGURES.length;

/** Runs of one text, which is unpacked in one go. */
const RUNS_OF_A_TEXT = 2_000;

function numbersIn(base64: string): Float64Array {
  const bytes = Buffer.from(base64, 'base64').swap64(); // least significant byte first, as here
  return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / Float64Array.BYTES_PER_ELEMENT);
}

/** A run, and the index of its point. */
export interface IndexedRun extends Omit<TradeoffRun, 'pointId'> {
  readonly pointIndex: number;
}

/** Of all runs of an experiment that have figures of this version of the program. */
export async function selectPackedFigures(client: Queryable, experimentId: string): Promise<IndexedRun[]> {
  const texts = await client.$queryRaw<{ runs: string }[]>(Prisma.sql`
    SELECT encode(string_agg(packed, ''), 'base64') AS runs
    FROM (
      SELECT (row_number() OVER () - 1) / ${RUNS_OF_A_TEXT}::int AS part, ${PACKED} AS packed
      FROM run_figures JOIN points ON points.id = run_figures.point_id
      WHERE run_figures.experiment_id = ${experimentId}::uuid AND points.experiment_id = ${experimentId}::uuid AND version = ${FIGURES_VERSION}
    ) AS figures
    GROUP BY part`);
  const runs: IndexedRun[] = [];
  for (const text of texts) {
    const numbers = numbersIn(text.runs);
    for (let at = 0; at < numbers.length; at += NUMBERS.length) {
      const [pointIndex, replicate, diverged] = numbers.subarray(at, at + FIGURES_AT);
      runs.push({ pointIndex, replicate, diverged: diverged === 1, figures: numbers.subarray(at + FIGURES_AT, at + NUMBERS.length) });
    }
    await nextTurn();
  }
  return runs;
}
