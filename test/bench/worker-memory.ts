/** What a worker process needs at most while it computes a run: the lab's own programs on a PostgreSQL of their own, and one run. */
import { LabClient } from '@airmeta/client';
import { ended } from '../support/experiments.js';
import { startApi, startWorker, type LabProcess } from '../support/lab-processes.js';
import { startTemporaryPostgres } from '../support/temporary-postgres.js';
import { BenchmarkError } from './benchmark-error.js';
import { baseOf, type ConfigurationName } from './configurations.js';
import { peakMemoryMb } from './process-memory.js';

/** Peak resident memory of a worker process, its threads included; 1 MB = 10^6 bytes. */
export interface WorkerMemory {
  /** Until it was ready for its first run. */
  readonly readyMb: number;
  /** Until that run had ended. */
  readonly ranMb: number;
}

/**
 * Starts server and worker (one slot), submits one run of `rounds` rounds, and reads the worker's peak before and after it.
 * @returns null where the system does not keep peaks
 * @throws BenchmarkError when the run does not complete
 */
export async function workerMemory(config: ConfigurationName, rounds: number): Promise<WorkerMemory | null> {
  if (process.platform !== 'linux') return null;
  const specification = JSON.stringify({
    version: 1,
    name: `bench ${config}`,
    base: baseOf(config, { rounds, evaluateEvery: Math.ceil(rounds / 2) }),
    idealTwins: false,
  });
  const postgres = await startTemporaryPostgres();
  const settings = { databaseUrl: postgres.adminUrl };
  const processes: LabProcess[] = [];
  try {
    const api = await startApi(settings);
    processes.unshift(api);
    const worker = await startWorker(settings);
    processes.unshift(worker);
    const readyMb = await peakMemoryMb(worker.pid);
    const client = new LabClient(api.url);
    const { id } = await client.submit(specification);
    const { runs } = await ended(client, id);
    if (runs.completed !== 1) throw new BenchmarkError(`the run did not complete: ${JSON.stringify(runs)}\n${worker.output()}`);
    return { readyMb, ranMb: await peakMemoryMb(worker.pid) };
  } finally {
    for (const each of processes) await each.stop();
    await postgres.stop();
  }
}
