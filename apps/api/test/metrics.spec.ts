/** What Prometheus reads from the server. */
import 'reflect-metadata';
import { setTimeout } from 'node:timers/promises';
import { packExperiment, type Admission } from '@airmeta/lab';
import { expandExperiment } from '@airmeta/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../test/support/until.js';
import { bearer, joinLab, startLabServer, type LabServer, type TestMember } from './lab-server.js';

const WORKER = { id: 'worker-1', host: 'here', slots: 6, engine: 'test' };
const LEASE_MS = 60_000;

let lab: LabServer;
let admin: TestMember;
beforeAll(async () => {
  lab = await startLabServer({ AIRMETA_AUTH: 'on' });
  admin = await joinLab(lab.persistence, 'ada', 'admin');
});
afterAll(() => lab.stop());

/** Samples by name and labels, the labels in order. */
async function scrape(): Promise<Map<string, number>> {
  const response = await fetch(`${lab.url}/metrics`, { headers: bearer(admin.secret) });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

/** Scrapes until a figure is there, as figures are kept for a second. */
async function scrapeUntil(sample: string, value: number): Promise<Map<string, number>> {
  for (const end = performance.now() + 60_000; performance.now() < end;) {
    const samples = await scrape();
    if (samples.get(sample) === value) return samples;
    await setTimeout(50);
  }
  throw new Error(
    `${sample} did not become ${value}: ${JSON.stringify([...(await scrape())].filter(([name]) => name.startsWith('airmeta_r')))}`,
  );
}

describe('the metrics', () => {
  it('count the lab’s runs, rounds and failures as its database has them', async () => {
    const { runs } = lab.persistence;
    const expanded = expandExperiment({
      version: 1,
      name: 'counted',
      base: { task: { family: 'sinusoid' }, rounds: 100 },
      replicates: 6,
      idealTwins: false,
    });
    const labels = expanded.points.map(({ index }) => `point ${index}`);
    await lab.persistence.experimentsOf(admin).create({
      experiment: packExperiment(expanded, labels),
      dataFingerprints: labels.map(() => null),
      replicateSeeds: [1, 2, 3, 4, 5, 6],
      visibility: 'lab',
    });
    expect((await scrapeUntil('airmeta_runs{stage="waiting"}', 6)).get('airmeta_workers')).toBe(0);

    // The server admits them, as many as there are slots.
    const beat = () => runs.heartbeat(WORKER);
    await beat();
    const admissions = await until('all are admitted', async () => {
      const rows = await lab.database.query<Admission>(
        `SELECT id AS "runId", dispatch FROM runs WHERE admitted_at IS NOT NULL ORDER BY ordinal`,
      );
      return rows.length === 6 && rows;
    });
    const claims = [];
    for (const admission of admissions.slice(0, 5)) claims.push(await runs.claim(admission, WORKER, LEASE_MS));
    const [completed, diverged, failed, released, running] = claims.map((claim) => claim ?? expect.fail('not claimed'));
    const nothing = { round: 0, records: [] };
    await runs.finish(completed, { kind: 'completed', rounds: 100 }, { round: 100, records: [] });
    await runs.finish(diverged, { kind: 'diverged', reason: 'not finite', round: 7 }, { round: 7, records: [] });
    await runs.finish(failed, { kind: 'failed', failure: { code: 'out-of-memory', message: 'too large' } }, nothing);
    await runs.report(released, { round: 50, records: [] }, LEASE_MS);
    await runs.report(running, { round: 40, records: [] }, LEASE_MS);
    await beat();
    const samples = await scrapeUntil('airmeta_rounds_total', 107);
    expect(Object.fromEntries([...samples].filter(([name]) => /^airmeta_(runs|run_failures|workers|worker_slots)/.test(name)))).toEqual({
      'airmeta_runs{stage="waiting"}': 0,
      'airmeta_runs{stage="admitted"}': 1,
      'airmeta_runs{stage="running"}': 2,
      'airmeta_runs_ended_total{state="completed"}': 1,
      'airmeta_runs_ended_total{state="diverged"}': 1,
      'airmeta_runs_ended_total{state="failed"}': 1,
      'airmeta_runs_ended_total{state="cancelled"}': 0,
      'airmeta_run_failures_total{code="divergence"}': 1,
      'airmeta_run_failures_total{code="out-of-memory"}': 1,
      airmeta_workers: 1,
      airmeta_worker_slots: 6,
    });
    expect(samples.get('airmeta_rounds_per_second')).toBeGreaterThan(0);
    expect(samples.get('airmeta_run_duration_seconds_bucket{le="43200",state="completed"}')).toBe(1);
    expect(samples.get('airmeta_run_duration_seconds_bucket{le="+Inf",state="cancelled"}')).toBe(0);
    expect(samples.get('airmeta_run_duration_seconds_count{state="completed"}')).toBe(1);

    await runs.release(released, 'stopping', { round: 0, records: [] });
    const after = await scrapeUntil('airmeta_runs{stage="running"}', 1);
    expect(after.get('airmeta_rounds_total'), 'rounds that are given back were never counted').toBe(107);
  });

  it('count durations in the interval whose upper bound they do not exceed', async () => {
    await lab.database.query(
      `UPDATE runs SET started_at = finished_at - CASE state WHEN 'completed' THEN 3 ELSE 100000 END * interval '1 second' WHERE state IN ('completed', 'failed')`,
    );
    const samples = await scrapeUntil('airmeta_run_duration_seconds_sum{state="completed"}', 3);
    const bucket = (state: string, le: string) => samples.get(`airmeta_run_duration_seconds_bucket{le="${le}",state="${state}"}`);
    expect(['1', '3', '10', '+Inf'].map((le) => bucket('completed', le))).toEqual([0, 1, 1, 1]);
    expect(['43200', '+Inf'].map((le) => bucket('failed', le))).toEqual([0, 1]);
  });

  it('have the latency of the server by route, never by address', async () => {
    const id = '00000000-0000-4000-8000-000000000000';
    await fetch(`${lab.url}/v1/experiments/${id}?token=secret`, { headers: bearer(admin.secret) });
    await fetch(`${lab.url}/nowhere/${id}`, { headers: bearer(admin.secret) });
    await fetch(`${lab.url}/v1/experiments`);
    const body = JSON.stringify({ query: '{ __typename }' });
    await fetch(`${lab.url}/graphql`, { method: 'POST', body, headers: { ...bearer(admin.secret), 'content-type': 'application/json' } });
    const samples = await scrape();
    const count = (labels: string) => samples.get(`airmeta_http_request_duration_seconds_count{${labels}}`);
    expect(count('route="/v1/experiments/:id",method="GET",status="404"')).toBe(1);
    expect(count('route="/v1/experiments",method="GET",status="401"')).toBe(1);
    expect(count('route="none",method="GET",status="404"')).toBe(1);
    expect(count('route="/graphql",method="POST",status="200"')).toBe(1);
    expect(count('route="/metrics",method="GET",status="200"')).toBeGreaterThan(3);
    expect(JSON.stringify([...samples.keys()])).not.toMatch(/secret|00000000-/);
    expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(0);
  });

  it('are for admins', async () => {
    const viewer = await joinLab(lab.persistence, 'bob', 'viewer');
    expect((await fetch(`${lab.url}/metrics`)).status).toBe(401);
    expect((await fetch(`${lab.url}/metrics`, { headers: bearer(viewer.secret) })).status).toBe(403);
  });
});
