/** How long a submission of many runs takes, from the request to the answer that it is stored. */
import type { BenchLab } from './bench-lab.js';
import { oneRoundSweep } from './one-round-sweep.js';

export interface SubmissionFigures {
  readonly runs: number;
  /** Of every repetition [ms]. */
  readonly submitMs: readonly number[];
  readonly previewMs: readonly number[];
}

const POINTS = 100;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** @param runs a multiple of 100 */
export async function measureSubmission({ client }: BenchLab, runs: number, repeats: number): Promise<SubmissionFigures> {
  const sweep = oneRoundSweep('submitted', POINTS, runs / POINTS);
  const previewMs: number[] = [];
  const submitMs: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    previewMs.push(await timed(() => client.preview(sweep)));
    let id = '';
    submitMs.push(await timed(async () => (id = (await client.submit(sweep, { force: true })).id)));
    await client.cancel(id);
  }
  return { runs, submitMs, previewMs };
}
