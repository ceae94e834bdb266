/** Simulations in real threads, as they are compiled: stopping one, and going on from what it leaves. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Checkpoint, RunFailure, SimulationProgress, SimulationRequest } from '@airmeta/lab';
import { expectedCheckpointBytes } from '@airmeta/simulation';
import { pointSchema, type EvaluationRecord, type PointSpec, type SimulationOutcome, type TrainedModel } from '@airmeta/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROJECT } from '../support/project.js';

const NEVER_ENDING = 1_000_000;

function configure(rounds: number, every = NEVER_ENDING): PointSpec {
  return pointSchema.parse({
    task: { family: 'sinusoid', shots: 5, queries: 5 },
    model: { kind: 'mlp', hidden: [8, 8], activation: 'tanh' },
    agents: { count: 6, participation: 0.5 },
    uplink: { kind: 'over-the-air', sparsity: 0.2, fading: { kind: 'rayleigh', correlation: 0.9 }, powerConstraint: 'average' },
    rounds,
    evaluate: { every, newTasks: 4, newAgents: 4 },
  });
}

/** A process of its own: threads take over what a process resolves packages by, and this one reads them from their sources. */
const PROGRAM = `
  import { failureOf, ThreadSimulator } from ${JSON.stringify(pathToFileURL(join(PROJECT, 'libs/compute/dist/index.js')).href)};
  const simulator = await ThreadSimulator.open(1, { datasetsDirectory: '/nowhere', checkpointLimit: 2 ** 20 });
  process.on('disconnect', () => void simulator.close());
  process.on('message', async ({ request, stopAt }) => {
    const progress = [];
    const stop = new AbortController();
    if (stopAt === 'beforehand') stop.abort(new Error('stop, please'));
    const onProgress = (step) => {
      progress.push(step);
      if (step.kind === stopAt) stop.abort(new Error('stop, please'));
    };
    const settled = await simulator.simulate(request, onProgress, stop.signal).then(
      (outcome) => ({ outcome }),
      (error) => ({ failure: failureOf(error), stopped: error === stop.signal.reason }),
    );
    process.send({ progress, ...settled });
  });
  process.send('ready');
`;

interface Answer {
  readonly progress: readonly SimulationProgress[];
  readonly outcome?: SimulationOutcome;
  readonly failure?: RunFailure;
  /** Whether it failed with what it was aborted for. */
  readonly stopped?: boolean;
}

interface Ended extends Answer {
  readonly records: readonly EvaluationRecord[];
  readonly checkpoints: readonly Checkpoint[];
  readonly trained: TrainedModel | undefined;
}

const folder = mkdtempSync(join(tmpdir(), 'airmeta-threads-'));
let simulator: ChildProcess;

/** What it says next. @throws Error when it ends instead */
async function nextMessage(): Promise<unknown> {
  const wait = new AbortController();
  try {
    return await Promise.race([
      once(simulator, 'message', wait).then(([message]: unknown[]) => message),
      once(simulator, 'exit', wait).then(([code]: unknown[]) => Promise.reject(new Error(`the program ended with ${String(code)}`))),
    ]);
  } finally {
    wait.abort();
  }
}

beforeAll(async () => {
  const program = join(folder, 'simulate.mjs');
  writeFileSync(program, PROGRAM);
  simulator = spawn(process.execPath, [program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], serialization: 'advanced' });
  await nextMessage();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  if (simulator.exitCode !== null) return;
  simulator.disconnect();
  expect(await once(simulator, 'exit')).toEqual([0, null]);
});

/** @param stopAt the kind of step at which it is aborted */
async function simulated(request: SimulationRequest, stopAt?: SimulationProgress['kind'] | 'beforehand'): Promise<Ended> {
  simulator.send({ request, stopAt });
  const answer = (await nextMessage()) as Answer;
  const { progress } = answer;
  return {
    ...answer,
    records: progress.flatMap((step) => (step.kind === 'record' ? [step.record] : [])),
    checkpoints: progress.flatMap((step) => (step.kind === 'checkpoint' ? [step.checkpoint] : [])),
    trained: progress.flatMap((step) => (step.kind === 'trained' ? [step.trained] : []))[0],
  };
}

describe('a simulation in a thread', () => {
  it('that is stopped leaves a checkpoint last, from which another goes on with the same bits', async () => {
    const stopped = await simulated({ seed: 3, config: configure(NEVER_ENDING) }, 'record');
    expect(stopped.stopped).toBe(true);
    expect(stopped.progress.at(-1)?.kind).toBe('checkpoint');
    const [checkpoint] = stopped.checkpoints;
    expect(checkpoint.round).toBeGreaterThanOrEqual(1);

    const rounds = checkpoint.round + 12;
    const resumed = await simulated({ seed: 3, config: configure(rounds), checkpoint });
    const whole = await simulated({ seed: 3, config: configure(rounds) });
    expect(whole.outcome).toEqual({ kind: 'completed', rounds });
    expect(resumed.outcome).toEqual(whole.outcome);
    expect([...stopped.records, ...resumed.records]).toEqual(whole.records);
    expect(resumed.trained).toEqual(whole.trained);
  });

  it('that completes leaves a checkpoint before its last evaluation, however short it is', async () => {
    const short = await simulated({ seed: 3, config: configure(5, 3) });
    expect(short.checkpoints.map(({ round }) => round)).toEqual([5]);
    const kinds = short.progress.map(({ kind }) => kind).filter((kind) => kind !== 'round'); // told by the clock
    expect(kinds).toEqual(['started', 'record', 'record', 'checkpoint', 'record', 'trained']);

    const longer = await simulated({ seed: 3, config: configure(9, 3), checkpoint: short.checkpoints[0] });
    const whole = await simulated({ seed: 3, config: configure(9, 3) });
    // The short run was evaluated at its end, where the longer one is not.
    expect([...short.records.filter(({ round }) => round < 5), ...longer.records]).toEqual(whole.records);
    expect(longer.trained).toEqual(whole.trained);
  });

  it('says once how large its checkpoint is when that is too large to be kept', async () => {
    const config = pointSchema.parse({ ...configure(3), model: { kind: 'mlp', hidden: [512, 512], activation: 'tanh' } });
    const { progress, checkpoints, outcome } = await simulated({ seed: 3, config });
    expect(outcome).toEqual({ kind: 'completed', rounds: 3 });
    expect(checkpoints).toEqual([]);
    const refused = progress.flatMap((step) => (step.kind === 'checkpoint-refused' ? [step] : []));
    expect(refused).toEqual([{ kind: 'checkpoint-refused', bytes: expect.any(Number) as number, allowed: 2 ** 20 }]);
    // Of what is expected before it runs, all but the record of the end, which comes later.
    const [{ bytes }] = refused;
    expect(expectedCheckpointBytes(config) / bytes).toBeGreaterThan(0.8);
    expect(expectedCheckpointBytes(config) / bytes).toBeLessThan(1.3);
  });

  it('is not begun when it is stopped beforehand', async () => {
    const { stopped, progress } = await simulated({ seed: 3, config: configure(NEVER_ENDING) }, 'beforehand');
    expect(stopped).toBe(true);
    expect(progress.filter(({ kind }) => kind !== 'started')).toEqual([]);
  });

  it('says so when its checkpoint is of no use', async () => {
    const checkpoint = { round: 2, bytes: new Uint8Array(16) };
    const { failure, progress } = await simulated({ seed: 3, config: configure(5), checkpoint });
    expect(progress).toEqual([]);
    expect(failure).toMatchObject({ code: 'checkpoint', retry: true });
  });
});
