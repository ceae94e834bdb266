/** Steering experiments and looking at runs over HTTP, on real Postgres, with runs ended by hand. */
import 'reflect-metadata';
import { LabClient, RefusedError } from '@airmeta/client';
import type { ExperimentSummaryBody } from '@airmeta/spec';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../../../test/support/experiments.js';
import { end, play, take, WORKER } from './hand-worker.js';
import { clearLab } from '../../../test/support/test-database.js';
import { bearer, joinLab, startLabServer, type LabServer, type TestMember } from './lab-server.js';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

let lab: LabServer;
let adaMember: TestMember;
let ada: LabClient;
let bob: LabClient;
let admin: LabClient;

beforeAll(async () => {
  lab = await startLabServer({ AIRMETA_AUTH: 'on' });
  const [root, a, b] = await Promise.all([
    joinLab(lab.persistence, 'root', 'admin'),
    joinLab(lab.persistence, 'ada', 'researcher'),
    joinLab(lab.persistence, 'bob', 'researcher'),
  ]);
  adaMember = a;
  [admin, ada, bob] = [root, a, b].map(({ secret }) => new LabClient(lab.url, secret));
});

beforeEach(() => clearLab(lab.database));

afterAll(() => lab.stop());

const runs = () => lab.persistence.runs;
const of = (summary: ExperimentSummaryBody) => {
  const { state, hold, ending } = summary;
  const counts = Object.fromEntries(Object.entries(summary.runs).filter(([, count]) => count > 0));
  return { state, hold, ending, runs: counts };
};

/** Of one point and its ideal twin: as many runs as replicates, twice. */
const SWEEP = (more: Parameters<typeof sinusoidSweep>[0] = {}) => sinusoidSweep({ snrs: ['0 dB'], replicates: 2, rounds: 10, ...more });

async function rowsOf(client: LabClient, id: string, state?: 'failed' | 'queued' | 'completed') {
  const rows = [];
  for await (const row of client.runRows(id, state)) rows.push(row);
  return rows;
}

async function refusal(promise: Promise<unknown>): Promise<{ status: number; detail: string }> {
  const error: unknown = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof RefusedError)) throw new Error(`it was not refused: ${String(error)}`);
  return { status: error.problem.status, detail: error.problem.detail };
}

