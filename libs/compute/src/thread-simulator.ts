/** The lab's `Simulator` on a pool of threads, so that the main thread keeps renewing leases and can stop a run at once. */
import { fileURLToPath } from 'node:url';
import { MessageChannel } from 'node:worker_threads';
import { BAD_CHECKPOINT, OTHER_DATA, type RunFailure, type SimulationProgress, type SimulationRequest, type Simulator } from '@airmeta/lab';
import type { Personalization } from '@airmeta/simulation';
import type { BoundsReport, SimulationOutcome, TaskCurve } from '@airmeta/spec';
import { Piscina } from 'piscina';
import { enableRelaxedSimd } from './engine-flags.js';
import type { ThreadAnswer, ThreadMessage, ThreadSetup, ThreadTask } from './simulation-thread.js';

const THREAD = fileURLToPath(new URL('./simulation-thread.js', import.meta.url));

/** Simulations make little garbage and keep their numbers outside the heap; the default would let a thread's heap grow by 48 MB. */
const YOUNG_GENERATION_MB = 6;

/** How long a thread that was asked to stop may take to the end of its round, or of an evaluation, before it is ended. */
const STOP_GRACE_MS = 8_000;

/** The data a run needs are not there or cannot be read: the user's to mend. */
class DatasetFailure extends Error {}

/** The data here are not those the run is of: another worker's may be. */
class OtherDataFailure extends Error {}

/** The checkpoint a run was to go on from cannot be read, or is another run's. */
class CheckpointFailure extends Error {}

/** What was asked for cannot be done: the message says what does not fit, or is missing. */
export class RefusedRequestError extends Error {}

/** What an error of the simulator means for its run. */
export function failureOf(error: unknown): RunFailure & { readonly retry: boolean } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof DatasetFailure) return { code: 'dataset', message, retry: false };
  if (error instanceof OtherDataFailure) return { code: OTHER_DATA, message, retry: true };
  if (error instanceof CheckpointFailure) return { code: BAD_CHECKPOINT, message, retry: true };
  // The same run would ask for the same memory or the same impossible size again.
  if (error instanceof RangeError) return { code: 'resources', message, retry: false };
  return { code: 'worker-error', message, retry: true };
}

export class ThreadSimulator implements Simulator {
  private constructor(
    private readonly pool: Piscina<ThreadTask, ThreadAnswer | undefined>,
    readonly engines: string,
  ) {}

  /** Starts `threads` threads and waits until their engine is ready. */
  static async open(threads: number, setup: ThreadSetup): Promise<ThreadSimulator> {
    enableRelaxedSimd();
    const pool = new Piscina<ThreadTask, ThreadAnswer | undefined>({
      filename: THREAD,
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: 1,
      workerData: setup,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    const engines = await pool.run({ kind: 'describe' });
    return new ThreadSimulator(pool, engines?.kind === 'engines' ? engines.summary : 'unknown');
  }

  simulate(
    request: SimulationRequest,
    onProgress: (progress: SimulationProgress) => void,
    signal: AbortSignal,
  ): Promise<SimulationOutcome> {
    const { port1, port2 } = new MessageChannel();
    const stop = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const end = new AbortController();
    let grace: NodeJS.Timeout | undefined;
    // The thread sees the flag at the end of its round, gives a checkpoint, and is free for the next run; if it does not, it is ended, and the
    // pool starts another.
    const onAbort = () => {
      Atomics.store(new Int32Array(stop), 0, 1);
      grace = setTimeout(() => end.abort(), STOP_GRACE_MS);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    return new Promise<SimulationOutcome>((resolve, reject) => {
      port1.on('message', (message: ThreadMessage) => {
        if (message.kind === 'end') resolve(message.outcome);
        else if (message.kind === 'stopped') reject(signal.reason as Error);
        else if (message.kind === 'dataset-error') reject(new DatasetFailure(message.message));
        else if (message.kind === 'other-data') reject(new OtherDataFailure(message.message));
        else if (message.kind === 'checkpoint-error') reject(new CheckpointFailure(message.message));
        else onProgress(message);
      });
      this.pool
        .run({ kind: 'simulate', request, port: port2, stop }, { transferList: [port2], signal: end.signal })
        .catch((error: unknown) => {
          reject(signal.aborted ? (signal.reason as Error) : (error as Error));
        });
    }).finally(() => {
      clearTimeout(grace);
      signal.removeEventListener('abort', onAbort);
      port1.close();
    });
  }

  /**
   * Fine-tunes again from trained parameters; gives the fingerprint of the images that were read as well, null where none were.
   * @throws RefusedRequestError when parameters, model, task and data do not fit
   */
  async personalize(
    request: Personalization,
    signal: AbortSignal,
  ): Promise<{ readonly curves: readonly TaskCurve[]; readonly dataFingerprint: string | null }> {
    const answer = await this.answerTo({ kind: 'personalize', request }, signal);
    if (answer.kind !== 'curves') throw new TypeError(`the thread answered ${answer.kind}`);
    return answer;
  }

  /**
   * Simulates a run and measures the bounds of the theory beside it.
   * @throws RefusedRequestError when its data are not there
   */
  async measureBounds(request: SimulationRequest, signal: AbortSignal): Promise<BoundsReport> {
    const answer = await this.answerTo({ kind: 'bounds', request }, signal);
    if (answer.kind !== 'bounds') throw new TypeError(`the thread answered ${answer.kind}`);
    return answer.report;
  }

  private async answerTo(task: ThreadTask, signal: AbortSignal): Promise<ThreadAnswer> {
    const answer = await this.pool.run(task, { signal }).catch((error: unknown) => {
      throw signal.aborted ? (signal.reason as Error) : error;
    });
    if (!answer) throw new TypeError('the thread gave no answer');
    if (answer.kind === 'refused') throw new RefusedRequestError(answer.message);
    return answer;
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }
}
