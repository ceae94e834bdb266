/** What ends a run or a sweep before its time says so, and frees the worker. */
import type { LabClient } from '@airmeta/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { say } from '../support/fault-form.js';
import { ImageData, imageTask } from '../support/image-data.js';
import { MortalLab } from '../support/mortal-lab.js';
import { openRuns } from '../support/sweep-evidence.js';
import { until } from '../support/until.js';

/** Runs of a minute or so. */
const LONG = { snrs: ['0 dB'], replicates: 2, rounds: 1_000_000 };
/** A worker reports every second, and stops within a round; the rest is for a busy machine, and less than a run would take. */
const HEARD_WITHIN_MS = 15_000;

const data = new ImageData();
let lab: MortalLab;
let client: LabClient;

beforeAll(async () => {
  lab = await MortalLab.open({ workers: 2, datasetsDirectory: data.directory });
  await lab.workersReady();
  client = lab.client();
});

afterAll(async () => {
  try {
    await lab.close();
  } finally {
    await lab.remove();
    data.remove();
  }
});

interface RunRow {
  readonly state: string;
  readonly code: string | null;
  readonly ms: number;
}

const runsOf = (id: string) =>
  lab.database.query<RunRow>(
    `SELECT state::text, failure ->> 'code' AS code, compute_ms AS ms FROM runs WHERE experiment_id = $1 ORDER BY ordinal`,
    [id],
  );

async function ended(id: string): Promise<string> {
  for await (const _ of client.follow(id));
  return (await client.experiment(id)).state;
}

/** A worker is free when it starts and ends another run. */
async function expectFreeWorkers(): Promise<void> {
  const { id } = await client.submit(sinusoidSweep({ rounds: 10, replicates: 1 }), { force: true });
  expect(await ended(id)).toBe('finished');
  expect(await openRuns(lab.database)).toBe(0);
}

/** Submits runs that occupy both workers, and waits until they do. Returns the experiment's id. */
async function occupyWorkers(): Promise<string> {
  const { id } = await client.submit(sinusoidSweep(LONG), { force: true });
  await until('two runs have started', async () => (await runsOf(id)).filter(({ state }) => state === 'running').length === 2);
  return id;
}

describe('an experiment', { timeout: 600_000 }, () => {
  it('that is cancelled frees its workers at their next report', async () => {
    const id = await occupyWorkers();
    const began = performance.now();
    await client.cancel(id);
    await until('no run is open', async () => (await openRuns(lab.database)) === 0);
    const ms = performance.now() - began;
    say(`cancelled: both workers are free after ${(ms / 1_000).toFixed(1)} s`);
    expect(ms).toBeLessThan(HEARD_WITHIN_MS);
    expect(await ended(id)).toBe('cancelled');
    expect((await runsOf(id)).map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled', 'cancelled']);
    await expectFreeWorkers();
  });

  it('that is paused gives its workers back, and goes on from checkpoints when it is resumed', async () => {
    const { id } = await client.submit(sinusoidSweep({ ...LONG, rounds: 60_000, replicates: 1 }), { force: true });
    const running = await until('a run has got somewhere', async () => {
      const rows = await lab.database.query<{ id: string }>(`SELECT id FROM runs WHERE state = 'running' AND round > 0`);
      return rows.at(0);
    });
    await client.pause(id);
    const paused = await until('nothing of it runs', async () => {
      const summary = await client.experiment(id);
      return summary.runs.running === 0 && summary;
    });
    expect(paused).toMatchObject({ state: 'running', hold: 'paused', runs: { queued: 2 } });
    await client.resume(id);
    expect(await ended(id)).toBe('finished');
    const [first, second] = await client.attempts(running.id);
    expect(first).toMatchObject({ fromRound: 0, end: 'paused' });
    expect(second.end).toBe('completed');
    expect(second.fromRound).toBeGreaterThan(0);
  });

  it('whose runs take too long has failed runs that say so', async () => {
    const { id } = await client.submit(sinusoidSweep({ ...LONG, replicates: 1, limits: { runTime: '2 s' } }), { force: true });
    expect(await ended(id)).toBe('finished');
    for (const { state, code, ms } of await runsOf(id)) {
      expect([state, code]).toEqual(['failed', 'run-time-over']);
      expect(ms).toBeGreaterThanOrEqual(2_000);
      expect(ms).toBeLessThan(2_000 + HEARD_WITHIN_MS);
    }
  });

  it('that takes too long altogether stops, and says so', async () => {
    const { id } = await client.submit(sinusoidSweep({ ...LONG, limits: { computeTime: '3 s' } }), { force: true });
    expect(await ended(id)).toBe('stopped');
    expect((await client.experiment(id)).ending).toBe('budget');
    expect((await runsOf(id)).map(({ state, code }) => [state, code])).toEqual(
      Array.from({ length: 4 }, () => ['cancelled', 'compute-time-over']),
    );
    await expectFreeWorkers();
  });

  it('with as many failures as it allows holds the rest instead of burning it', async () => {
    const occupied = await occupyWorkers();
    const sweep = JSON.parse(sinusoidSweep({ replicates: 30, rounds: 5, limits: { maxFailures: 3 } })) as { base: object };
    const images = { ...sweep, base: { ...sweep.base, task: imageTask(2) }, sweep: {}, idealTwins: false };
    const { id } = await client.submit(JSON.stringify(images), { force: true });
    data.takeAway();
    await client.cancel(occupied);
    const held = await until('it is held', async () => {
      const summary = await client.experiment(id);
      return summary.hold !== null && summary.runs.running === 0 && summary;
    });
    // The other worker may have been in the middle of a run.
    expect(held.runs.failed).toBeLessThanOrEqual(4);
    expect(held).toMatchObject({ hold: 'failures', state: 'running', runs: { queued: 30 - held.runs.failed } });
    data.putBack();
    await client.resume(id);
    expect(await ended(id)).toBe('finished');
    expect((await client.experiment(id)).runs).toMatchObject({ completed: 30, failed: 0 });
  });
});