describe('submitting', () => {
  const post = (body: string, headers: Record<string, string> = {}, query = '', secret = adaMember.secret) =>
    fetch(`${lab.url}/v1/experiments${query}`, {
      method: 'POST',
      headers: { ...bearer(secret), 'content-type': 'application/yaml', ...headers },
      body,
    });
  const detailOf = async (response: Response) => ((await response.json()) as { detail: string }).detail;

  it('makes one experiment of 20 parallel requests with one idempotency key', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(SWEEP(), { 'idempotency-key': 'once' })));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(19);
    const bodies = (await Promise.all(answers.map((answer) => answer.json()))) as ExperimentSummaryBody[];
    expect(new Set(bodies.map(({ id }) => id)).size).toBe(1);
    expect(new Set(answers.map(({ headers }) => headers.get('location')))).toEqual(new Set([`/v1/experiments/${bodies[0].id}`]));
    expect((await ada.experiments(50)).items).toHaveLength(1);
  });

  it('takes the key as the draft writes it, too: a quoted string', async () => {
    const first = await post(SWEEP(), { 'idempotency-key': '"8e03978e-40d5"' });
    const again = await post(SWEEP(), { 'idempotency-key': '8e03978e-40d5' });
    expect(((await again.json()) as { id: string }).id).toBe(((await first.json()) as { id: string }).id);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
  });

  it('refuses a key that was used for something else: another body, or other options', async () => {
    const headers = { 'idempotency-key': 'mine' };
    expect((await post(SWEEP(), headers)).status).toBe(201);
    for (const response of [await post(SWEEP({ rounds: 20 }), headers), await post(SWEEP(), headers, '?priority=1')]) {
      expect(response.status).toBe(422);
      expect(await detailOf(response)).toBe(
        'the idempotency key "mine" was used for another submission: use a new key for a new experiment',
      );
    }
    expect((await ada.experiments(50)).items).toHaveLength(1);
  });

  it('lets members use the same key, each for something', async () => {
    const mine = await ada.submit(SWEEP(), { idempotencyKey: 'k' });
    const other = await bob.submit(SWEEP({ rounds: 20 }), { idempotencyKey: 'k' });
    expect(other.id).not.toBe(mine.id);
    expect((await bob.submit(SWEEP({ rounds: 20 }), { idempotencyKey: 'k' })).id).toBe(other.id);
  });

  it('may be tried again with the same key after it was refused', async () => {
    expect((await post('version: 1', { 'idempotency-key': 'again' })).status).toBe(422);
    expect((await post(SWEEP(), { 'idempotency-key': 'again' })).status).toBe(201);
  });

  it.each([['two words'], ['x'.repeat(256)], ['""']])('refuses %j as a key', async (key) => {
    const response = await post(SWEEP(), { 'idempotency-key': key });
    expect([response.status, await detailOf(response)]).toEqual([
      400,
      'Idempotency-Key must be 1 to 255 visible ASCII characters without spaces',
    ]);
  });

  it('notes priority and tags, and lists by tag', async () => {
    const { id, priority, tags } = await ada.submit(SWEEP(), { priority: -3, tags: ['paper', 'fig:2', 'paper'] });
    await ada.submit(SWEEP());
    expect({ priority, tags }).toEqual({ priority: -3, tags: ['paper', 'fig:2'] });
    expect((await ada.experiments(50, { tag: 'fig:2' })).items.map((item) => item.id)).toEqual([id]);
    expect((await ada.experiments(50, { tag: 'none' })).items).toEqual([]);
  });

  it.each([
    ['?priority=high', /^priority must be a whole number from -100 to 100$/],
    ['?priority=101', /^priority must be at most 100$/],
    ['?priority=', /^priority must be a whole number/],
    ['?tags=a,,b', /^tags\.1 a tag is 1 to 64 letters/],
    ['?force=yes', /^force must be true or false$/],
    ['?visibility=lab&visibility=private', /^visibility must be one of lab, private/],
    ['?private=true', /private/],
  ])('refuses %s', async (query, sentence) => {
    const response = await post(SWEEP(), {}, query);
    expect(response.status).toBe(400);
    expect(await detailOf(response)).toMatch(sentence);
  });

  it('shares results that are there, unless forced', async () => {
    await ada.submit(SWEEP());
    await play(runs(), ['completed', 'completed', 'completed', 'completed']);
    await runs().heartbeat(WORKER); // whose arithmetic is that of the results
    const shared = await bob.submit(SWEEP({ name: 'the same' }));
    expect({ ...of(shared), sharedRuns: shared.sharedRuns }).toEqual({
      ...{ state: 'finished', hold: null, ending: null, runs: { completed: 4 } },
      sharedRuns: 4,
    });
    expect(of(await bob.submit(SWEEP(), { force: true })).runs).toEqual({ queued: 4 });
  });
});

