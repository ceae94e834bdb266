/** A lab of members: tokens, roles, private experiments and the audit log, over HTTP. */
import 'reflect-metadata';
import { LabClient, RefusedError } from '@airmeta/client';
import type { ExperimentSummaryBody } from '@airmeta/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../../../test/support/experiments.js';
import { bearer, joinLab, startLabServer, type LabServer } from './lab-server.js';

let lab: LabServer;
let admin: LabClient;
let ada: LabClient;
let bob: LabClient;
let viewer: LabClient;

const clientOf = async (name: string, role: 'viewer' | 'researcher' | 'admin') =>
  new LabClient(lab.url, (await joinLab(lab.persistence, name, role)).secret);

beforeAll(async () => {
  lab = await startLabServer({ AIRMETA_AUTH: 'on' });
  [admin, ada, bob, viewer] = await Promise.all([
    clientOf('root', 'admin'),
    clientOf('ada', 'researcher'),
    clientOf('bob', 'researcher'),
    clientOf('vera', 'viewer'),
  ]);
});

afterAll(() => lab.stop());

async function refusal(promise: Promise<unknown>): Promise<{ status: number; detail: string }> {
  const error: unknown = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!(error instanceof RefusedError)) throw new Error(`it was not refused: ${String(error)}`);
  return { status: error.problem.status, detail: error.problem.detail };
}

describe('credentials', () => {
  it.each([
    ['none', undefined, /^this lab asks who you are: run "airmeta login", or set AIRMETA_TOKEN/],
    ['another scheme', 'Basic YWRhOmFkYQ==', /^what was sent is no token of a lab/],
    ['no token', 'Bearer airmeta_short', /^what was sent is no token of a lab/],
    ['an unknown token', `Bearer airmeta_${'x'.repeat(43)}`, /^this lab does not know this token/],
  ])('that are %s get 401 and a sentence that says what to do', async (_, authorization, sentence) => {
    const response = await fetch(`${lab.url}/v1/experiments`, { headers: authorization ? { authorization } : {} });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="airmeta"');
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(((await response.json()) as { detail: string }).detail).toMatch(sentence);
  });

  it('are not asked for by probes, whatever they send', async () => {
    const response = await fetch(`${lab.url}/health/ready`, { headers: bearer('nonsense') });
    expect(response.status).toBe(200);
  });

  it('tell who asks', async () => {
    expect(await ada.whoami()).toMatchObject({ auth: 'on', name: 'ada', role: 'researcher', token: { scope: 'write', member: 'ada' } });
  });
});

describe('a token', () => {
  it('is shown once, works at once, and not any more when it is revoked', async () => {
    const { secret, ...issued } = await ada.createToken({ label: 'notebook', scope: 'read', expiresInDays: 2 });
    expect(secret).toMatch(/^airmeta_[\w-]{43}$/);
    expect(JSON.stringify(await ada.tokens())).not.toContain(secret);
    const notebook = new LabClient(lab.url, secret);
    expect(await notebook.whoami()).toMatchObject({ name: 'ada', role: 'viewer' });
    expect(await refusal(notebook.submit(sinusoidSweep()))).toEqual({
      status: 403,
      detail:
        'this token’s scope, read, does not let ada submit experiments: use a token of scope write ("airmeta tokens create" makes one)',
    });
    expect(await refusal(notebook.createToken({ label: 'more', scope: 'write' }))).toMatchObject({ status: 403 });
    expect((await notebook.createToken({ label: 'as much' })).scope).toBe('read');
    await ada.revokeToken(issued.id);
    expect(await refusal(notebook.whoami())).toMatchObject({ status: 401, detail: expect.stringContaining('was revoked') as string });
  });

  it('may be named by itself to be revoked, and is never shown', async () => {
    const { secret } = await ada.createToken({ label: 'pasted' });
    expect(await refusal(bob.revokeToken(secret))).toEqual({ status: 404, detail: 'there is no token airmeta_(hidden)' });
    await ada.revokeToken(secret);
    expect(await refusal(new LabClient(lab.url, secret).whoami())).toMatchObject({ status: 401 });
    expect(JSON.stringify(await admin.audit(200))).not.toContain(secret);
  });

  it('gives no more than the role, and belongs to its member', async () => {
    expect(await refusal(ada.createToken({ label: 'x', scope: 'admin' }))).toMatchObject({ status: 403 });
    expect(await refusal(ada.createToken({ label: 'x', member: 'bob' }))).toMatchObject({ status: 403 });
    const [bobs] = await bob.tokens();
    expect((await ada.tokens()).every(({ member }) => member === 'ada')).toBe(true);
    expect(await refusal(ada.revokeToken(bobs.id))).toEqual({ status: 404, detail: `there is no token ${bobs.id}` });
    expect((await admin.createToken({ label: 'for bob', member: 'bob' })).member).toBe('bob');
    expect(new Set((await admin.tokens()).map(({ member }) => member)).size).toBeGreaterThan(3);
  });

  it('of a wrong shape is refused in a sentence', async () => {
    expect((await refusal(ada.createToken({ label: ' ', expiresInDays: 0 }))).detail).toBe(
      'the body is not as it must be: label must not be empty; expiresInDays must be at least 1',
    );
  });
});

