/** One run from claim to result, on a worker. */
import { byteSize, datasetOf, type EvaluationRecord, type SimulationOutcome, type TrainedModel } from '@airmeta/spec';
import { COMPUTE_TIME_OVER } from './compute-time-over.js';
import { MAX_LOSSES, WORKER_TIMEOUT_MS } from './dispatch-runs.js';
import type {
  Admission,
  Checkpoint,
  Claim,
  LeaseState,
  Refusal,
  ReleaseReason,
  RunEnd,
  RunFailure,
  RunProgress,
  RunStore,
  SimulationProgress,
  Simulator,
  WorkerRegistration,
} from './ports.js';

/** How long a claim lives without a sign of life; a dead worker's runs are queued again after it. */
export const LEASE_MS = 10_000;
/** Progress and the lease are written this often. */
const REPORT_INTERVAL_MS = 1_000;
/** Pauses between attempts at a write; a worker that stops makes one after each, and they fit into the time it has for that. */
const RETRY_DELAYS_MS = [100, 300, 1_000, 3_000, 5_000];
/** Attempts at a write that fails for another reason than that the database is away. */
const MAX_WRITE_ATTEMPTS = 8;

export interface ExecutionDependencies {
  readonly runs: Pick<RunStore, 'claim' | 'report' | 'finish' | 'release' | 'refuse'>;
  readonly simulator: Simulator;
  readonly worker: WorkerRegistration;
  /** Says what an error of the simulator means; `retry` for faults of the infrastructure. */
  readonly failureOf: (error: unknown) => RunFailure & { readonly retry: boolean };
  /** Whether an error says that the database is not there, or has no room; it will be, and have some. */
  readonly isAway: (error: unknown) => boolean;
  /** Problems that the executor gets over by itself, and what a finished run is to be warned of. */
  readonly warn: (message: string, error?: unknown) => void;
}

/** What became of an admission. */
export type ExecutionResult =
  | 'not-claimed'
  | 'completed'
  | 'diverged'
  | 'failed'
  | 'cancelled'
  /** Given back to the queue: the worker is stopping or has other data, or an infrastructure fault will be retried. */
  | 'released'
  /** Another claim has taken over; nothing was written. */
  | 'lost';

type StopReason = 'shutdown' | Exclude<LeaseState, 'held'>;

class Stopped extends Error {
  constructor(readonly reason: StopReason) {
    super(`the run was stopped: ${reason}`);
  }
}

/** Records and progress that are not written yet. */
class Unreported {
  private records: EvaluationRecord[] = [];
  private round: number;
  private engine: string | undefined;
  private trained: TrainedModel | undefined;
  private checkpoint: Checkpoint | undefined;
  private refusedCheckpointBytes: number | undefined;

  /** @param round where the run begins */
  constructor(round: number) {
    this.round = round;
  }

  add(progress: SimulationProgress): void {
    switch (progress.kind) {
      case 'started':
        this.engine = progress.engine;
        break;
      case 'round':
        this.round = Math.max(this.round, progress.round);
        break;
      case 'record':
        this.round = Math.max(this.round, progress.record.round);
        this.records.push(progress.record);
        break;
      case 'checkpoint':
        this.round = Math.max(this.round, progress.checkpoint.round);
        this.checkpoint = progress.checkpoint;
        break;
      case 'checkpoint-refused':
        this.refusedCheckpointBytes = progress.bytes;
        break;
      case 'trained':
        this.trained = progress.trained;
    }
  }

  current(): RunProgress {
    const { round, records, engine, trained, checkpoint, refusedCheckpointBytes } = this;
    return {
      round,
      records: [...records],
      ...(engine ? { engine } : {}),
      ...(trained ? { trained } : {}),
      ...(checkpoint ? { checkpoint } : {}),
      ...(refusedCheckpointBytes === undefined ? {} : { refusedCheckpointBytes }),
    };
  }