describe('an experiment', () => {
  it('is paused and goes on; doing so twice changes nothing', async () => {
    const { id } = await ada.submit(SWEEP());
    expect(of(await ada.pause(id))).toEqual({ state: 'running', hold: 'paused', ending: null, runs: { queued: 4 } });
    expect(await take(runs(), 4)).toEqual([]);
    expect((await ada.pause(id)).hold).toBe('paused');
    expect(of(await ada.resume(id))).toEqual({ state: 'running', hold: null, ending: null, runs: { queued: 4 } });
    expect(await take(runs(), 4)).toHaveLength(4);
  });

  it('is stopped: what runs goes on, the rest is cancelled, and resuming makes it whole', async () => {
    const { id } = await ada.submit(SWEEP());
    const [claim] = await take(runs(), 1);
    expect(of(await ada.stop(id))).toEqual({ state: 'running', hold: null, ending: 'stop', runs: { running: 1, cancelled: 3 } });
    await end(runs(), claim, 'completed');
    expect(of(await ada.experiment(id))).toEqual({ state: 'stopped', hold: null, ending: 'stop', runs: { completed: 1, cancelled: 3 } });
    expect(await refusal(ada.stop(id))).toEqual({ status: 409, detail: 'the experiment is stopped: there is nothing to stop' });
    expect((await refusal(ada.pause(id))).status).toBe(409);
    expect(of(await ada.resume(id))).toEqual({ state: 'running', hold: null, ending: null, runs: { queued: 3, completed: 1 } });
  });

  it('is cancelled, also twice, and can be resumed', async () => {
    const { id } = await ada.submit(SWEEP());
    for (const _ of [1, 2]) {
      expect(of(await ada.cancel(id))).toEqual({ state: 'cancelled', hold: null, ending: 'cancel', runs: { cancelled: 4 } });
    }
    expect(of(await ada.resume(id)).runs).toEqual({ queued: 4 });
  });

  it('retries what failed, and only that', async () => {
    const { id } = await ada.submit(SWEEP());
    await play(runs(), ['completed', 'failed', 'diverged', 'failed']);
    expect(of(await ada.experiment(id)).state).toBe('finished');
    expect(of(await ada.retry(id))).toMatchObject({ state: 'running', runs: { queued: 2, completed: 1, diverged: 1 } });
    await play(runs(), ['completed', 'completed']);
    expect(of(await ada.retry(id))).toMatchObject({ state: 'finished', runs: { completed: 3, diverged: 1 } });
  });

  it('is held after as many failures as its limits allow, until failed runs are retried', async () => {
    const limited = JSON.stringify({ ...(JSON.parse(SWEEP({ replicates: 3 })) as object), limits: { maxFailures: 2 } });
    const { id } = await ada.submit(limited);
    await play(runs(), ['failed', 'failed']);
    expect(of(await ada.experiment(id))).toMatchObject({ hold: 'failures', runs: { failed: 2, queued: 4 } });
    expect(await take(runs(), 6)).toEqual([]);
    expect(of(await ada.retry(id))).toMatchObject({ hold: null, runs: { queued: 6 } });
  });

  it('queues again what was deleted or failed, and nothing else', async () => {
    const { id } = await ada.submit(SWEEP({ replicates: 5 }));
    const claims = await play(
      runs(),
      Array.from({ length: 10 }, (_, index) => (index < 2 ? 'failed' : 'completed')),
    );
    for (const { runId } of claims.slice(7)) await ada.deleteRun(runId);
    expect(of(await ada.experiment(id)).runs).toEqual({ failed: 2, completed: 5 });
    expect(of(await ada.resume(id)).runs).toEqual({ queued: 5, completed: 5 });
    expect(await play(runs(), Array<'completed'>(10).fill('completed'))).toHaveLength(5);
    expect(of(await ada.experiment(id))).toMatchObject({ state: 'finished', runs: { completed: 10 } });
  });

  it('is extended by replicates and values; what is there stays', async () => {
    const { id } = await ada.submit(SWEEP());
    await play(runs(), ['completed', 'completed', 'completed', 'completed']);
    const more = await ada.extend(id, { replicates: 3, values: { 'uplink.snr': ['10 dB'] } });
    expect({ ...of(more), points: more.pointCount, replicates: more.replicates }).toMatchObject({
      ...{ state: 'running', runs: { completed: 4, queued: 5 }, points: 3, replicates: 3 },
    });
    const rows = await rowsOf(ada, id);
    expect(rows.map(({ label, replicate, state }) => [label, replicate, state])).toEqual([
      ['ideal uplink', 0, 'completed'],
      ['SNR 0 dB', 0, 'completed'],
      ['SNR 10 dB', 0, 'queued'],
      ['ideal uplink', 1, 'completed'],
      ['SNR 0 dB', 1, 'completed'],
      ['SNR 10 dB', 1, 'queued'],
      ['ideal uplink', 2, 'queued'],
      ['SNR 0 dB', 2, 'queued'],
      ['SNR 10 dB', 2, 'queued'],
    ]);
  });

  it('is extended by rounds: its runs are queued again', async () => {
    const { id } = await ada.submit(SWEEP());
    await play(runs(), ['completed', 'completed', 'completed', 'completed']);
    const longer = await ada.extend(id, { rounds: 30 });
    expect([of(longer).runs, longer.roundsTotal]).toEqual([{ queued: 4 }, 120]);
  });

  it('is not extended with faults, nor when it was stopped', async () => {
    const { id } = await ada.submit(SWEEP());
    const error: unknown = await ada.extend(id, { replicates: 1, values: { 'uplink.sparsity': [0.1] } }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      problem: { status: 422, faults: [{ pointer: '/replicates' }, { pointer: '/values/uplink.sparsity' }] },
    });
    expect((await refusal(ada.extend(id, {}))).detail).toBe(
      'the body is not as it must be: nothing to extend: give replicates, rounds or values',
    );
    await ada.stop(id);
    expect((await refusal(ada.extend(id, { replicates: 4 }))).status).toBe(409);
  });

  it('is changed in what touches no run, and leaves lists when it is archived', async () => {
    const { id } = await ada.submit(SWEEP());
    const changed = await ada.change(id, { priority: 5, tags: ['a', 'b'], notes: 'look here', archived: true });
    expect(changed).toMatchObject({ priority: 5, tags: ['a', 'b'], notes: 'look here', archivedAt: expect.any(String) as string });
    expect((await ada.experiments(50)).items).toEqual([]);
    expect((await ada.experiments(50, { archive: 'archived' })).items.map((item) => item.id)).toEqual([id]);
    expect((await ada.experiments(50, { archive: 'all', tag: 'b' })).items.map((item) => item.id)).toEqual([id]);
    expect(await ada.change(id, { archived: false, notes: '' })).toMatchObject({ archivedAt: null, notes: null, tags: ['a', 'b'] });
    expect((await refusal(ada.change(id, {}))).detail).toContain('nothing to change');
    const response = await fetch(`${lab.url}/v1/experiments?archive=old`, { headers: bearer(adaMember.secret) });
    expect(response.status).toBe(400);
    const tag = await fetch(`${lab.url}/v1/experiments?tag=%00`, { headers: bearer(adaMember.secret) });
    expect(tag.status).toBe(400);
  });

  it('is steered by its owner and admins only, and leaves a row in the audit log', async () => {
    const { id } = await ada.submit(SWEEP());
    const deeds = [
      (client: LabClient) => client.pause(id),
      (client: LabClient) => client.resume(id),
      (client: LabClient) => client.retry(id, { force: true }),
      (client: LabClient) => client.extend(id, { replicates: 3 }),
      (client: LabClient) => client.change(id, { priority: 1 }),
      (client: LabClient) => client.stop(id),
      (client: LabClient) => client.cancel(id),
    ];
    for (const deed of deeds) expect(await refusal(deed(bob))).toMatchObject({ status: 403, detail: /^only its owner and admins may/ });
    for (const deed of deeds) expect((await deed(admin)).id).toBe(id);
    const { items } = await admin.audit(14);
    const names = ['pause', 'resume', 'retry', 'extend', 'change', 'stop', 'cancel'].map((name) => `experiments:${name}`);
    const seen = items.map(({ member, operation, target, outcome }) => [member, operation, target, outcome]).reverse();
    expect(seen).toEqual([...names.map((name) => ['bob', name, id, 'refused']), ...names.map((name) => ['root', name, id, 'done'])]);
  });

  it('tells how long it still takes once three runs are done, live too', async () => {
    const { id } = await ada.submit(SWEEP({ replicates: 4 }));
    await play(runs(), ['completed', 'completed']);
    await take(runs(), 1);
    expect((await ada.experiment(id)).remainingMs).toBeNull();
    await play(runs(), ['completed', 'completed']);
    const { remainingMs } = await ada.experiment(id);
    if (remainingMs === null) throw new Error('no time is told');
    expect(remainingMs.low).toBeGreaterThanOrEqual(0);
    expect(remainingMs.high).toBeGreaterThan(remainingMs.low);
    await ada.pause(id);
    for await (const item of ada.follow(id)) {
      if (item.kind !== 'progress') continue;
      expect(item.summary).toMatchObject({ hold: 'paused', remainingMs: { high: expect.any(Number) as number } });
      break;
    }
  });
});

