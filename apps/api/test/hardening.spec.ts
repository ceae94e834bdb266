/** What the server answers to those who do not mean well. */
import 'reflect-metadata';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, joinLab, startLabServer, type LabServer } from './lab-server.js';

interface Problem {
  readonly detail: string;
}

/** As fetch would not: with any Host header. */
function get(url: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });
}

/** The status of an answer to a request with any headers. */
function send(method: string, url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('a lab without accounts', () => {
  let lab: LabServer;
  beforeAll(async () => {
    lab = await startLabServer();
  });
  afterAll(() => lab.stop());

  it('answers to names of this machine only, so that no page can bind its name to it', async () => {
    const { port } = new URL(lab.url);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, 'localhost'])
      expect([host, (await get(`${lab.url}/v1/experiments`, { host })).status]).toEqual([host, 200]);
    for (const host of [`evil.example:${port}`, '127.0.0.1.evil.example', 'a b', '192.168.0.5'])
      for (const path of ['/v1/experiments', '/graphql', '/health/live', '/docs'])
        expect([host, path, (await get(lab.url + path, { host })).status]).toEqual([host, path, 403]);
  });

  it('takes nothing from pages elsewhere', async () => {
    const post = async (origin: string) =>
      fetch(`${lab.url}/v1/experiments/preview`, { method: 'POST', headers: { origin, 'content-type': 'application/yaml' }, body: 'x' });
    for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example']) {
      const response = await post(origin);
      expect([origin, response.status]).toEqual([origin, 403]);
      expect(((await response.json()) as Problem).detail).toContain('start it with AIRMETA_AUTH=on');
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
    // A page on another port of this machine is a page elsewhere.
    expect((await post('http://localhost:5173')).status).toBe(403);
    expect((await post(lab.url)).status).toBe(422);
  });

  it('lets no page at another port or name change anything, on any route, nor ask GraphQL', async () => {
    const { port } = new URL(lab.url);
    const served = lab.app
      .getHttpAdapter()
      .getInstance()
      .router.stack.flatMap(({ route }) =>
        route ? route.stack.map(({ method }) => ({ method: method.toUpperCase(), path: route.path })) : [],
      )
      .filter(({ method }) => ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method));
    const routes = [...served, { method: 'POST', path: '/graphql' }];
    expect(routes.length).toBeGreaterThan(15);
    for (const { method, path } of routes) {
      for (const headers of [
        { origin: `http://127.0.0.1:${Number(port) + 1}` },
        { origin: 'http://localhost:5173' },
        { 'sec-fetch-site': 'same-site' },
        { host: `evil.example:${port}` },
        { host: `evil.example:${port}`, origin: `http://evil.example:${port}`, 'sec-fetch-site': 'same-origin' },
      ])
        expect([method, path, headers, await send(method, lab.url + path, headers)]).toEqual([method, path, headers, 403]);
    }
  });

  it('has one user, who may do everything, and whose token is not asked for', async () => {
    const who = await fetch(`${lab.url}/v1/whoami`, { headers: bearer(`airmeta_${'x'.repeat(43)}`) });
    expect(await who.json()).toEqual({ auth: 'off', name: null, role: 'admin', token: null });
  });

  it('sends headers that keep its pages from being framed, sniffed and cached', async () => {
    const response = await fetch(`${lab.url}/v1/experiments`);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'self'") as string,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    expect(response.headers.get('x-powered-by')).toBeNull();
    expect(response.headers.get('content-security-policy')).not.toContain('upgrade-insecure-requests');
  });
});

