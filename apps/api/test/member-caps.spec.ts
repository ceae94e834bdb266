/** What one member may have at a time, and that others notice nothing of one who has it. */
import 'reflect-metadata';
import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import { LabClient } from '@airmeta/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../../../test/support/experiments.js';
import { until } from '../../../test/support/until.js';
import { bearer, joinLab, startLabServer, type LabServer } from './lab-server.js';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly detail: string;
}

/** Over a connection of the agent, so that it is known which one. */
function ask(url: string, secret: string, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(url, { agent, headers: bearer(secret) }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => {
        const { detail = '' } = JSON.parse(body) as { readonly detail?: string };
        resolve({ status: response.statusCode ?? 0, headers: response.headers, detail });
      });
    })
      .on('error', reject)
      .end();
  });
}

async function labWith(environment: Record<string, string>) {
  const lab = await startLabServer({ AIRMETA_AUTH: 'on', ...environment });
  const [ada, bob] = await Promise.all(['ada', 'bob'].map((name) => joinLab(lab.persistence, name, 'researcher')));
  return { lab, ada: ada.secret, bob: bob.secret };
}

async function liveView(lab: LabServer, secret: string, id: string) {
  const leave = new AbortController();
  const response = await fetch(`${lab.url}/v1/experiments/${id}/events`, { headers: bearer(secret), signal: leave.signal });
  return { response, leave: () => leave.abort() };
}

describe('live views and requests under way', () => {
  let lab: LabServer;
  let ada: string;
  let bob: string;
  let id: string;
  beforeAll(async () => {
    ({ lab, ada, bob } = await labWith({ AIRMETA_MEMBER_LIVE_VIEWS: '2', AIRMETA_MEMBER_REQUESTS: '3' }));
    ({ id } = await new LabClient(lab.url, ada).submit(sinusoidSweep()));
  });
  afterAll(() => lab.stop());

  it('are capped per member, whatever the number of tokens, until some end', async () => {
    const { secret: another } = await new LabClient(lab.url, ada).createToken({ label: 'another' });
    const views = [await liveView(lab, ada, id), await liveView(lab, another, id)];
    expect(views.map(({ response }) => response.status)).toEqual([200, 200]);
    const third = await liveView(lab, another, id);
    expect([third.response.status, third.response.headers.get('content-type')]).toEqual([429, 'application/problem+json; charset=utf-8']);
    expect(await third.response.json()).toMatchObject({
      type: 'urn:airmeta:problem:cap-reached',
      detail: 'no member may have more than 2 live views open at a time: close some, or ask who runs this lab for a higher limit',
    });
    expect(third.response.headers.get('retry-after')).toBeNull();
    const others = await liveView(lab, bob, id);
    expect(others.response.status).toBe(200);
    others.leave();
    views[0].leave();
    const next = await until('a live view again', async () => {
      const view = await liveView(lab, ada, id);
      return view.response.status === 200 && view;
    });
    for (const view of [views[1], next]) view.leave();
  });

  it('count a request whose body is still on its way', async () => {
    const pending = Array.from({ length: 3 }, () => {
      const headers = { ...bearer(ada), 'content-type': 'application/yaml', 'content-length': '1000' };
      const half = request(`${lab.url}/v1/experiments/preview`, { method: 'POST', headers }).on('error', () => undefined);
      half.write('version: 1');
      return half;
    });
    const whoami = (secret: string) => fetch(`${lab.url}/v1/whoami`, { headers: bearer(secret) });
    const refused = await until('a refusal', async () => {
      const response = await whoami(ada);
      return response.status === 429 && response;
    });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(((await refused.json()) as Answer).detail).toMatch(/^no member may have more than 3 requests under way at a time: wait/);
    expect((await whoami(bob)).status).toBe(200);
    for (const half of pending) half.destroy();
    await until('an answer again', async () => (await whoami(ada)).status === 200);
  });
});

describe('connections', () => {
  const agents: Agent[] = [];
  const agent = () => {
    const made = new Agent({ keepAlive: true, maxSockets: 1 });
    agents.push(made);
    return made;
  };
  afterAll(() => agents.forEach((made) => made.destroy()));

  it('are capped per member: one too many is closed with its answer', async () => {
    const { lab, ada, bob } = await labWith({ AIRMETA_MEMBER_CONNECTIONS: '2' });
    const whoami = (secret: string, through: Agent) => ask(`${lab.url}/v1/whoami`, secret, through);
    const [first, second, third] = [agent(), agent(), agent()];
    for (const through of [first, second, first]) expect((await whoami(ada, through)).status).toBe(200);
    const refused = await whoami(ada, third);
    expect([refused.status, refused.headers.connection]).toEqual([429, 'close']);
    expect(refused.detail).toMatch(/^no member may have more than 2 connections open at a time: use those that are open/);
    expect((await whoami(bob, third)).status).toBe(200);
    first.destroy();
    const fourth = agent();
    await until('an answer again', async () => (await whoami(ada, fourth)).status === 200);
    expect((await whoami(bob, second)).status).toBe(200); // a connection is held by whoever used it last
    expect((await whoami(ada, agent())).status).toBe(200);
    await lab.stop();
  });

  it('behind a proxy are the proxy’s, and not counted', async () => {
    const { lab, ada } = await labWith({ AIRMETA_MEMBER_CONNECTIONS: '1', AIRMETA_TRUSTED_PROXIES: '1' });
    for (const through of [agent(), agent()]) expect((await ask(`${lab.url}/v1/whoami`, ada, through)).status).toBe(200);
    await lab.stop();
  });
});

describe('tokens', () => {
  it('are capped per member, for whoever makes them', async () => {
    const { lab, ada } = await labWith({ AIRMETA_MEMBER_TOKENS: '3' });
    const client = new LabClient(lab.url, ada);
    const { id } = await client.createToken({ label: 'third' });
    await expect(client.createToken({ label: 'fourth' })).rejects.toMatchObject({
      problem: { status: 429, detail: expect.stringMatching(/^no member may have more than 3 valid tokens: revoke one/) as string },
    });
    await client.revokeToken(id);
    await expect(client.createToken({ label: 'fourth' })).resolves.toBeDefined();
    await lab.stop();
  });
});
