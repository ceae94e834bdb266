/** What the server writes about requests, and what it does not. */
import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bearer, joinLab, startLabServer, type LabServer, type TestMember } from './lab-server.js';

interface Line {
  readonly msg: string;
  readonly requestId?: string;
}

let lab: LabServer;
let ada: TestMember;
beforeAll(async () => {
  lab = await startLabServer({ AIRMETA_AUTH: 'on' });
  ada = await joinLab(lab.persistence, 'ada', 'admin');
});
afterAll(() => lab.stop());

function lines(): Line[] {
  return lab
    .log()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
}

/** The lines of one request, when the server has written how it ended: that may be after its client has the answer. */
async function linesOf(requestId: string): Promise<Line[]> {
  return vi.waitFor(() => {
    const own = lines().filter((line) => line.requestId === requestId);
    expect(own.at(-1)?.msg).toBe('request');
    return own;
  }, 30_000);
}

describe('the log', () => {
  it('has one line for a request: who, what, and how it ended', async () => {
    const address = `${lab.url}/v1/experiments/00000000-0000-4000-8000-000000000000?note=private`;
    await fetch(address, { headers: { ...bearer(ada.secret), 'x-request-id': 'first' } });
    expect(await linesOf('first')).toEqual([
      expect.objectContaining({
        ...{ process: 'api', pid: process.pid, level: 30, requestId: 'first', method: 'GET', route: '/v1/experiments/:id', status: 404 },
        ...{ member: 'ada', durationMs: expect.any(Number) as number },
      }),
    ]);
    await fetch(`${lab.url}/v1/experiments`, { headers: { 'x-request-id': 'stranger' } });
    expect(await linesOf('stranger')).toEqual([expect.objectContaining({ status: 401, route: '/v1/experiments' })]);
    expect((await linesOf('stranger'))[0]).not.toHaveProperty('member');
  });

  it('has the same request id on the fault that made a request fail', async () => {
    await lab.database.query('ALTER TABLE audit_log RENAME TO elsewhere');
    const body = '{"query":"{ experiments { items { id } } }"}';
    const audit = await fetch(`${lab.url}/v1/audit`, { headers: { ...bearer(ada.secret), 'x-request-id': 'broken' } });
    await lab.database.query('ALTER TABLE elsewhere RENAME TO audit_log');
    expect(audit.status).toBe(500);
    expect(await linesOf('broken')).toEqual([
      expect.objectContaining({ level: 50, msg: 'a request failed', route: '/v1/audit' }),
      expect.objectContaining({ level: 40, status: 500 }),
    ]);
    await lab.database.query('ALTER TABLE experiments RENAME TO elsewhere');
    const headers = { ...bearer(ada.secret), 'x-request-id': 'broken-query', 'content-type': 'application/json' };
    await fetch(`${lab.url}/graphql`, { method: 'POST', body, headers });
    await lab.database.query('ALTER TABLE elsewhere RENAME TO experiments');
    expect((await linesOf('broken-query')).map(({ msg }) => msg)).toEqual(['a GraphQL field failed', 'request']);
  });

  it('says nothing of probes', async () => {
    await fetch(`${lab.url}/health/live`, { headers: { 'x-request-id': 'probe' } });
    await fetch(`${lab.url}/v1/whoami`, { headers: { ...bearer(ada.secret), 'x-request-id': 'after-probe' } });
    await linesOf('after-probe');
    expect(lines().filter(({ requestId }) => requestId === 'probe')).toEqual([]);
  });

  it('holds no secret, though they came in with requests and were made by them', async () => {
    const headers = { ...bearer(ada.secret), 'content-type': 'application/json' };
    const body = '{"label":"new","scope":"read","expiresInDays":1}';
    const made = await fetch(`${lab.url}/v1/tokens?token=${ada.secret}`, { method: 'POST', body, headers });
    const { secret } = (await made.json()) as { secret: string };
    expect(secret).toMatch(/^airmeta_/);
    await fetch(`${lab.url}/v1/${ada.secret}`, { headers: { ...headers, 'x-request-id': ada.secret } });
    await fetch(`${lab.url}/v1/whoami`, { headers: { ...headers, 'x-request-id': 'last' } });
    await linesOf('last');
    const { username, password } = new URL(lab.database.url);
    for (const hidden of [ada.secret, secret, `${username}:${password}@`]) expect(lab.log()).not.toContain(hidden);
  });
});
