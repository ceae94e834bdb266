/** A lab of real processes: a server, workers, PostgreSQL; and a client that uses it as people do. */
import { LabClient, RefusedError, type RunCurves, type RunSeries } from '@airmeta/client';
import { readParameterFile } from '@airmeta/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended, seriesOf, sinusoidSweep } from '../support/experiments.js';
import { startApi, startWorker, type LabProcess } from '../support/lab-processes.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** What these tests follow is computed, whatever another of them has computed. */
const COMPUTED = { force: true };

let database: TestDatabase;
let api: Awaited<ReturnType<typeof startApi>>;
let worker: LabProcess;
let client: LabClient;

beforeAll(async () => {
  database = await createTestDatabase();
  [api, worker] = await Promise.all([startApi({ databaseUrl: database.url }), startWorker({ databaseUrl: database.url })]);
  client = new LabClient(api.url);
}, 60_000);

afterAll(async () => {
  await Promise.all([api.stop(), worker.stop()]);
  await database.drop();
}, 60_000);

const rowsIn = async (table: string) => Number((await database.query<{ count: string }>(`SELECT count(*) FROM ${table}`))[0].count);

const graphql = async (query: string, variables: Record<string, unknown> = {}) => {
  const response = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, body: (await response.json()) as { data?: Record<string, unknown>; errors?: { message: string }[] } };
};

async function firstRun(experimentId: string): Promise<RunSeries> {
  for await (const run of client.runSeries(experimentId)) return run;
  throw new Error(`experiment ${experimentId} has no runs`);
}

