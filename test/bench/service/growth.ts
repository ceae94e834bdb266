/** Whether processes grow with what they have done. */
import { tHalfWidth } from '@airmeta/numerics';
import type { LabProcess } from '../../support/lab-processes.js';
import { residentMemoryMb } from '../process-memory.js';
import type { BenchLab } from './bench-lab.js';
import { oneRoundSweep } from './one-round-sweep.js';

/** The memory of one process over runs. */
export interface Growth {
  readonly process: string;
  /** After a quarter, half, three quarters and all of the runs [MB]. */
  readonly residentMb: readonly number[];
  /** Least squares over the second half of the runs, with a 95 % interval [MB per 1,000 runs]; null with fewer than three samples there. */
  readonly slopeMb: number | null;
  readonly slopeIntervalMb: readonly [low: number, high: number] | null;
}

export interface GrowthFigures {
  readonly runs: number;
  readonly requests: number;
  readonly processes: readonly Growth[];
}

const POINTS = 20;
const BATCH = 400;

interface Sample {
  readonly runs: number;
  readonly residentMb: number;
}

function growthOf(name: string, samples: readonly Sample[]): Growth {
  // What is loaded and cached first is no growth: the second half tells.
  const late = samples.slice(Math.floor(samples.length / 2));
  const n = late.length;
  const meanRuns = late.reduce((sum, { runs }) => sum + runs, 0) / n;
  const meanMb = late.reduce((sum, { residentMb }) => sum + residentMb, 0) / n;
  const spread = late.reduce((sum, { runs }) => sum + (runs - meanRuns) ** 2, 0);
  const slope = late.reduce((sum, { runs, residentMb }) => sum + (runs - meanRuns) * (residentMb - meanMb), 0) / spread;
  const residual = late.reduce((sum, { runs, residentMb }) => sum + (residentMb - meanMb - slope * (runs - meanRuns)) ** 2, 0);
  // Student's t at n - 2 degrees of freedom, which is that of a mean over n - 1 numbers, times the standard error.
  const quantile = n > 2 ? tHalfWidth(Math.sqrt(n - 1), n - 1) : null;
  const half = quantile === null ? null : quantile * Math.sqrt(residual / (n - 2) / spread);
  const at = (share: number) => samples[Math.min(samples.length - 1, Math.ceil(share * samples.length) - 1)].residentMb;
  return {
    process: name,
    residentMb: [at(0.25), at(0.5), at(0.75), at(1)],
    slopeMb: half === null ? null : 1000 * slope,
    slopeIntervalMb: half === null ? null : [1000 * (slope - half), 1000 * (slope + half)],
  };
}

/** Computes runs in batches, each followed and asked about, and samples memory after each. @param workers that are there already */
export async function measureGrowth({ client, api }: BenchLab, workers: readonly LabProcess[], runs: number): Promise<GrowthFigures> {
  const processes = [{ name: 'server', pid: api.pid }, ...workers.map(({ pid }, index) => ({ name: `worker ${index + 1}`, pid }))];
  const samples = new Map<string, Sample[]>(processes.map(({ name }) => [name, []]));
  let requests = 0;
  let done = 0;
  while (done < runs) {
    const { id } = await client.submit(oneRoundSweep('growth', POINTS, BATCH / POINTS), { force: true });
    for await (const item of client.follow(id)) if (item.kind === 'progress') requests++;
    for (let asked = 0; asked < BATCH / 4; asked++) await client.experiment(id);
    await client.tradeoff(id);
    done += BATCH;
    requests += BATCH / 4 + 2;
    for (const { name, pid } of processes) samples.get(name)?.push({ runs: done, residentMb: await residentMemoryMb(pid) });
    console.error(`${done} of ${runs} runs`);
  }
  return { runs: done, requests, processes: Array.from(samples, ([name, taken]) => growthOf(name, taken)) };
}
