/** One trace from the request that submits an experiment to the workers that compute it. */
import { LabClient } from '@airmeta/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ended, sinusoidSweep } from '../support/experiments.js';
import { startApi, startWorker } from '../support/lab-processes.js';
import { startOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;
let receiver: OtlpReceiver;
beforeAll(async () => {
  [database, receiver] = await Promise.all([createTestDatabase(), startOtlpReceiver()]);
});
afterAll(async () => {
  await receiver.stop();
  await database.drop();
});

it('has one trace id from the POST to the worker', async () => {
  const settings = { databaseUrl: database.url, environment: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint } };
  const [api, worker] = await Promise.all([startApi(settings), startWorker(settings)]);
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const response = await fetch(`${api.url}/v1/experiments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${trace}-b7ad6b7169203331-01`, 'x-request-id': 'traced' },
    body: sinusoidSweep({ snrs: ['0 dB'], replicates: 1 }),
  });
  expect(response.status).toBe(201);
  const { id, runCount } = (await response.json()) as { id: string; runCount: number };
  await ended(new LabClient(api.url), id);
  expect([await worker.stop(), await api.stop()], worker.output() + api.output()).toEqual([0, 0]);

  const spans = receiver.spans.filter(({ traceId }) => traceId === trace);
  const post = spans.find(({ name }) => name === 'POST /v1/experiments');
  expect(post).toMatchObject({ service: 'airmeta-api', parentSpanId: 'b7ad6b7169203331', attributes: { 'airmeta.request.id': 'traced' } });
  for (const name of ['queue', 'run']) {
    const own = spans.filter((span) => span.name === name);
    expect([name, own.length]).toEqual([name, runCount]);
    for (const span of own)
      expect(span).toMatchObject({ service: 'airmeta-worker', parentSpanId: post?.spanId, attributes: { 'airmeta.experiment.id': id } });
  }
  const runs = await database.query<{ id: string }>('SELECT id FROM runs ORDER BY id');
  const traced = spans.filter(({ name }) => name === 'run').map(({ attributes }) => attributes['airmeta.run.id']);
  expect(traced.sort()).toEqual(runs.map((run) => run.id));
  expect(receiver.spans.some(({ name }) => name.includes('/health') || name.includes('/metrics'))).toBe(false);
}, 90_000);

it('works, and stops, when nobody receives', async () => {
  const settings = { databaseUrl: database.url, environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' } };
  const api = await startApi(settings);
  const body = sinusoidSweep({ snrs: ['0 dB'], replicates: 1 });
  const response = await fetch(`${api.url}/v1/experiments`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect(response.status).toBe(201);
  expect(await api.stop(), api.output()).toBe(0);
}, 60_000);