describe('an experiment', () => {
  it('is submitted, simulated, followed and queried', { timeout: 180_000 }, async () => {
    const submitted = await client.submit(sinusoidSweep(), COMPUTED);
    expect(submitted).toMatchObject({ state: 'running', pointCount: 3, replicates: 2, runCount: 6, roundsTotal: 120 });

    const events: string[] = [];
    const sequences: number[] = [];
    for await (const item of client.follow(submitted.id)) {
      if (item.kind !== 'event') continue;
      events.push(item.event.type);
      sequences.push(item.event.sequence);
    }
    expect(sequences).toEqual(Array.from({ length: 14 }, (_, index) => index + 1));
    expect(events[0]).toBe('experiment-created');
    expect(events.at(-1)).toBe('experiment-finished');
    expect(events.filter((type) => type === 'run-completed')).toHaveLength(6);

    const summary = await client.experiment(submitted.id);
    expect(summary).toMatchObject({ state: 'finished', roundsDone: 120, runs: { completed: 6, queued: 0, running: 0, failed: 0 } });

    const tradeoff = await client.tradeoff(submitted.id);
    expect(tradeoff.rows.map(({ label, role }) => ({ label, role }))).toEqual([
      { label: 'SNR 0 dB', role: 'swept' },
      { label: 'noiseless', role: 'swept' },
      { label: 'ideal uplink', role: 'twin' },
    ]);
    for (const row of tradeoff.rows) {
      expect(row.runs).toEqual({ total: 2, completed: 2, diverged: 0, open: 0, missing: 0 });
      expect(row.newTasks.last.loss?.n).toBe(2);
      expect(row.newTasks.earlyStop.loss?.n).toBe(2);
      expect(row.trainLoss?.low).toBeLessThan(row.trainLoss?.mean ?? NaN);
    }
    expect(tradeoff.rows[2].gains.last.loss).toBeNull();
    expect(tradeoff.rows[0].gains.last.loss?.n).toBe(2);

    const claim = await client.claim(submitted.id, 0.5);
    expect(claim).toMatchObject({ budget: 0.5, compared: 2, simultaneousLevel: 0.975, rows: [{ score: 'loss' }, { label: 'noiseless' }] });
    expect((await client.claim(submitted.id)).budget).toBe(0.18);
    const curves = await client.learningCurves(submitted.id);
    expect(curves.points.map(({ label, curves: own }) => [label, own.map(({ metric, rounds }) => [metric, rounds])])).toEqual(
      ['SNR 0 dB', 'noiseless', 'ideal uplink'].map((label) => [
        label,
        ['trainLoss', 'newTasksLoss'].map((metric) => [metric, [0, 5, 10, 15, 20]]),
      ]),
    );
    expect(await client.learningCurves(submitted.id, [1])).toMatchObject({ points: [{ label: 'noiseless' }], omitted: 2 });

    const { body } = await graphql(
      `
        query ($id: ID!) {
          experiment(id: $id) {
            points {
              items {
                label
                config
              }
            }
            runList(limit: 1) {
              items {
                engine
                claims
                series(metrics: [trainLoss]) {
                  metric
                  rounds
                  values
                }
                fineTuning(at: last, sets: [newTasks]) {
                  round
                  set
                  metric
                  tasks
                  mean
                }
              }
            }
          }
        }
      `,
      { id: submitted.id },
    );
    expect(body.data).toMatchObject({
      experiment: {
        runList: {
          items: [
            {
              engine: expect.stringMatching(/^fused/) as string,
              claims: 1,
              series: [{ metric: 'trainLoss', rounds: [0, 5, 10, 15, 20] }],
              fineTuning: [{ round: 20, set: 'newTasks', metric: 'loss', tasks: 5, mean: [expect.any(Number), expect.any(Number)] }],
            },
          ],
        },
      },
    });
  });

  it('leaves trained parameters, as a safetensors file that says where they come from', { timeout: 180_000 }, async () => {
    const { id, hash } = await client.submit(sinusoidSweep({ replicates: 1, snrs: ['3 dB'] }), COMPUTED);
    await ended(client, id);
    const { id: runId, seed, engine } = await firstRun(id);
    const response = await fetch(`${api.url}/v1/runs/${runId}/parameters`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${runId}.safetensors"`);
    const file = new Uint8Array(await response.arrayBuffer());
    expect(await client.parameters(runId)).toEqual(file);
    const { origin, tensors } = readParameterFile(file);
    expect(origin).toMatchObject({ run: runId, specificationHash: hash, seed: Number(seed), engine, round: 20, config: { rounds: 20 } });
    expect(tensors.map(({ name, shape }) => [name, ...shape])).toEqual([
      ['layers.0.weight', 16, 1],
      ['layers.0.bias', 16],
      ['layers.1.weight', 1, 16],
      ['layers.1.bias', 1],
    ]);
    for (const { values } of tensors) expect(values.every(Number.isFinite)).toBe(true);
  });

  it('may diverge, which is a result: records, curves and parameters from before it stay', { timeout: 180_000 }, async () => {
    const document = JSON.parse(sinusoidSweep({ replicates: 1, rounds: 200 })) as { base: object };
    const base = { ...document.base, meta: { innerStep: 1, metaStep: 1000 }, evaluate: { every: 1, newTasks: 2, newAgents: 2 } };
    const { id } = await client.submit(JSON.stringify({ ...document, base: { ...base, model: { kind: 'mlp', hidden: [8] } } }), COMPUTED);
    expect(await ended(client, id)).toMatchObject({ state: 'finished', runs: { diverged: 3, failed: 0 } });
    const run = await firstRun(id);
    const rounds = run.series.find(({ metric }) => metric === 'trainLoss')?.rounds ?? [];
    expect(run.state).toBe('diverged');
    expect(rounds.length).toBeGreaterThan(0);
    const curves = (await client.runCurves(id).next()).value as RunCurves;
    expect(curves.fineTuning.find(({ at }) => at === 'last')?.round).toBe(rounds.at(-1));
    const { origin, tensors } = readParameterFile(await client.parameters(run.id));
    expect(origin.round).toBe(rounds.at(-1));
    for (const { values } of tensors) expect(values.every(Number.isFinite)).toBe(true);
    const { body } = await graphql('query ($id: ID!) { run(id: $id) { failure { code round } } }', { id: run.id });
    // Every round is recorded, so the one that failed is the next.
    expect(body.data).toEqual({ run: { failure: { code: 'divergence', round: (rounds.at(-1) ?? NaN) + 1 } } });
  });

  it('has no parameters before it has ended, and says so', { timeout: 180_000 }, async () => {
    const { id } = await client.submit(sinusoidSweep({ replicates: 1, rounds: 1_000_000 }), COMPUTED);
    const { id: runId } = await firstRun(id);
    await client.cancel(id);
    await ended(client, id);
    const error = (await client.parameters(runId).catch((caught: unknown) => caught)) as RefusedError;
    expect(error.problem).toMatchObject({ status: 404, detail: `there are no parameters of run ${runId}: it is cancelled` });
  });

  it('gives the same bits again, with one worker or two', { timeout: 180_000 }, async () => {
    const first = await client.submit(sinusoidSweep({ name: 'one worker' }), COMPUTED);
    await ended(client, first.id);
    const second = await startWorker({ databaseUrl: database.url });
    try {
      const again = await client.submit(sinusoidSweep({ name: 'two workers', replicates: 2 }), COMPUTED);
      await ended(client, again.id);
      expect(await seriesOf(client, again.id)).toEqual(await seriesOf(client, first.id));
    } finally {
      await second.stop();
    }
  });

  it('is resumed by Last-Event-ID, giving the later events only', { timeout: 180_000 }, async () => {
    const { id } = await client.submit(sinusoidSweep({ replicates: 1 }), COMPUTED);
    await ended(client, id);
    const response = await fetch(`${api.url}/v1/experiments/${id}/events`, { headers: { 'last-event-id': '5' } });
    const ids = [...(await response.text()).matchAll(/^event: (?!progress)\S+\nid: (\d+)$/gm)].map(([, sequence]) => Number(sequence));
    expect(ids).toEqual([6, 7, 8]);
    const later = await fetch(`${api.url}/v1/experiments/${id}/events`, { headers: { 'last-event-id': '9' } });
    expect([later.status, await later.text()]).toEqual([400, expect.stringContaining('has no such event yet')]);
  });

  it('is cancelled: queued runs at once, running ones within moments', { timeout: 180_000 }, async () => {
    const { id } = await client.submit(sinusoidSweep({ rounds: 1_000_000, replicates: 3 }), COMPUTED);
    for await (const item of client.follow(id)) {
      if (item.kind === 'event' && item.event.type === 'run-started') await client.cancel(id);
    }
    const summary = await client.experiment(id);
    expect(summary).toMatchObject({ state: 'cancelled', runs: { cancelled: 9, running: 0, queued: 0 } });
    const again = await client.cancel(id);
    expect(again).toEqual(summary);

    const next = await client.submit(sinusoidSweep({ replicates: 1 }), COMPUTED);
    expect((await ended(client, next.id)).runs.completed).toBe(3); // the worker is free again
  });

  it('whose data set is missing is refused before anything is written', async () => {
    const before = await rowsIn('experiments');
    const document = { version: 1, name: 'no data', base: { task: { family: 'omniglot', dataset: 'nowhere' } } };
    const error = await client.submit(JSON.stringify(document)).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RefusedError);
    expect((error as RefusedError).problem).toMatchObject({
      status: 422,
      faults: [{ pointer: '/base/task', message: expect.stringContaining('nowhere') as string }],
    });
    expect(await rowsIn('experiments')).toBe(before);
  });
});

