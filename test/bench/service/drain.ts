/** How fast two workers get through runs that take no time, and what a run costs beside its simulation. */
import { ThreadSimulator } from '@airmeta/compute';
import { replicateSeed } from '@airmeta/numerics';
import { pointSchema } from '@airmeta/spec';
import type { LabClient } from '@airmeta/client';
import { BenchmarkError } from '../benchmark-error.js';
import type { BenchLab } from './bench-lab.js';
import { ONE_ROUND, oneRoundSweep } from './one-round-sweep.js';

export interface DrainFigures {
  readonly runs: number;
  readonly workers: number;
  /** From the start of the first run to the end of the last one, by the database's clock. */
  readonly runsPerSecond: number;
}

const POINTS = 20;
const WARM_UP = 200;

/** Follows an experiment to its end. @returns runs per second between its first start and its last end @throws BenchmarkError when a run did not complete */
async function throughput(client: LabClient, id: string): Promise<number> {
  const times: number[] = [];
  for await (const item of client.follow(id)) {
    if (item.kind === 'event' && (item.event.type === 'run-started' || item.event.type === 'run-completed'))
      times.push(Date.parse(item.event.at));
  }
  const { runs, runCount } = await client.experiment(id);
  if (runs.completed !== runCount) throw new BenchmarkError(`of ${runCount} runs ${runs.completed} completed`);
  return (1000 * runCount) / (Math.max(...times) - Math.min(...times));
}

/** @param runs a multiple of 20 */
export async function measureDrain(lab: BenchLab, runs: number, workers: number): Promise<DrainFigures> {
  const { client } = lab;
  await lab.startWorkers(workers);
  await throughput(client, (await client.submit(oneRoundSweep('warm-up', POINTS, Math.ceil(WARM_UP / POINTS)), { force: true })).id);
  const { id } = await client.submit(oneRoundSweep('drained', POINTS, runs / POINTS), { force: true });
  return { runs, workers, runsPerSecond: await throughput(client, id) };
}

/** Core time that the simulation of one such run takes, without a lab [ms]. @param threads that simulate at once */
export async function simulationMs(runs: number, threads: number): Promise<number> {
  const simulator = await ThreadSimulator.open(threads, { datasetsDirectory: 'nowhere', checkpointLimit: 512 * 2 ** 20 });
  const config = pointSchema.parse({ ...ONE_ROUND, uplink: { kind: 'over-the-air', snr: '0 dB' } });
  let next = 0;
  const simulateInTurn = async (): Promise<void> => {
    while (next < runs) {
      await simulator.simulate({ seed: replicateSeed(1, next++), config }, () => undefined, new AbortController().signal);
    }
  };
  try {
    const start = performance.now();
    await Promise.all(Array.from({ length: threads }, () => simulateInTurn()));
    return ((performance.now() - start) * threads) / runs;
  } finally {
    await simulator.close();
  }
}