describe('a run', () => {
  it('says why it waits, and who is ahead', async () => {
    await bob.submit(SWEEP({ name: 'bobs', rounds: 20 }));
    const { id } = await ada.submit(SWEEP());
    const [first, , , last] = await rowsOf(ada, id);
    expect(await ada.why(last.id)).toMatchObject({ runId: last.id, state: 'queued', reason: 'no-workers' });
    const reasonWithWorker = async () => {
      await runs().heartbeat({ id: 'w', host: 'h', slots: 1, engine: 'x' });
      return (await ada.why(last.id)).reason;
    };
    await expect.poll(reasonWithWorker).toBe('turn');
    const { position, ahead, sentence } = await ada.why(last.id);
    expect(position).toBe(1 + ahead.reduce((sum, each) => sum + each.runs, 0));
    expect(sentence).toMatch(/^It waits for its turn behind /);
    await ada.pause(id);
    expect(await ada.why(first.id)).toMatchObject({ reason: 'paused', position: null });
  });

  it('waits for a cap', async () => {
    await admin.changeMember('ada', { maxRunning: 0 });
    const { id } = await ada.submit(SWEEP());
    const [{ id: runId }] = await rowsOf(ada, id);
    expect(await ada.why(runId)).toMatchObject({ reason: 'cap', cap: 0, runningOfOwner: 0 });
    expect(await take(runs(), 4)).toEqual([]);
    expect(await admin.changeMember('ada', { maxRunning: null })).toMatchObject({ maxRunning: null });
    expect((await ada.why(runId)).reason).not.toBe('cap');
  });

  it('is shown with its attempts, and deleted once it has ended', async () => {
    const { id } = await ada.submit(SWEEP());
    const [claim] = await take(runs(), 1);
    expect(await ada.run(claim.runId)).toMatchObject({
      ...{ id: claim.runId, experimentId: id, state: 'running', claims: 1, shared: false, losses: 0, workerId: 'worker-by-hand' },
    });
    expect(await refusal(ada.deleteRun(claim.runId))).toEqual({
      status: 409,
      detail: 'the run is running: it can be deleted once it has ended',
    });
    await end(runs(), claim, 'failed');
    expect(await ada.attempts(claim.runId)).toMatchObject([{ fence: 1, workerId: 'worker-by-hand', fromRound: 0, end: 'failed' }]);
    const [failed] = await rowsOf(bob, id, 'failed');
    expect(failed).toMatchObject({
      id: claim.runId,
      label: 'ideal uplink',
      replicate: 0,
      failure: { code: 'broken', message: 'the data broke' },
    });
    expect(await ada.why(failed.id)).toMatchObject({ reason: 'ended', sentence: /the data broke/ });
    expect((await refusal(bob.deleteRun(failed.id))).status).toBe(403);
    await ada.deleteRun(failed.id);
    for (const { status } of await Promise.all(
      [ada.run(failed.id), ada.why(failed.id), ada.attempts(failed.id), ada.deleteRun(failed.id), ada.run(UNKNOWN), ada.run('x')].map(
        refusal,
      ),
    ))
      expect(status).toBe(404);
  });

  it('is not shown to those who may not see its experiment', async () => {
    const { id } = await ada.submit(SWEEP(), { visibility: 'private' });
    const [{ id: runId }] = await rowsOf(ada, id);
    for (const { status } of await Promise.all([bob.run(runId), bob.why(runId), bob.attempts(runId), bob.deleteRun(runId)].map(refusal)))
      expect(status).toBe(404);
  });
});