describe('a faulty request', () => {
  const post = (body: string, type = 'application/yaml') =>
    fetch(`${api.url}/v1/experiments`, { method: 'POST', body, headers: { 'content-type': type } });

  it('lists every fault with its pointer and writes nothing', async () => {
    const before = [await rowsIn('experiments'), await rowsIn('runs')];
    const document = {
      version: 1,
      name: 'x',
      bogus: 1,
      base: { task: { family: 'glyphs', ways: 0, colour: 'red' } },
      sweep: { grid: { 'uplink.snr': [10, '3 apples'] } },
    };
    const response = await post(JSON.stringify(document));
    expect(response.status).toBe(422);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const problem = (await response.json()) as { faults: { pointer: string }[] };
    expect(problem.faults.length).toBeGreaterThan(0);
    expect(JSON.stringify(problem)).not.toContain('    at ');
    expect([await rowsIn('experiments'), await rowsIn('runs')]).toEqual(before);
  });

  it.each([
    ['nothing', ''],
    ['a broken document', '{"version": 1,'],
    ['a list', '[1, 2]'],
    [
      'a sweep of 100,000 points',
      JSON.stringify({
        version: 1,
        name: 'x',
        base: { task: { family: 'sinusoid' } },
        sweep: { grid: { rounds: Array.from({ length: 100_000 }, (_, index) => index + 1) } },
      }),
    ],
    [
      'a model no worker could hold',
      JSON.stringify({
        version: 1,
        name: 'x',
        base: { task: { family: 'sinusoid' }, model: { kind: 'mlp', hidden: Array<number>(8).fill(8192) } },
      }),
    ],
    [
      'more evaluated rounds than a series may hold',
      JSON.stringify({ version: 1, name: 'x', base: { task: { family: 'sinusoid' }, rounds: 10_000_000, evaluate: { every: 1 } } }),
    ],
    ['a path for a data set', JSON.stringify({ version: 1, name: 'x', base: { task: { family: 'omniglot', dataset: '../../etc' } } })],
  ])('is answered with 422 for %s', async (_, body) => {
    const response = await post(body);
    expect(response.status).toBe(422);
    expect(((await response.json()) as { faults: unknown[] }).faults).not.toHaveLength(0);
  });

  it('is answered with 404 for what is not there and 400 for a wrong parameter', async () => {
    const status = async (path: string) => (await fetch(`${api.url}${path}`)).status;
    expect(await status('/v1/experiments/00000000-0000-4000-8000-000000000000')).toBe(404);
    expect(await status('/v1/experiments/not-an-id')).toBe(404);
    expect(await status('/v1/experiments/not-an-id/events')).toBe(404);
    expect(await status('/v1/runs/00000000-0000-4000-8000-000000000000/parameters')).toBe(404);
    expect(await status('/v1/runs/not-an-id/parameters')).toBe(404);
    expect(await status('/v1/nothing')).toBe(404);
    expect(await status('/v1/experiments?limit=0')).toBe(400);
    expect(await status('/v1/experiments?after=garbage')).toBe(400);
  });

  it('is answered with 415 when its body is what a form on any page could send', async () => {
    const before = await rowsIn('experiments');
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/yamlx']) {
      const response = await post(sinusoidSweep(), type);
      expect(response.status).toBe(415);
      expect(((await response.json()) as { detail: string }).detail).toBe(
        `the Content-Type must be application/json or application/yaml, not "${type}"`,
      );
    }
    expect(await rowsIn('experiments')).toBe(before);
  });

  it('is answered with 413 when its body is too large', async () => {
    expect((await post('x'.repeat(3_000_000))).status).toBe(413);
  });

  it('says in GraphQL what is wrong, without its inside', async () => {
    expect((await graphql('{ nothing }')).body.errors?.[0].message).toContain('nothing');
    const { body } = await graphql('{ tradeoff(experimentId: "00000000-0000-4000-8000-000000000000") { name } }');
    expect(body.errors?.[0].message).toBe('there is no experiment 00000000-0000-4000-8000-000000000000');
    expect(JSON.stringify(body)).not.toContain('stacktrace');
    const id = '"00000000-0000-4000-8000-000000000000"';
    const message = async (query: string) => (await graphql(query)).body.errors?.[0].message;
    expect(await message(`{ claim(experimentId: ${id}) { name } }`)).toContain('there is no experiment');
    expect(await message(`{ claim(experimentId: ${id}, budget: -1) { name } }`)).toBe(
      'budget must be a share of extra rounds from 0 to 100, such as 0.18, not -1',
    );
    expect(await message(`{ learningCurves(experimentId: ${id}) { name } }`)).toContain('there is no experiment');
    expect(await message(`{ learningCurves(experimentId: ${id}, points: [${Array(25).fill(0).join()}]) { name } }`)).toBe(
      'points must name at most 24 points, not 25',
    );
  });
});

