/** One run from claim to result, on a worker. */
import type { EvaluationRecord, TrainedModel } from '@airmeta/spec';
import { MAX_LOSSES } from './dispatch-runs.js';
import type { Admission, Claim, RunEnd, RunFailure, RunProgress, RunStore, Simulator, WorkerRegistration } from './ports.js';

/** How long a claim lives without a sign of life; a dead worker's runs are queued again after it. */
export const LEASE_MS = 10_000;
/** Progress and the lease are written this often. */
const REPORT_INTERVAL_MS = 1_000;
const RETRY_DELAYS_MS = [100, 300, 1_000, 3_000, 5_000];

export interface ExecutionDependencies {
  readonly runs: RunStore;
  readonly simulator: Simulator;
  readonly worker: WorkerRegistration;
  /** Says what an error of the simulator means; `retry` for faults of the infrastructure. */
  readonly failureOf: (error: unknown) => RunFailure & { readonly retry: boolean };
  /** Problems that the executor gets over by itself. */
  readonly warn: (message: string, error: unknown) => void;
}

/** What became of an admission. */
export type ExecutionResult =
  | 'not-claimed'
  | 'completed'
  | 'diverged'
  | 'failed'
  | 'cancelled'
  /** Given back to the queue: the worker is stopping, or an infrastructure fault will be retried. */
  | 'released'
  /** Another claim has taken over; nothing was written. */
  | 'lost';

type StopReason = 'shutdown' | 'cancelled' | 'lost';

class Stopped extends Error {
  constructor(readonly reason: StopReason) {
    super(`the run was stopped: ${reason}`);
  }
}

/** Records and progress that are not written yet. */
class Unreported {
  private records: EvaluationRecord[] = [];
  private round = 0;
  private engine: string | undefined;
  private trained: TrainedModel | undefined;

  end(trained: TrainedModel): void {
    this.trained = trained;
  }

  started(engine: string): void {
    this.engine = engine;
  }

  add(round: number, record?: EvaluationRecord): void {
    this.round = Math.max(this.round, round);
    if (record) this.records.push(record);
  }

  current(): RunProgress {
    const { round, records, engine, trained } = this;
    return { round, records: [...records], ...(engine ? { engine } : {}), ...(trained ? { trained } : {}) };
  }

  /** Forgets what a report has carried. */
  written(progress: RunProgress): void {
    this.records = this.records.slice(progress.records.length);
  }
}

/**
 * Claims an admitted run, simulates it, and writes its end exactly once. Writes are fenced: a worker that lost its claim
 * (its lease ran out while it was stalled) stops and writes nothing more.
 * @param shutdown aborted when the worker should let go; the run is released and computed elsewhere
 */
export async function executeRun(
  dependencies: ExecutionDependencies,
  admission: Admission,
  shutdown: AbortSignal,
): Promise<ExecutionResult> {
  const { runs, simulator, worker } = dependencies;
  if (shutdown.aborted) return 'not-claimed';
  const claim = await runs.claim(admission, worker, LEASE_MS);
  if (!claim) return 'not-claimed';

  const stop = new AbortController();
  const stopFor = (reason: StopReason) => stop.abort(new Stopped(reason));
  const onShutdown = () => stopFor('shutdown');
  shutdown.addEventListener('abort', onShutdown, { once: true });
  const unreported = new Unreported();
  const reporter = startReporting(dependencies, claim, unreported, stopFor);
  try {
    const outcome = await simulator.simulate(
      { seed: claim.seed, config: claim.config },
      (progress) => {
        if (progress.kind === 'started') unreported.started(progress.engine);
        else if (progress.kind === 'round') unreported.add(progress.round);
        else if (progress.kind === 'trained') unreported.end(progress.trained);
        else if (progress.kind === 'record') unreported.add(progress.record.round, progress.record);
      },
      stop.signal,
    );
    await reporter.stop();
    return await finish(dependencies, claim, outcome, unreported);
  } catch (error) {
    await reporter.stop();
    return await endAfterError(dependencies, claim, unreported, error);
  } finally {
    shutdown.removeEventListener('abort', onShutdown);
  }
}

async function endAfterError(
  dependencies: ExecutionDependencies,
  claim: Claim,
  unreported: Unreported,
  error: unknown,
): Promise<ExecutionResult> {
  if (error instanceof Stopped) {
    if (error.reason === 'lost') return 'lost';
    if (error.reason === 'cancelled') return finish(dependencies, claim, { kind: 'cancelled' }, unreported);
    return (await persistently(dependencies, 'release', () => dependencies.runs.release(claim, 'stopping', unreported.current())))
      ? 'released'
      : 'lost';
  }
  const { retry, ...failure } = dependencies.failureOf(error);
  if (retry && claim.losses + 1 < MAX_LOSSES) {
    dependencies.warn(`run ${claim.runId} will be tried again`, error);
    return (await persistently(dependencies, 'release', () => dependencies.runs.release(claim, 'fault', unreported.current())))
      ? 'released'
      : 'lost';
  }
  return finish(dependencies, claim, { kind: 'failed', failure }, unreported);
}

async function finish(dependencies: ExecutionDependencies, claim: Claim, end: RunEnd, unreported: Unreported): Promise<ExecutionResult> {
  const written = await persistently(dependencies, 'finish', () => dependencies.runs.finish(claim, end, unreported.current()));
  return written ? end.kind : 'lost';
}

/** Writes progress and renews the lease until stopped; a database that is away is tried again at the next turn. */
function startReporting(
  { runs, warn }: ExecutionDependencies,
  claim: Claim,
  unreported: Unreported,
  stopFor: (reason: StopReason) => void,
): { stop(): Promise<void> } {
  let pending: Promise<void> = Promise.resolve();
  let busy = false;
  const report = async () => {
    const progress = unreported.current();
    try {
      const lease = await runs.report(claim, progress, LEASE_MS);
      unreported.written(progress);
      if (lease === 'cancel-requested') stopFor('cancelled');
      if (lease === 'lost') stopFor('lost');
    } catch (error) {
      warn(`progress of run ${claim.runId} could not be written; trying again`, error);
    } finally {
      busy = false;
    }
  };
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    pending = report();
  }, REPORT_INTERVAL_MS);
  return {
    async stop() {
      clearInterval(timer);
      await pending;
    },
  };
}

/** Repeats a write that must not be lost while the database is away, with growing pauses. */
async function persistently(dependencies: ExecutionDependencies, what: string, write: () => Promise<boolean>): Promise<boolean> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      if (attempt >= 20) throw error;
      dependencies.warn(`${what} could not be written; trying again`, error);
      const delay = RETRY_DELAYS_MS[Math.min(attempt, RETRY_DELAYS_MS.length - 1)];
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }
}