describe('members', () => {
  it('are added with a first token, given another role, and removed, by admins', async () => {
    const { token } = await admin.addMember('carla', 'viewer');
    const carla = new LabClient(lab.url, token.secret);
    expect(await carla.whoami()).toMatchObject({ name: 'carla', role: 'viewer' });
    expect(await refusal(admin.addMember('carla', 'viewer'))).toMatchObject({ status: 409 });
    expect((await refusal(admin.addMember('No Name', 'viewer'))).status).toBe(400);
    expect(await admin.changeMember('carla', { role: 'researcher' })).toMatchObject({ role: 'researcher' });
    expect(await carla.whoami()).toMatchObject({ role: 'viewer' }); // the token's scope is still to read
    await admin.removeMember('carla');
    expect((await refusal(carla.whoami())).status).toBe(401);
    expect((await refusal(admin.removeMember('carla'))).status).toBe(404);
    expect(await refusal(admin.removeMember('root'))).toEqual({
      status: 409,
      detail: 'root is the last admin of this lab: make somebody else an admin first',
    });
  });
});

describe('an experiment', () => {
  it('is its owner’s: others see it when it is the lab’s, and only the owner and admins change it', async () => {
    const { id, owner, visibility } = await ada.submit(sinusoidSweep({ rounds: 10 }), { visibility: 'private' });
    expect({ owner, visibility }).toEqual({ owner: 'ada', visibility: 'private' });
    expect((await refusal(bob.experiment(id))).status).toBe(404);
    expect((await refusal(bob.cancel(id))).status).toBe(404);
    expect((await refusal(bob.tradeoff(id))).status).toBe(404);
    expect((await refusal(bob.claim(id))).status).toBe(404);
    expect((await refusal(bob.learningCurves(id))).status).toBe(404);
    expect((await bob.experiments(200)).items).toEqual([]);
    expect((await admin.experiment(id)).id).toBe(id);
    await ada.change(id, { visibility: 'lab' });
    expect((await bob.experiment(id)).owner).toBe('ada');
    expect(await refusal(bob.cancel(id))).toEqual({
      status: 403,
      detail: 'only its owner and admins may cancel an experiment: ask one of them',
    });
    expect((await refusal(bob.change(id, { visibility: 'private' }))).status).toBe(403);
    expect((await refusal(viewer.cancel(id))).detail).toBe(
      'a viewer may not cancel an experiment: ask an admin of this lab for the role researcher',
    );
    expect((await admin.cancel(id)).state).toBe('cancelled');
  });

  it('that turns private while others watch is not shown to them any further', async () => {
    const { id } = await ada.submit(sinusoidSweep({ rounds: 10 }));
    const seen: ExperimentSummaryBody[] = [];
    let ended: unknown;
    try {
      for await (const item of bob.follow(id, { retryMs: 1 })) {
        if (item.kind !== 'progress') continue;
        seen.push(item.summary);
        await ada.change(id, { visibility: 'private' });
      }
    } catch (error) {
      ended = error;
    }
    expect(seen.map(({ visibility }) => visibility)).toEqual(['lab']);
    expect(ended).toMatchObject({ problem: { status: 404 } });
  });

  it('may not be seen by a word nobody knows', async () => {
    const response = await fetch(`${lab.url}/v1/experiments?visibility=public`, {
      method: 'POST',
      headers: { ...bearer(undefined), 'content-type': 'application/yaml', authorization: await secretOf(ada) },
      body: sinusoidSweep(),
    });
    expect([response.status, ((await response.json()) as { detail: string }).detail]).toEqual([
      400,
      'visibility must be one of lab, private, not "public"',
    ]);
  });

  async function secretOf(client: LabClient): Promise<string> {
    return `Bearer ${(await client.createToken({ label: 'by hand' })).secret}`;
  }
});

describe('the audit log', () => {
  it('tells what was done and what was refused, to admins', async () => {
    const { id } = await ada.submit(sinusoidSweep({ rounds: 10 }));
    await refusal(bob.cancel(id));
    await refusal(viewer.cancel(id));
    await refusal(ada.submit('version: 1'));
    await ada.cancel(id);
    const { items } = await admin.audit(5);
    expect(items.map(({ member, operation, target, outcome }) => ({ member, operation, target, outcome }))).toEqual([
      { member: 'ada', operation: 'experiments:cancel', target: id, outcome: 'done' },
      { member: 'ada', operation: 'experiments:submit', target: null, outcome: 'refused' },
      { member: 'vera', operation: 'experiments:cancel', target: id, outcome: 'refused' },
      { member: 'bob', operation: 'experiments:cancel', target: id, outcome: 'refused' },
      { member: 'ada', operation: 'experiments:submit', target: id, outcome: 'done' },
    ]);
    for (const { requestId, tokenId } of items) expect([requestId, tokenId]).toEqual([expect.any(String), expect.any(String)]);
    expect((await refusal(ada.audit(5))).status).toBe(403);
  });

  it('is not filled by strangers', async () => {
    const count = async () => (await lab.database.query<{ n: string }>('SELECT count(*) AS n FROM audit_log'))[0].n;
    const before = await count();
    await refusal(new LabClient(lab.url).submit(sinusoidSweep()));
    expect(await count()).toBe(before);
  });
});