describe('a preview', () => {
  it('counts what would run and writes nothing', async () => {
    const before = await rowsIn('experiments');
    const preview = await client.preview(sinusoidSweep({ replicates: 5 }));
    expect(preview).toMatchObject({
      pointCount: 3,
      twinCount: 1,
      replicates: 5,
      runCount: 15,
      roundsTotal: 300,
      recordsTotal: 75,
      metaGradientsTotal: 900,
    });
    expect(await rowsIn('experiments')).toBe(before);
  });
});

describe('the server', () => {
  it('is live, ready and documented', async () => {
    for (const path of ['/health/live', '/health/ready']) expect((await fetch(`${api.url}${path}`)).status).toBe(200);
    const openApi = (await (await fetch(`${api.url}/docs-json`)).json()) as { paths: Record<string, unknown> };
    expect(Object.keys(openApi.paths)).toEqual(
      expect.arrayContaining(['/health/live', '/v1/experiments', '/v1/experiments/{id}/events', '/v1/runs/{id}/why', '/v1/whoami']),
    );
  });

  it('keeps a caller’s request id and gives one to the others', async () => {
    const given = await fetch(`${api.url}/health/live`, { headers: { 'x-request-id': 'mine-1' } });
    expect(given.headers.get('x-request-id')).toBe('mine-1');
    expect((await fetch(`${api.url}/health/live`)).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});
