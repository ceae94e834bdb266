/** A run from claim to result on a real database, with simulators that misbehave on purpose. */
import {
  executeRun,
  packExperiment,
  pointLabels,
  replicateSeedsOf,
  type Admission,
  type ExecutionDependencies,
  type SimulationProgress,
  type SimulationRequest,
  type Simulator,
} from '@airmeta/lab';
import { openPersistence, type Persistence } from '@airmeta/persistence';
import {
  expandExperiment,
  METRIC_NAMES,
  readSpecificationText,
  type EvaluationRecord,
  type FineTuningCurve,
  type SimulationOutcome,
} from '@airmeta/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;
let persistence: Persistence;
const worker = { id: 'worker-1', host: 'here', slots: 1, engine: 'scripted' };

beforeAll(async () => {
  database = await createTestDatabase();
  persistence = await openPersistence({ connectionString: database.url });
});
afterAll(async () => {
  await persistence.close();
  await database.drop();
});

/** Stores one run and admits it. */
async function admittedRun(): Promise<{ experimentId: string; admission: Admission }> {
  const document = readSpecificationText(sinusoidSweep({ snrs: ['0 dB'], replicates: 1, rounds: 20 }));
  const expanded = expandExperiment({ ...(document as object), idealTwins: false });
  const { summary: experiment } = await persistence.experiments.create({
    experiment: packExperiment(expanded, pointLabels(expanded.points)),
    dataFingerprints: expanded.points.map(() => null),
    replicateSeeds: replicateSeedsOf(expanded),
    force: true,
  });
  const [admission] = await persistence.runs.admit(1);
  return { experimentId: experiment.id, admission };
}

const record = (round: number, value: number): EvaluationRecord => ({
  round,
  metrics: Object.fromEntries(METRIC_NAMES.map((metric) => [metric, value])) as EvaluationRecord['metrics'],
});

const curve: FineTuningCurve = {
  ...{ at: 'last', round: 0, set: 'train', metric: 'loss', tasks: 2 },
  ...{ mean: [2, 1], deviation: [0, null], q05: [2, 1], q25: [2, 1], q50: [2, 1], q75: [2, 1], q95: [2, 1] },
};

/** As if the time that a lost attempt puts a run off had passed. */
async function admittedAfterTheWait(): Promise<Admission> {
  // It waits, and does so for long, as this machine may be slow.
  await database.query(`UPDATE runs SET not_before = not_before + interval '1 hour' WHERE not_before IS NOT NULL`);
  expect(await persistence.runs.admit(1)).toEqual([]);
  await database.query('UPDATE runs SET not_before = NULL');
  return (await persistence.runs.admit(1))[0];
}

type Script = (onProgress: (progress: SimulationProgress) => void, signal: AbortSignal) => Promise<SimulationOutcome>;

function dependencies(
  script: Script,
  failureOf: ExecutionDependencies['failureOf'] = (error) => ({ code: 'worker-error', message: String(error), retry: true }),
): ExecutionDependencies {
  const simulator: Simulator = { engines: 'scripted', simulate: (_, onProgress, signal) => script(onProgress, signal) };
  return { runs: persistence.runs, simulator, worker, failureOf, isAway: () => false, warn: () => undefined };
}

/** Ends when it is told to. */
const untilAborted: Script = (_, signal) =>
  new Promise((_resolve, reject) => {
    const end = () => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });

const neverStopped = () => new AbortController().signal;

