/** Gain-matched twins and tuned points, from submission over a worker to the trade-off and the claim. */
import { LabClient } from '@airmeta/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended } from '../support/experiments.js';
import { startApi, startWorker, type LabProcess } from '../support/lab-processes.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const TIMEOUT_MS = 180_000;
const REPLICATES = 4;

let database: TestDatabase;
let api: Awaited<ReturnType<typeof startApi>>;
let worker: LabProcess;
let client: LabClient;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startApi({ databaseUrl: database.url });
  client = new LabClient(api.url);
  worker = await startWorker({ databaseUrl: database.url });
}, TIMEOUT_MS);

afterAll(async () => {
  await Promise.all([api.stop(), worker.stop()]);
  await database.drop();
}, TIMEOUT_MS);

/** @param more keys of the specification, over those of a sweep of milliseconds per run */
function specification(name: string, grid: Readonly<Record<string, readonly unknown[]>>, more: object): string {
  return JSON.stringify({
    ...{ version: 1, name, replicates: REPLICATES, seed: 1, sweep: { grid } },
    base: {
      task: { family: 'sinusoid', shots: 5, queries: 5 },
      model: { kind: 'mlp', hidden: [16], activation: 'tanh' },
      agents: { count: 6, participation: 0.5 },
      meta: { innerStep: 0.01, metaStep: 0.05 },
      uplink: { kind: 'over-the-air', sparsity: 0.2 },
      rounds: 20,
      evaluate: { every: 5, newTasks: 6, newAgents: 5 },
    },
    ...more,
  });
}

/** Submits it, waits for its end, and gives its id. */
async function played(text: string): Promise<string> {
  const { id, runCount } = await client.submit(text);
  expect(await ended(client, id)).toMatchObject({ state: 'finished', runs: { completed: runCount } });
  return id;
}

describe('an experiment with gain-matched twins', () => {
  let id: string;
  beforeAll(async () => {
    id = await played(specification('matched', { 'uplink.snr': ['0 dB', '20 dB'] }, { gainMatchedTwins: true }));
  }, TIMEOUT_MS);

  it('is compared with them, pair by pair, with gains taken over', async () => {
    const { against, rows } = await client.tradeoff(id, 'matched');
    expect(against).toBe('matched');
    const swept = rows.filter(({ role }) => role === 'swept');
    const twins = new Map(rows.filter(({ role }) => role === 'matched').map((row) => [row.pointId, row]));
    expect([swept.length, twins.size]).toEqual([2, 2]);
    for (const { twinPointId, pairs, gains, physical, twinUpdateGain } of swept) {
      const twin = twins.get(twinPointId ?? '');
      expect(pairs).toEqual({ completed: REPLICATES, diverged: 0, twinDiverged: 0, unpaired: 0 });
      expect(gains.last.loss).toMatchObject({ n: REPLICATES });
      // Twins move by the very gains of their points, so that the means over replicates are those of the same numbers.
      expect(twin?.physical.updateGain?.mean).toBe(physical.updateGain?.mean);
      expect(twinUpdateGain?.mean).toBe(physical.updateGain?.mean);
      expect(twin?.physical.misalignment).toMatchObject({ mean: 0 });
      expect(physical.misalignment?.mean).toBeGreaterThan(0);
    }
  });

  it('has a claim of its swept points alone against either kind of twin, and none about tuning that there was not', async () => {
    for (const against of ['matched', 'ideal'] as const) {
      const claim = await client.claim(id, 1, against);
      expect(claim).toMatchObject({ against, budget: 1, compared: 2 });
      expect(claim.rows).toHaveLength(2);
      for (const { counts } of claim.rows) expect(counts).toMatchObject({ planned: REPLICATES, pairs: REPLICATES, missing: 0 });
    }
    await expect(client.tradeoff(id, 'tuned')).rejects.toThrow('tune');
  });
});

describe('an experiment that tunes an axis', () => {
  const STEPS = [0.01, 0.05];
  const CHOOSING = 2;
  let id: string;
  beforeAll(async () => {
    const grid = { 'uplink.snr': ['0 dB', '20 dB'], 'meta.metaStep': STEPS };
    id = await played(specification('tuned', grid, { tune: { axis: 'meta.metaStep', replicates: CHOOSING, by: 'new-tasks' } }));
  }, TIMEOUT_MS);

  it('compares each choice with the tuned twin, on the replicates that chose nothing', async () => {
    const { against, tuning, rows } = await client.tradeoff(id, 'tuned');
    expect({ against, tuning }).toMatchObject({
      against: 'tuned',
      tuning: { axis: 'meta.metaStep', chosenOn: CHOOSING, judgedOn: REPLICATES - CHOOSING },
    });
    const swept = rows.filter(({ role }) => role === 'swept');
    expect(swept.map(({ axes }) => axes['uplink.snr'])).toEqual(['0 dB', '20 dB']);
    for (const { axes, tuned, pairs, gains } of swept) {
      expect(STEPS).toContain(tuned?.twinValue);
      expect(tuned?.value).toBe(axes['meta.metaStep']);
      expect(pairs).toEqual({ completed: REPLICATES - CHOOSING, diverged: 0, twinDiverged: 0, unpaired: 0 });
      expect(gains.last.loss).toMatchObject({ n: REPLICATES - CHOOSING });
    }
  });

  it('has a claim on those replicates, and none against twins that there are not', async () => {
    const claim = await client.claim(id, 1, 'tuned');
    expect(claim).toMatchObject({ against: 'tuned', compared: 2 });
    const judged = REPLICATES - CHOOSING;
    for (const { counts } of claim.rows) expect(counts).toMatchObject({ planned: judged, pairs: judged, missing: 0 });
    await expect(client.claim(id, 1, 'matched')).rejects.toThrow('gain-matched');
  });
});
