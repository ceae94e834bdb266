/** When a run goes on, stops and is given up; what a real database makes of it is in test/integration/execute-run.spec.ts. */
import { METRIC_NAMES, pointSchema, type EvaluationRecord, type SimulationOutcome } from '@airmeta/spec';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BAD_CHECKPOINT, executeRun, OTHER_DATA, type ExecutionDependencies } from './execute-run.js';
import type {
  Checkpoint,
  Claim,
  LeaseState,
  Refusal,
  ReleaseReason,
  RunEnd,
  RunFailure,
  RunProgress,
  SimulationProgress,
  SimulationRequest,
} from './ports.js';

class Away extends Error {}

/** An error of the simulator whose failure has a code. */
class Blamed extends Error {
  constructor(readonly code: string) {
    super(`it is the ${code}`);
  }
}

/** Of one run. */
class FakeRunStore {
  lease: LeaseState = 'held';
  isAway = false;
  /** Calls of `finish` and `release`, successful or not. */
  attempts = 0;
  /** Runs while the run is being claimed. */
  whileClaiming: () => void = () => undefined;
  readonly reports: RunProgress[] = [];
  /** What a run was released or refused for. */
  why: string | undefined;
  end: { readonly what: RunEnd | ReleaseReason; readonly progress: RunProgress } | undefined;

  /** What becomes of a run that the worker refuses. */
  refusal: Refusal = 'requeued';

  constructor(
    private readonly checkpoint: Checkpoint | null,
    private readonly data: Pick<Claim, 'config' | 'dataFingerprint'>,
  ) {}

  async claim(): Promise<Claim> {
    this.whileClaiming();
    return { runId: 'run', experimentId: 'experiment', fence: 1, losses: 0, seed: 3, ...this.data, checkpoint: this.checkpoint };
  }

  async report(_: unknown, progress: RunProgress): Promise<LeaseState> {
    if (this.isAway) throw new Away('the database is away');
    this.reports.push(progress);
    return this.lease;
  }

  finish(_: unknown, end: RunEnd, progress: RunProgress): Promise<boolean> {
    return this.ended(end, progress);
  }

  release(_: unknown, reason: ReleaseReason, progress: RunProgress, why?: string): Promise<boolean> {
    this.why = why;
    return this.ended(reason, progress);
  }

  async refuse(_: unknown, { message }: RunFailure): Promise<Refusal> {
    this.why = message;
    return this.refusal;
  }

  private async ended(what: RunEnd | ReleaseReason, progress: RunProgress): Promise<boolean> {
    this.attempts++;
    if (this.isAway) throw new Away('the database is away');
    this.end = { what, progress };
    return true;
  }
}

type Script = (emit: (progress: SimulationProgress) => void, signal: AbortSignal, request: SimulationRequest) => Promise<SimulationOutcome>;

const DRAWN = { config: pointSchema.parse({ task: { family: 'sinusoid' }, rounds: 20 }), dataFingerprint: null };
const READ = {
  config: pointSchema.parse({ task: { family: 'image-folder', dataset: 'own' }, rounds: 20 }),
  dataFingerprint: 'ab'.repeat(32),
};

function start(script: Script, checkpoint: Checkpoint | null = null, data: Pick<Claim, 'config' | 'dataFingerprint'> = DRAWN) {
  const warnings: string[] = [];
  const runs = new FakeRunStore(checkpoint, data);
  const shutdown = new AbortController();
  const dependencies: ExecutionDependencies = {
    runs,
    simulator: { engines: 'scripted', simulate: (request, emit, signal) => script(emit, signal, request) },
    worker: { id: 'worker', host: 'here', slots: 1, engine: 'scripted' },
    failureOf: (error) => ({ code: error instanceof Blamed ? error.code : 'worker-error', message: String(error), retry: true }),
    isAway: (error) => error instanceof Away,
    warn: (message) => warnings.push(message),
  };
  const execute = () => executeRun(dependencies, { runId: 'run', dispatch: 1 }, shutdown.signal);
  return { runs, shutdown, execute, warnings };
}