describe('executing a run', () => {
  it('writes its records, its engine and its end', async () => {
    const { admission } = await admittedRun();
    const script: Script = async (onProgress) => {
      onProgress({ kind: 'started', engine: 'scripted 1' });
      for (const round of [0, 10, 20]) onProgress({ kind: 'record', record: record(round, round / 10) });
      return { kind: 'completed', rounds: 20 };
    };
    expect(await executeRun(dependencies(script), admission, neverStopped())).toBe('completed');
    expect(await persistence.experiments.findRun(admission.runId)).toMatchObject({
      state: 'completed',
      engine: 'scripted 1',
      round: 20,
      fence: 1,
    });
    const [trainLoss] = await persistence.experiments.series([admission.runId], ['trainLoss']);
    expect(trainLoss).toMatchObject({ rounds: [0, 10, 20], values: [0, 1, 2] });
  });

  it('keeps the records before a divergence, which is a result', async () => {
    const { experimentId, admission } = await admittedRun();
    const script: Script = async (onProgress) => {
      onProgress({ kind: 'record', record: record(0, 1) });
      onProgress({
        kind: 'trained',
        trained: { round: 0, parameters: Float32Array.of(1, 0.1), tensors: [{ name: 'w', shape: [2] }], fineTuning: [curve] },
      });
      return { kind: 'diverged', round: 7, reason: 'a local update is not finite' };
    };
    expect(await executeRun(dependencies(script), admission, neverStopped())).toBe('diverged');
    expect(await persistence.experiments.findRun(admission.runId)).toMatchObject({
      state: 'diverged',
      failure: { code: 'divergence', round: 7, message: 'a local update is not finite' },
    });
    expect(await persistence.experiments.series([admission.runId], ['trainLoss'])).toHaveLength(1);
    expect(await persistence.experiments.fineTuning([admission.runId])).toEqual([{ runId: admission.runId, curves: [curve] }]);
    expect((await persistence.experiments.parameters(admission.runId))?.parameters).toEqual(Float32Array.of(1, 0.1));
    expect(await persistence.experiments.find(experimentId)).toMatchObject({ state: 'finished' });
  });

  it('is given back when the worker stops, and claimed anew with a higher fence', async () => {
    const { admission } = await admittedRun();
    const shutdown = new AbortController();
    const script: Script = (onProgress, signal) => {
      onProgress({ kind: 'record', record: record(0, 1) });
      const ended = untilAborted(onProgress, signal);
      shutdown.abort();
      return ended;
    };
    expect(await executeRun(dependencies(script), admission, shutdown.signal)).toBe('released');
    const [again] = await persistence.runs.admit(1);
    expect(again.runId).toBe(admission.runId);
    expect(again.dispatch).toBeGreaterThan(admission.dispatch);
    expect(
      await executeRun(
        dependencies(async () => ({ kind: 'completed', rounds: 20 })),
        again,
        neverStopped(),
      ),
    ).toBe('completed');
    expect(await persistence.experiments.findRun(admission.runId)).toMatchObject({ state: 'completed', fence: 2 });
  });

  it('is tried again after a fault of the infrastructure, and fails at once for one of the data', async () => {
    const { admission } = await admittedRun();
    const broken: Script = () => Promise.reject(new Error('the thread died'));
    expect(await executeRun(dependencies(broken), admission, neverStopped())).toBe('released');
    const again = await admittedAfterTheWait();
    const noData = dependencies(broken, () => ({ code: 'dataset', message: 'image 3 is truncated', retry: false }));
    expect(await executeRun(noData, again, neverStopped())).toBe('failed');
    expect(await persistence.experiments.findRun(admission.runId)).toMatchObject({
      state: 'failed',
      failure: { code: 'dataset', message: 'image 3 is truncated' },
    });
  });

  it('may be given back by stopping workers as often as they like, and fails after five lost attempts', async () => {
    const { admission } = await admittedRun();
    const shutdownAtOnce = async (current: Admission) => {
      const shutdown = new AbortController();
      const script: Script = (onProgress, signal) => {
        const ended = untilAborted(onProgress, signal);
        shutdown.abort();
        return ended;
      };
      return executeRun(dependencies(script), current, shutdown.signal);
    };
    let current = admission;
    for (let stop = 0; stop < 7; stop++) {
      expect(await shutdownAtOnce(current)).toBe('released');
      [current] = await persistence.runs.admit(1);
    }
    const broken: Script = () => Promise.reject(new Error('the thread died'));
    for (let loss = 1; loss < 5; loss++) {
      expect(await executeRun(dependencies(broken), current, neverStopped())).toBe('released');
      current = await admittedAfterTheWait();
    }
    expect(await executeRun(dependencies(broken), current, neverStopped())).toBe('failed');
  });

  it('goes on from the checkpoint that a stopping worker left, with the records before it', async () => {
    const { admission } = await admittedRun();
    const shutdown = new AbortController();
    const bytes = Uint8Array.of(1, 2, 3);
    const stopped: Script = async (onProgress, signal) => {
      for (const round of [0, 5, 10]) onProgress({ kind: 'record', record: record(round, round) });
      shutdown.abort();
      onProgress({ kind: 'checkpoint', checkpoint: { round: 10, bytes } });
      throw signal.reason as Error;
    };
    expect(await executeRun(dependencies(stopped), admission, shutdown.signal)).toBe('released');
    const [again] = await persistence.runs.admit(1);
    let request: SimulationRequest | undefined;
    const { simulator, ...rest } = dependencies(async (onProgress) => {
      for (const round of [10, 20]) onProgress({ kind: 'record', record: record(round, -round) });
      return { kind: 'completed', rounds: 20 };
    });
    const watched: Simulator = {
      ...simulator,
      simulate: (given, ...others) => {
        request = given;
        return simulator.simulate(given, ...others);
      },
    };
    expect(await executeRun({ ...rest, simulator: watched }, again, neverStopped())).toBe('completed');
    expect(request?.checkpoint).toEqual({ round: 10, bytes });
    const [trainLoss] = await persistence.experiments.series([admission.runId], ['trainLoss']);
    expect(trainLoss).toMatchObject({ rounds: [0, 5, 10, 20], values: [0, 5, -10, -20] });
  });

  it('begins again when the checkpoint is of no use', async () => {
    const { admission } = await admittedRun();
    const claimed = await persistence.runs.claim(admission, worker, 60_000);
    if (!claimed) throw new Error('not claimed');
    await persistence.runs.report(claimed, { round: 9, records: [], checkpoint: { round: 9, bytes: Uint8Array.of(0) } }, 60_000);
    await persistence.runs.release(claimed, 'stopping', { round: 9, records: [] });
    const [again] = await persistence.runs.admit(1);
    const refused = dependencies(
      () => Promise.reject(new Error('no checkpoint')),
      (error) => ({ code: 'checkpoint', message: String(error), retry: true }),
    );
    expect(await executeRun(refused, again, neverStopped())).toBe('released');
    expect(await persistence.runs.claim(await admittedAfterTheWait(), worker, 60_000)).toMatchObject({ checkpoint: null });
  });

  it('is not claimed twice: the second of two workers does nothing', async () => {
    const { admission } = await admittedRun();
    const script: Script = async () => ({ kind: 'completed', rounds: 20 });
    const results = await Promise.all([
      executeRun(dependencies(script), admission, neverStopped()),
      executeRun(dependencies(script), admission, neverStopped()),
    ]);
    expect(results.sort()).toEqual(['completed', 'not-claimed']);
  });

  it('writes nothing once another claim has taken over', async () => {
    const { admission } = await admittedRun();
    const script: Script = async (onProgress) => {
      await database.query('UPDATE runs SET fence = fence + 1 WHERE id = $1', [admission.runId]);
      onProgress({ kind: 'record', record: record(0, 666) });
      return { kind: 'completed', rounds: 20 };
    };
    expect(await executeRun(dependencies(script), admission, neverStopped())).toBe('lost');
    expect(await persistence.experiments.findRun(admission.runId)).toMatchObject({ state: 'running' });
    expect(await persistence.experiments.series([admission.runId])).toEqual([]);
  });

  it('ends as cancelled when that was asked for', async () => {
    const { experimentId, admission } = await admittedRun();
    const script: Script = async (onProgress, signal) => {
      await persistence.experiments.cancel(experimentId);
      return untilAborted(onProgress, signal);
    };
    expect(await executeRun(dependencies(script), admission, neverStopped())).toBe('cancelled');
    expect(await persistence.experiments.find(experimentId)).toMatchObject({ state: 'cancelled' });
  });
});
