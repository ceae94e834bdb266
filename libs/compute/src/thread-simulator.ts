/** The lab's `Simulator` on a pool of threads, so that the main thread keeps renewing leases and can stop a run at once. */
import { fileURLToPath } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import type { RunFailure, SimulationProgress, SimulationRequest, Simulator } from '@airmeta/lab';
import type { SimulationOutcome } from '@airmeta/spec';
import { Piscina } from 'piscina';
import type { ThreadMessage, ThreadSetup, ThreadTask } from './simulation-thread.js';

const THREAD = fileURLToPath(new URL('./simulation-thread.js', import.meta.url));

/** The data a run needs are not there or cannot be read: the user's to mend. */
class DatasetFailure extends Error {}

/** What an error of the simulator means for its run. */
export function failureOf(error: unknown): RunFailure & { readonly retry: boolean } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof DatasetFailure) return { code: 'dataset', message, retry: false };
  // The same run would ask for the same memory or the same impossible size again.
  if (error instanceof RangeError) return { code: 'resources', message, retry: false };
  return { code: 'worker-error', message, retry: true };
}

export class ThreadSimulator implements Simulator {
  private constructor(
    private readonly pool: Piscina<ThreadTask, string | undefined>,
    readonly engines: string,
  ) {}

  /** Starts `threads` threads and waits until their engine is ready. */
  static async open(threads: number, setup: ThreadSetup): Promise<ThreadSimulator> {
    const pool = new Piscina<ThreadTask, string | undefined>({
      filename: THREAD,
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: 1,
      workerData: setup,
    });
    const engines = await pool.run({ kind: 'describe' });
    return new ThreadSimulator(pool, engines ?? 'unknown');
  }

  simulate(
    request: SimulationRequest,
    onProgress: (progress: SimulationProgress) => void,
    signal: AbortSignal,
  ): Promise<SimulationOutcome> {
    const { port1, port2 } = new MessageChannel();
    return new Promise<SimulationOutcome>((resolve, reject) => {
      port1.on('message', (message: ThreadMessage) => {
        if (message.kind === 'end') resolve(message.outcome);
        else if (message.kind === 'dataset-error') reject(new DatasetFailure(message.message));
        else onProgress(message);
      });
      // An abort ends the thread, wherever it is; the pool starts a new one.
      this.pool.run({ kind: 'simulate', request, port: port2 }, { transferList: [port2], signal }).catch((error: unknown) => {
        reject(signal.aborted ? (signal.reason as Error) : (error as Error));
      });
    }).finally(() => port1.close());
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }
}