const record = (round: number): EvaluationRecord => ({
  round,
  metrics: Object.fromEntries(METRIC_NAMES.map((metric) => [metric, round])) as EvaluationRecord['metrics'],
});
const checkpointAt = (round: number): SimulationProgress => ({ kind: 'checkpoint', checkpoint: { round, bytes: Uint8Array.of(round) } });

/** Leaves a last checkpoint when it is told to stop. */
const untilStopped: Script = (emit, signal) =>
  new Promise((_, reject) => {
    const stop = () => {
      emit(checkpointAt(7));
      reject(signal.reason as Error);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });

const completed: Script = async () => ({ kind: 'completed', rounds: 20 });

describe('a run on a worker', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each<[LeaseState, string, unknown, number | undefined]>([
    ['pause-requested', 'released', 'paused', 7],
    ['cancel-requested', 'cancelled', { kind: 'cancelled' }, undefined],
    ['run-time-over', 'failed', { kind: 'failed', failure: { code: 'run-time-over' } }, 7],
    ['compute-time-over', 'cancelled', { kind: 'cancelled', failure: { code: 'compute-time-over' } }, 7],
  ])('ends on %s as %s, with its checkpoint unless nobody will go on from it', async (lease, result, what, round) => {
    const { runs, execute } = start(untilStopped);
    runs.lease = lease;
    const executed = execute();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await executed).toBe(result);
    if (typeof what === 'string') expect(runs.end?.what).toBe(what);
    else expect(runs.end?.what).toMatchObject(what as object);
    expect(runs.end?.progress.checkpoint?.round).toBe(round);
  });

  it('says what is to be known of it when it completes, and stores it', async () => {
    const warning = { code: 'nobody-sent', message: 'no agent sent anything' } as const;
    const { runs, execute, warnings } = start(async () => ({ kind: 'completed', rounds: 20, warning }));
    expect(await execute()).toBe('completed');
    expect(runs.end?.what).toEqual({ kind: 'completed', rounds: 20, warning });
    expect(warnings).toEqual(['run run: no agent sent anything']);
    const silent = start(completed);
    await silent.execute();
    expect(silent.warnings).toEqual([]);
  });

  it('writes nothing more once its claim is lost', async () => {
    const { runs, execute } = start(untilStopped);
    runs.lease = 'lost';
    const executed = execute();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await executed).toBe('lost');
    expect(runs.attempts).toBe(0);
  });

  it.each([false, true])('is given back with its checkpoint when the worker stops (while it is claimed: %s)', async (whileClaiming) => {
    const { runs, shutdown, execute } = start(untilStopped);
    if (whileClaiming) runs.whileClaiming = () => shutdown.abort();
    const executed = execute();
    await vi.advanceTimersByTimeAsync(10);
    shutdown.abort();
    expect(await executed).toBe('released');
    expect(runs.end).toMatchObject({ what: 'stopping', progress: { round: 7, checkpoint: { round: 7 } } });
  });

  it('goes on from its checkpoint, and says from the beginning where it is', async () => {
    let given: SimulationRequest | undefined;
    const checkpoint = { round: 5, bytes: Uint8Array.of(1) };
    const { runs, execute } = start(async (emit, signal, request) => {
      given = request;
      return untilStopped(emit, signal, request);
    }, checkpoint);
    const executed = execute();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(given?.checkpoint).toBe(checkpoint);
    expect(runs.reports).toEqual([{ round: 5, records: [] }]);
    runs.lease = 'lost';
    await vi.advanceTimersByTimeAsync(1_000);
    await executed;
  });

  it('whose checkpoint is too large to be kept says so in the log and to the store', async () => {
    const { runs, execute, warnings } = start(async (emit) => {
      emit({ kind: 'checkpoint-refused', bytes: 700 * 2 ** 20, allowed: 512 * 2 ** 20 });
      return { kind: 'completed', rounds: 20 };
    });
    expect(await execute()).toBe('completed');
    expect(runs.end?.progress).toMatchObject({ refusedCheckpointBytes: 700 * 2 ** 20 });
    expect(warnings).toEqual([
      'run run leaves no checkpoints: one takes 700 MiB, and 512 MiB are allowed (AIRMETA_CHECKPOINT_MB); ' +
        'an interruption costs what it has computed since the last one that was kept',
    ]);
  });

  it('reports a checkpoint once, and again when the report was not written', async () => {
    let emit: ((progress: SimulationProgress) => void) | undefined;
    const { runs, execute } = start((given, signal, request) => {
      emit = given;
      return untilStopped(given, signal, request);
    });
    const executed = execute();
    await vi.advanceTimersByTimeAsync(0);
    emit?.({ kind: 'record', record: record(0) });
    emit?.(checkpointAt(3));
    runs.isAway = true;
    await vi.advanceTimersByTimeAsync(1_000);
    runs.isAway = false;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(runs.reports.map(({ records, checkpoint }) => [records.length, checkpoint?.round])).toEqual([
      [1, 3],
      [0, undefined],
    ]);
    runs.lease = 'lost';
    await vi.advanceTimersByTimeAsync(1_000);
    await executed;
  });

  it('is computed on the data it is of: the simulator is told which', async () => {
    const given: SimulationRequest[] = [];
    const script: Script = async (_emit, _signal, request) => {
      given.push(request);
      return { kind: 'completed', rounds: 20 };
    };
    expect(await start(script, null, READ).execute()).toBe('completed');
    expect(await start(script).execute()).toBe('completed');
    expect(given.map(({ dataFingerprint }) => dataFingerprint)).toEqual(['ab'.repeat(32), undefined]);
  });

  it.each<[Refusal, string]>([
    ['requeued', 'released'],
    ['failed', 'failed'],
    ['cancelled', 'cancelled'],
    ['lost', 'lost'],
  ])('is refused by a worker with other data, and %s', async (refusal, result) => {
    const { runs, execute } = start(() => Promise.reject(new Blamed(OTHER_DATA)), null, READ);
    runs.refusal = refusal;
    expect(await execute()).toBe(result);
    expect(runs.why).toContain('other-data');
    expect(runs.end).toBeUndefined();
  });

  it('fails without being computed when nobody knows which images it is of', async () => {
    const script = vi.fn(completed);
    const { runs, execute } = start(script, null, { ...READ, dataFingerprint: null });
    expect(await execute()).toBe('failed');
    expect(script).not.toHaveBeenCalled();
    const message = expect.stringMatching(/did not record the images of dataset "own": submit it again/) as string;
    expect(runs.end?.what).toEqual({ kind: 'failed', failure: { code: 'unknown-data', message } });
  });

  it('begins again without its checkpoint when that is not what was written, and says so', async () => {
    const { runs, execute } = start(() => Promise.reject(new Blamed(BAD_CHECKPOINT)), { round: 5, bytes: Uint8Array.of(1) });
    expect(await execute()).toBe('released');
    expect(runs.end).toMatchObject({ what: 'checkpoint', progress: { records: [], checkpoint: { round: 0 } } });
    expect(runs.why).toContain('it is the checkpoint');
  });

  it('does not lose its result while the database is away for an hour', async () => {
    const { runs, execute } = start(completed);
    runs.isAway = true;
    const executed = execute();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(runs.attempts).toBeGreaterThan(700);
    runs.isAway = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await executed).toBe('completed');
  });

  it.each([0, 600_000])('is given up ten seconds after the worker was stopped, without a database for %i ms before', async (before) => {
    const { runs, shutdown, execute } = start(completed);
    runs.isAway = true;
    const executed = execute();
    const settled = vi.fn();
    executed.catch(settled);
    await vi.advanceTimersByTimeAsync(before);
    shutdown.abort();
    await vi.advanceTimersByTimeAsync(9_000);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(executed).rejects.toThrow(Away);
  });
});