  /** Forgets what a report has carried. */
  written(progress: RunProgress): void {
    this.records = this.records.slice(progress.records.length);
    if (this.checkpoint === progress.checkpoint) this.checkpoint = undefined;
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
  const { runs, worker } = dependencies;
  if (shutdown.aborted) return 'not-claimed';
  const claim = await runs.claim(admission, worker, LEASE_MS);
  if (!claim) return 'not-claimed';

  const stop = new AbortController();
  const stopFor = (reason: StopReason) => stop.abort(new Stopped(reason));
  const onShutdown = () => stopFor('shutdown');
  shutdown.addEventListener('abort', onShutdown, { once: true });
  // It may have come while the run was claimed.
  if (shutdown.aborted) onShutdown();
  const execution: Execution = { ...dependencies, claim, unreported: new Unreported(claim.checkpoint?.round ?? 0), shutdown };
  const unknown = unknownData(claim);
  const reporter = startReporting(execution, stopFor);
  try {
    if (unknown) {
      await reporter.stop();
      return await finish(execution, { kind: 'failed', failure: unknown });
    }
    const simulated = await simulate(execution, stop.signal);
    await reporter.stop();
    return await ('outcome' in simulated ? finish(execution, simulated.outcome) : endAfterError(execution, simulated.error));
  } finally {
    shutdown.removeEventListener('abort', onShutdown);
  }
}

/** A run that reads images, of a version that did not record which: what it would give could not be told from what others have given. */
function unknownData({ config, dataFingerprint }: Claim): RunFailure | undefined {
  const dataset = datasetOf(config.task);
  if (dataset === null || dataFingerprint !== null) return undefined;
  return {
    code: UNKNOWN_DATA,
    message: `the version this experiment was submitted to did not record the images of dataset "${dataset}": submit it again, as a new experiment`,
  };
}

/** What it fails with is kept apart from what writing its end may fail with. */
async function simulate(
  { simulator, claim, unreported, warn }: Execution,
  signal: AbortSignal,
): Promise<{ readonly outcome: SimulationOutcome } | { readonly error: unknown }> {
  const { seed, config, dataFingerprint, checkpoint } = claim;
  try {
    const request = {
      ...{ seed, config },
      ...(dataFingerprint === null ? {} : { dataFingerprint }),
      ...(checkpoint ? { checkpoint } : {}),
    };
    const onProgress = (progress: SimulationProgress) => {
      unreported.add(progress);
      if (progress.kind === 'checkpoint-refused') warn(refusalOf(claim, progress));
    };
    return { outcome: await simulator.simulate(request, onProgress, signal) };
  } catch (error) {
    return { error };
  }
}

function refusalOf({ runId }: Claim, { bytes, allowed }: { readonly bytes: number; readonly allowed: number }): string {
  return (
    `run ${runId} leaves no checkpoints: one takes ${byteSize(bytes)}, and ${byteSize(allowed)} are allowed (AIRMETA_CHECKPOINT_MB); ` +
    'an interruption costs what it has computed since the last one that was kept'
  );
}

/** A run that is being executed. */
interface Execution extends ExecutionDependencies {
  readonly claim: Claim;
  readonly unreported: Unreported;
  readonly shutdown: AbortSignal;
}

async function endAfterError(execution: Execution, error: unknown): Promise<ExecutionResult> {
  if (error instanceof Stopped) return endAfterStop(execution, error.reason);
  const { claim, unreported } = execution;
  const { retry, ...failure } = execution.failureOf(error);
  if (failure.code === OTHER_DATA) return refuse(execution, failure);
  if (!retry || claim.losses + 1 >= MAX_LOSSES) return finish(execution, { kind: 'failed', failure });
  execution.warn(`run ${claim.runId} will be tried again`, error);
  // A checkpoint that cannot be gone on from is replaced by the beginning.
  if (failure.code !== BAD_CHECKPOINT) return release(execution, 'fault', failure.message);
  unreported.add({ kind: 'checkpoint', checkpoint: { round: 0, bytes: new Uint8Array(0) } });
  return release(execution, 'checkpoint', failure.message);
}

/** Code of the failure that blames the checkpoint the run was to go on from. */
export const BAD_CHECKPOINT = 'checkpoint';
/** Code of the failure that blames the data of the worker: they are not those the run is of. */
export const OTHER_DATA = 'other-data';
/** Code of the failure of a run of which nobody knows what data it is of. */
const UNKNOWN_DATA = 'unknown-data';

const REFUSED: Readonly<Record<Refusal, ExecutionResult>> = {
  requeued: 'released',
  failed: 'failed',
  cancelled: 'cancelled',
  lost: 'lost',
};

async function refuse(execution: Execution, failure: RunFailure): Promise<ExecutionResult> {
  const { runs, claim, warn } = execution;
  warn(`run ${claim.runId} is of other data than there are here`, new Error(failure.message));
  return REFUSED[await persistently(execution, 'refusal', () => runs.refuse(claim, failure, WORKER_TIMEOUT_MS))];
}

async function endAfterStop(execution: Execution, reason: StopReason): Promise<ExecutionResult> {
  switch (reason) {
    case 'lost':
      return 'lost';
    case 'shutdown':
      return release(execution, 'stopping');
    case 'pause-requested':
      return release(execution, 'paused');
    case 'cancel-requested':
      return finish(execution, { kind: 'cancelled' });
    case 'run-time-over':
      return finish(execution, {
        kind: 'failed',
        failure: { code: reason, message: 'the run took longer than its experiment allows (limits.runTime)' },
      });
    case 'compute-time-over':
      return finish(execution, { kind: 'cancelled', failure: COMPUTE_TIME_OVER });
  }
}

async function finish(execution: Execution, end: RunEnd): Promise<ExecutionResult> {
  const { runs, claim, unreported } = execution;
  const { checkpoint, ...rest } = unreported.current();
  // Nobody goes on from what was cancelled on request; a run that is out of time may be given more.
  const isWanted = end.kind !== 'cancelled' || end.failure !== undefined;
  const progress = checkpoint && isWanted ? { ...rest, checkpoint } : rest;
  if (end.kind === 'completed' && end.warning) execution.warn(`run ${claim.runId}: ${end.warning.message}`);
  return (await persistently(execution, 'finish', () => runs.finish(claim, end, progress))) ? end.kind : 'lost';
}

async function release(execution: Execution, reason: ReleaseReason, why?: string): Promise<ExecutionResult> {
  const { runs, claim, unreported } = execution;
  return (await persistently(execution, 'release', () => runs.release(claim, reason, unreported.current(), why))) ? 'released' : 'lost';
}

/** Writes progress and renews the lease until stopped; a database that is away is tried again at the next turn. */
function startReporting({ runs, warn, claim, unreported }: Execution, stopFor: (reason: StopReason) => void): { stop(): Promise<void> } {
  let pending: Promise<void> = Promise.resolve();
  let busy = false;
  const report = async () => {
    const progress = unreported.current();
    try {
      const lease = await runs.report(claim, progress, LEASE_MS);
      unreported.written(progress);
      if (lease !== 'held') stopFor(lease);
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

/**
 * Repeats a write that must not be lost, with growing pauses: as long as the database is away and the worker is not asked to stop, and a few
 * times otherwise. Whether the claim still holds when the database is back is for the fence to say.
 * @throws the last error
 */
async function persistently<Answer>({ shutdown, isAway, warn }: Execution, what: string, write: () => Promise<Answer>): Promise<Answer> {
  let counted = 0;
  let stopping = shutdown.aborted;
  for (let attempt = 0; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      // The short pauses first: a worker that stops is killed after a while.
      if (shutdown.aborted && !stopping) [stopping, attempt] = [true, 0];
      if (!isAway(error)) counted++;
      if (counted >= MAX_WRITE_ATTEMPTS || (stopping && attempt >= RETRY_DELAYS_MS.length)) throw error;
      warn(`${what} could not be written; trying again`, error);
      await pause(RETRY_DELAYS_MS[Math.min(attempt, RETRY_DELAYS_MS.length - 1)], stopping ? undefined : shutdown);
    }
  }
}

/** @param until ends the pause early */
function pause(durationMs: number, until: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      until?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, durationMs);
    until?.addEventListener('abort', end, { once: true });
  });
}