describe('rates', () => {
  let lab: LabServer;
  beforeAll(async () => {
    lab = await startLabServer({ AIRMETA_AUTH: 'on', AIRMETA_RATE_LIMIT: '5', AIRMETA_RATE_LIMIT_ANONYMOUS: '3' });
  });
  afterAll(() => lab.stop());

  it('are limited per token and, without one, per address; the answer says how long to wait', async () => {
    const [ada, bob] = await Promise.all(['ada', 'bob'].map((name) => joinLab(lab.persistence, name, 'viewer')));
    const statuses = async (secret: string | undefined, times: number) => {
      const all: number[] = [];
      for (let time = 0; time < times; time++) all.push((await fetch(`${lab.url}/v1/whoami`, { headers: bearer(secret) })).status);
      return all;
    };
    expect(await statuses(ada.secret, 6)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(await statuses(bob.secret, 1)).toEqual([200]);
    expect(await statuses(undefined, 2)).toEqual([401, 401]);
    expect(await statuses(`airmeta_${'y'.repeat(43)}`, 2)).toEqual([401, 429]); // guesses are counted as well
    const response = await fetch(`${lab.url}/graphql`, { headers: bearer(ada.secret) });
    expect(response.status).toBe(429);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    expect(((await response.json()) as Problem).detail).toContain('more than 5 requests in a minute');
    expect((await fetch(`${lab.url}/health/live`)).status).toBe(200);
  });
});

describe('a GraphQL query', () => {
  let lab: LabServer;
  beforeAll(async () => {
    lab = await startLabServer({ NODE_ENV: 'production', AIRMETA_GRAPHQL_MAX_COST: '5000', AIRMETA_GRAPHQL_MAX_DEPTH: '6' });
  });
  afterAll(() => lab.stop());

  async function ask(query: string, variables: Record<string, unknown> = {}) {
    const response = await fetch(`${lab.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    expect(text).not.toContain('stacktrace');
    expect(text).not.toContain('node_modules');
    const { errors } = JSON.parse(text) as { errors?: { message: string; extensions: { code: string } }[] };
    return { status: response.status, error: errors?.[0] };
  }

  it('is refused when its pages multiply, whether by a number or by a variable', async () => {
    const pages = (limit: string) => `{ experiments(limit: ${limit}) { items { runList(limit: ${limit}) { items { id } } } } }`;
    expect((await ask(pages('20'))).error).toBeUndefined();
    const refused = await ask(pages('100'));
    expect(refused).toMatchObject({ status: 400, error: { extensions: { code: 'QUERY_TOO_COSTLY' } } });
    expect(refused.error?.message).toMatch(
      /^the query may answer with \d+ fields, 5000 are allowed: ask for fewer fields, or for shorter pages/,
    );
    const query = `query ($n: Int) ${pages('$n')}`;
    expect((await ask(query, { n: 100 })).error?.extensions.code).toBe('QUERY_TOO_COSTLY');
    expect((await ask(query, { n: 20 })).error).toBeUndefined();
    expect((await ask(query, { n: -1 })).error?.message).toContain('limit must be a whole number from 1 to 200');
    expect((await ask(query, { n: 'many' })).error?.extensions.code).toBe('BAD_USER_INPUT');
  });

  it('is refused when it asks for the same many times under other names', async () => {
    const many = Array.from({ length: 200 }, (_, index) => `a${index}: experiments(limit: 50) { nextCursor }`).join(' ');
    expect((await ask(`{ ${many} }`)).error?.extensions.code).toBe('QUERY_TOO_COSTLY');
    expect((await ask(`{ ${'experiments { nextCursor } '.repeat(3000)} }`)).error?.extensions.code).toBe('GRAPHQL_PARSE_FAILED');
  });

  it('may be nested as deep as is allowed, in fragments too', async () => {
    const deep = '{ experiments(limit: 1) { items { runList(limit: 1) { items { fineTuning { mean } failure { code } } } } } }';
    expect((await ask(deep)).error).toBeUndefined();
    const id = '00000000-0000-4000-8000-000000000000';
    const deeper = `query { experiment(id: "${id}") { ...a } }
      fragment a on Experiment { tradeoff { rows { ...b } } }
      fragment b on TradeoffRow { roundsToTarget { median { low } } axes { path } }`;
    expect((await ask(deeper)).error).toBeUndefined();
  });

  it('is refused when it is nested deeper than that', async () => {
    // Seven levels, one more than are allowed here.
    const query = `{ experiments(limit: 1) { items { tradeoff { rows { roundsToTarget { median { low } } } } } } }`;
    expect(await ask(query)).toMatchObject({
      status: 400,
      error: {
        message: 'the query is nested deeper than the 6 levels that are allowed',
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      },
    });
    const [head, tail] = query.split('{ tradeoff');
    expect((await ask(`${head}{ ...rest } } } fragment rest on Experiment { tradeoff${tail.slice(0, -4)}`)).error?.message).toContain(
      '6 levels',
    );
  });

  it('is refused before anything reads it when it has thousands of levels, posted or in the address', async () => {
    const query = '{ experiments '.repeat(2000) + '}'.repeat(2000);
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) };
    const inAddress = `${lab.url}/graphql?query=${'[['.repeat(200)}`;
    for (const answer of [
      await fetch(`${lab.url}/graphql`, post),
      await fetch(inAddress, { headers: { 'apollo-require-preflight': '1' } }),
    ]) {
      expect(answer.status).toBe(400);
      expect(((await answer.json()) as Problem).detail).toBe(
        'the query has brackets more than 200 levels inside one another: ask for less at once',
      );
    }
  });

  it('is not remembered under its hash', async () => {
    const response = await fetch(`${lab.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ __typename }', extensions: { persistedQuery: { version: 1, sha256Hash: 'x' } } }),
    });
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }] });
    expect(lab.log()).not.toMatch(/"level":[456]0/);
  });

  it.each(['subscription', 'mutation'])('that is a %s is refused with a sentence', async (keyword) => {
    const { status, error } = await ask(`${keyword} { __typename }`);
    expect(status).toBe(400);
    expect(error?.message).toContain(keyword);
    expect(lab.log()).not.toMatch(/"level":[456]0/);
  });

  it('finds no schema to read, in production', async () => {
    expect((await ask('{ __schema { types { name } } }')).status).toBe(400);
    expect((await ask('{ experimnts { nextCursor } }')).error?.message).not.toContain('Did you mean');
  });
});