describe('a body', () => {
  it.each([
    ['too deep', `{"values":{"uplink.snr":[${'['.repeat(100_000)}${']'.repeat(100_000)}]}}`, /levels inside one another$/],
    ['with a key that means something to the program', '{"values":{"__proto__":["0 dB"]}}', /unknown key "__proto__"$/],
    ['with control characters', '{"values":{"uplink.snr":["\\u0000"]}}', /control characters are not allowed$/],
    ['that is no JSON', 'replicates: 3', /^the body is not JSON$/],
    ['that is none', '', /^the body is not JSON$/],
  ])('%s is refused', async (_, body, sentence) => {
    const { id } = await ada.submit(SWEEP());
    const headers = { ...bearer(adaMember.secret), 'content-type': 'application/json' };
    const response = await fetch(`${lab.url}/v1/experiments/${id}/extend`, { method: 'POST', headers, body });
    expect(response.status).toBe(400);
    expect(((await response.json()) as { detail: string }).detail).toMatch(sentence);
  });
});

it('is documented: every parameter once, none of the optional ones required', async () => {
  const document = (await (await fetch(`${lab.url}/docs-json`)).json()) as {
    paths: Record<string, Record<string, { parameters?: { name: string; in: string; required: boolean }[] }>>;
  };
  const parametersOf = (path: string, method: string) => document.paths[path][method].parameters ?? [];
  const submit = parametersOf('/v1/experiments', 'post');
  expect(submit.map(({ name }) => name).sort()).toEqual(['Idempotency-Key', 'force', 'priority', 'tags', 'visibility']);
  expect(
    parametersOf('/v1/experiments', 'get')
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['after', 'archive', 'find', 'limit', 'tag']);
  for (const deed of ['pause', 'resume', 'stop', 'cancel', 'retry', 'extend'])
    expect(parametersOf(`/v1/experiments/{id}/${deed}`, 'post').map(({ name }) => name)).toEqual(['id']);
  for (const [, methods] of Object.entries(document.paths))
    for (const { parameters = [] } of Object.values(methods))
      for (const parameter of parameters) expect([parameter.name, parameter.required]).toEqual([parameter.name, parameter.in === 'path']);
});

describe('a member', () => {
  it('is given a role, a cap, or both', async () => {
    expect(await admin.changeMember('bob', { maxRunning: 2 })).toMatchObject({ name: 'bob', role: 'researcher', maxRunning: 2 });
    expect(await admin.changeMember('bob', { role: 'viewer', maxRunning: null })).toMatchObject({ role: 'viewer', maxRunning: null });
    expect(await admin.changeMember('bob', { role: 'researcher' })).toMatchObject({ role: 'researcher', maxRunning: null });
    expect((await admin.members()).map(({ name, maxRunning }) => [name, maxRunning])).toContainEqual(['bob', null]);
    expect((await refusal(admin.changeMember('bob', {}))).detail).toContain('nothing to change: give role or maxRunning');
    expect((await refusal(admin.changeMember('bob', { maxRunning: -1 }))).detail).toContain('maxRunning must be at least 0');
    expect((await refusal(admin.changeMember('nobody', { maxRunning: 1 }))).status).toBe(404);
    expect((await refusal(ada.changeMember('ada', { maxRunning: null }))).status).toBe(403);
  });
});
