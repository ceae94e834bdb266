import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  COMPARISON_BASES,
  PHYSICAL_FIGURES,
  METRIC_NAMES,
  type ExperimentEventBody,
  type ExperimentSummaryBody,
  type Tradeoff,
} from '@airmeta/spec';
import { afterEach, describe, expect, it } from 'vitest';
import { LabClient, RefusedError, UnexpectedAnswerError, UnreachableError, type LiveItem } from './index.js';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const servers: Server[] = [];

/** A client of a server that answers as told. */
async function clientOf(handler: Handler, path = ''): Promise<LabClient> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => handler(request, response, Buffer.concat(parts).toString()));
  });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return new LabClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const answering = (body: unknown, status = 200, type = 'application/json') =>
  clientOf((_, response) =>
    response.writeHead(status, { 'Content-Type': type }).end(typeof body === 'string' ? body : JSON.stringify(body)),
  );

const summary = (state: ExperimentSummaryBody['state'] = 'running', roundsDone = 0): ExperimentSummaryBody => ({
  ...{ id: 'e', name: 'n', description: null, owner: null, visibility: 'lab', state, hash: 'h', replicates: 1, pointCount: 1, runCount: 1 },
  runs: { queued: 0, running: 1, completed: 0, diverged: 0, failed: 0, cancelled: 0 },
  ...{ sharedRuns: 0, hold: null, ending: null, priority: 0, tags: [], notes: null, archivedAt: null, computeMs: 0, remainingMs: null },
  ...{ roundsDone, roundsTotal: 10, createdAt: '2026-01-01T00:00:00Z', finishedAt: null },
});
const event = (sequence: number): ExperimentEventBody => ({
  sequence,
  type: 'run.completed',
  runId: null,
  data: {},
  at: '2026-01-01T00:00:00Z',
});

const failure = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('what a server answers', () => {
  it('is read: specification out, summary in', async () => {
    const lab = await clientOf((request, response, body) => {
      expect([request.method, request.url, request.headers['content-type'], body]).toEqual([
        'POST',
        '/v1/experiments',
        'application/yaml',
        'version: 1',
      ]);
      response.writeHead(201).end(JSON.stringify(summary()));
    });
    expect(await lab.submit('version: 1')).toEqual(summary());
  });

  it('is asked for with the token, on every path', async () => {
    const asked: [string | undefined, string | undefined][] = [];
    const { url } = await clientOf((request, response) => {
      asked.push([request.url?.split('/').at(-1), request.headers.authorization]);
      response.writeHead(401, { 'Content-Type': 'application/problem+json' });
      response.end(JSON.stringify({ type: 'about:blank', title: 'Who are you?', status: 401, detail: 'this lab asks who you are' }));
    });
    const lab = new LabClient(url, 'airmeta_secret');
    const calls = [
      lab.submit(''),
      lab.experiment('e'),
      lab.tradeoff('e'),
      lab.parameters('p'),
      lab.follow('e').next(),
      lab.revokeToken('t'),
    ];
    for (const error of await Promise.all(calls.map(failure)))
      expect(error).toMatchObject({ message: 'this lab asks who you are', problem: { status: 401 } });
    expect(asked.map(([, token]) => token)).toEqual(asked.map(() => 'Bearer airmeta_secret'));
    expect(asked.map(([path]) => path).sort()).toEqual(['e', 'events', 'experiments', 'graphql', 'parameters', 't']);
    expect(await failure(new LabClient(url).whoami())).toBeInstanceOf(RefusedError);
    expect(asked.at(-1)).toEqual(['whoami', undefined]);
  });

  it('is asked for below the path of the address, with ids as one segment', async () => {
    const lab = await clientOf((request, response) => response.end(JSON.stringify({ ...summary(), name: request.url })), '/lab');
    expect((await lab.experiment('../x y')).name).toBe('/lab/v1/experiments/..%2Fx%20y');
  });

  it('pages through experiments', async () => {
    const lab = await clientOf((request, response) =>
      response.end(JSON.stringify({ items: [{ ...summary(), name: request.url }], nextCursor: null })),
    );
    expect((await lab.experiments(5, { after: 'a&b' })).items[0].name).toBe('/v1/experiments?limit=5&after=a%26b');
  });

  it('is a RefusedError with every fault when it is problem+json', async () => {
    const faults = [{ pointer: '/base/task', message: 'is missing' }];
    const problem = { type: 'about:blank', title: 'Invalid', status: 422, detail: 'the specification has a fault', faults };
    const error = await failure((await answering(problem, 422, 'application/problem+json')).submit(''));
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ message: 'the specification has a fault', problem: { status: 422, faults } });
  });

  it.each([
    ['an error page', '<html>Bad gateway</html>', 502, /answered 502 Bad Gateway$/],
    ['an error without a body', '', 500, /answered 500/],
    ['an error of another shape', { error: 'x' }, 400, /answered 400 Bad Request$/],
    ['a page', '<html>', 200, /not JSON; is it a lab server\?$/],
    ['something else', { hello: 1 }, 200, /something else than this client understands: [^]*id/],
    ['null', 'null', 200, /something else/],
  ])('is an UnexpectedAnswerError when it is %s', async (_, body, status, sentence) => {
    const error = await failure((await answering(body, status)).experiment('e'));
    expect(error).toBeInstanceOf(UnexpectedAnswerError);
    expect((error as Error).message).toMatch(sentence);
  });

  it('is an UnreachableError when nothing answers, or breaks off', async () => {
    const lab = await answering('');
    servers[0].close();
    expect(await failure(lab.experiment('e'))).toBeInstanceOf(UnreachableError);
    expect(await failure(new LabClient('no address').experiment('e'))).toMatchObject({ message: 'no lab server answers at no address' });
    const breaking = await clientOf((_, response) => {
      response.writeHead(200, { 'Content-Length': '1000' }).write('{');
      setImmediate(() => response.destroy());
    });
    expect(await failure(breaking.experiment('e'))).toBeInstanceOf(UnreachableError);
  });
});

describe('what is asked of a server', () => {
  interface Asked {
    readonly request: string;
    readonly body: unknown;
    readonly key: string | string[] | undefined;
  }

  /** What a call sends; the server answers it with `answer`. */
  async function askedBy(call: (lab: LabClient) => Promise<unknown>, answer: unknown): Promise<Asked> {
    let asked: Asked | undefined;
    const lab = await clientOf((request, response, body) => {
      const json = request.headers['content-type'] === 'application/json';
      asked = {
        request: `${request.method} ${request.url}`,
        body: json ? (JSON.parse(body) as unknown) : body,
        key: request.headers['idempotency-key'],
      };
      response.end(JSON.stringify(answer));
    });
    await call(lab);
    if (!asked) throw new Error('nothing was asked');
    return asked;
  }

  it('is to submit, with its options', async () => {
    const options = { visibility: 'private', force: true, priority: -2, tags: ['a', 'b/c'], idempotencyKey: 'k' } as const;
    expect(await askedBy((lab) => lab.submit('version: 1', options), summary())).toEqual({
      request: 'POST /v1/experiments?visibility=private&force=true&priority=-2&tags=a%2Cb%2Fc',
      body: 'version: 1',
      key: 'k',
    });
  });

  it.each<[string, (lab: LabClient) => Promise<unknown>, unknown]>([
    ['POST /v1/experiments/e/pause', (lab) => lab.pause('e'), ''],
    ['POST /v1/experiments/e/resume', (lab) => lab.resume('e'), ''],
    ['POST /v1/experiments/e/stop', (lab) => lab.stop('e'), ''],
    ['POST /v1/experiments/e/cancel', (lab) => lab.cancel('e'), ''],
    ['POST /v1/experiments/e/retry', (lab) => lab.retry('e', { force: true }), { force: true }],
    ['POST /v1/experiments/e/extend', (lab) => lab.extend('e', { replicates: 4 }), { replicates: 4 }],
    ['PATCH /v1/experiments/e', (lab) => lab.change('e', { tags: [], archived: true }), { tags: [], archived: true }],
  ])('is %s', async (request, call, body) => {
    expect(await askedBy(call, summary())).toEqual({ request, body, key: undefined });
  });

  it('is a list by archive and tag', async () => {
    const { request } = await askedBy((lab) => lab.experiments(5, { archive: 'all', tag: 'a b' }), { items: [], nextCursor: null });
    expect(request).toBe('GET /v1/experiments?limit=5&archive=all&tag=a+b');
  });

  it('is a run, why it waits, its attempts, and its end', async () => {
    const run = {
      ...{ id: 'r', experimentId: 'e', pointId: 'p', replicate: 0, seed: 1, state: 'queued', claims: 0, losses: 0, round: 0, rounds: 5 },
      ...{
        engine: null,
        dataFingerprint: null,
        failure: null,
        shared: false,
        computeMs: 0,
        workerId: null,
        startedAt: null,
        finishedAt: null,
      },
    };
    const why = {
      ...{ runId: 'r', state: 'queued', reason: 'turn', sentence: 'It is next.', position: 1, ahead: [], cap: null },
      ...{ runningOfOwner: 0, freeSlots: 1 },
    };
    expect((await askedBy(async (lab) => expect(await lab.run('r')).toEqual(run), run)).request).toBe('GET /v1/runs/r');
    expect((await askedBy(async (lab) => expect(await lab.why('r')).toEqual(why), why)).request).toBe('GET /v1/runs/r/why');
    expect((await askedBy(async (lab) => expect(await lab.attempts('r')).toEqual([]), { items: [] })).request).toBe(
      'GET /v1/runs/r/attempts',
    );
    expect((await askedBy((lab) => lab.deleteRun('r'), {})).request).toBe('DELETE /v1/runs/r');
  });

  it('is a change of a member', async () => {
    const member = { name: 'ada', role: 'viewer', maxRunning: 2, createdAt: '2026-01-01T00:00:00Z' };
    const asked = await askedBy((lab) => lab.changeMember('ada', { maxRunning: 2 }), member);
    expect(asked).toMatchObject({ request: 'PATCH /v1/members/ada', body: { maxRunning: 2 } });
  });

  it('is the runs of an experiment, page by page, with what their points are called', async () => {
    const row = (id: string) => ({
      ...{ id, pointId: 'p', replicate: 0, seed: '1', state: 'failed', round: 3, rounds: 5, claims: 1, losses: 0, shared: false },
      ...{ computeMs: 12, failure: { code: 'c', message: 'm' } },
    });
    const variables: unknown[] = [];
    const lab = await clientOf((_, response, body) => {
      const asked = JSON.parse(body) as { query: string; variables: { after?: string | null } };
      variables.push(asked.variables);
      const experiment = asked.query.includes('points')
        ? asked.variables.after
          ? { points: { nextCursor: null, items: [{ id: 'p', index: 4, label: '0 dB' }] } }
          : { points: { nextCursor: 'next', items: [{ id: 'o', index: 3, label: '1 dB' }] } }
        : { runList: { nextCursor: asked.variables.after ? null : 'c', items: [row(asked.variables.after ?? 'first')] } };
      response.end(JSON.stringify({ data: { experiment } }));
    });
    const rows = [];
    for await (const each of lab.runRows('e', 'failed')) rows.push(each);
    expect(rows).toEqual(['first', 'c'].map((id) => ({ ...row(id), pointIndex: 4, label: '0 dB' })));
    expect(variables).toEqual([
      { experimentId: 'e', after: null },
      { experimentId: 'e', after: 'next' },
      { experimentId: 'e', after: null, state: 'failed', limit: 100 },
      { experimentId: 'e', after: 'c', state: 'failed', limit: 100 },
    ]);
  });
});

describe('a GraphQL answer', () => {
  const estimate = { mean: 1, low: null, high: null, n: 1, outliers: 0, heavyTails: false, robust: null };
  const bracket = { atLeast: 10, atMost: 20, low: null, high: null };
  const caveats = [{ kind: 'diverged', message: '1 run diverged.' }];
  const extraRounds = {
    ...{ pairs: 2, reached: 1, censored: 0, diverged: 1, withoutTarget: 0, twinAtStart: 0, shareOf: 'none', difference: bracket },
    share: { ...bracket, atMost: null },
  };
  const physical = Object.fromEntries(PHYSICAL_FIGURES.map((name) => [name, name === 'updateGain' ? estimate : null]));
  const nowhere = Object.fromEntries(COMPARISON_BASES.map((basis) => [basis, { accuracy: null, loss: estimate }]));
  const nothing = Object.fromEntries(
    ['trainLoss', 'newAgentsLoss', 'newAgentsAccuracy', 'gapLoss', 'gapAccuracy', 'trainLossArea', 'twinUpdateGain'].map((name) => [
      name,
      null,
    ]),
  );
  const row = {
    ...{
      pointId: 'p',
      pointIndex: 0,
      role: 'swept',
      label: '0 dB',
      axes: [{ path: 'uplink.snr', value: '0 dB' }],
      runs: { total: 2, completed: 1, diverged: 1, open: 0, missing: 0 },
    },
    ...{ twinPointId: 't', twinPointIndex: 7, tuned: null, pairs: { completed: 1, diverged: 1, twinDiverged: 0, unpaired: 0 } },
    roundsToTarget: { n: 2, reached: 1, censored: 0, diverged: 1, withoutTarget: 0, horizon: 600, restrictedMean: bracket, median: null },
    ...{ extraRounds, ...nothing, newTasks: nowhere, gains: nowhere, physical, caveats },
  };

  const outline = { experimentId: 'e', name: 'n', against: 'matched', targetTrainLoss: null, tuning: null, caveats };

  it('becomes a trade-off with its axes as a mapping', async () => {
    const lab = await clientOf((request, response, body) => {
      const variables = { experimentId: 'e', against: 'matched', offset: 0, limit: 100 };
      expect([request.url, (JSON.parse(body) as { variables: unknown }).variables]).toEqual(['/graphql', variables]);
      response.end(JSON.stringify({ data: { tradeoff: { ...outline, rowCount: 1, rows: [row] } } }));
    });
    expect((await lab.tradeoff('e', 'matched')).rows).toEqual([{ ...row, axes: { 'uplink.snr': '0 dB' } }]);
  });

  it('is asked for a page at a time, and a page’s twins by their points', async () => {
    const rowAt = (pointIndex: number) => ({ ...row, pointIndex, twinPointIndex: 249 });
    const asked: unknown[] = [];
    const lab = await clientOf((_, response, body) => {
      const { offset, limit, points } = (JSON.parse(body) as { variables: { offset: number; limit: number; points?: number[] } }).variables;
      asked.push(points ?? offset);
      const rows = points?.map(rowAt) ?? Array.from({ length: Math.min(limit, 250 - offset) }, (_none, index) => rowAt(offset + index));
      response.end(JSON.stringify({ data: { tradeoff: { ...outline, rowCount: 250, rows } } }));
    });
    const indices = ({ rows }: Tradeoff) => rows.map(({ pointIndex }) => pointIndex);
    expect(indices(await lab.tradeoff('e', 'matched'))).toEqual(Array.from({ length: 250 }, (_none, index) => index));
    const page = await lab.tradeoffPage('e', { against: 'matched', offset: 10, limit: 2 });
    expect([page.rowCount, indices(page), indices(await lab.withTwins(page))]).toEqual([250, [10, 11], [10, 11, 249]]);
    const last = await lab.tradeoffPage('e', { against: 'matched', offset: 249 });
    expect(await lab.withTwins(last)).toBe(last);
    expect(asked).toEqual([0, 100, 200, 10, [249], 249]);
  });

  it('ends with fewer rows when an experiment has become smaller meanwhile', async () => {
    const lab = await clientOf((_, response) =>
      response.end(JSON.stringify({ data: { tradeoff: { ...outline, rowCount: 250, rows: [] } } })),
    );
    expect(await lab.tradeoff('e', 'matched')).toMatchObject({ rowCount: 0, rows: [] });
  });

  it('becomes a claim, within the budget that was asked for or the server’s own', async () => {
    const claim = {
      ...{
        experimentId: 'e',
        name: 'n',
        against: 'ideal',
        budget: 0.5,
        compared: 1,
        simultaneousLevel: 0.95,
        verdict: 'notShown',
        sentence: 'Not shown.',
        rowCount: 1,
      },
      rows: [
        {
          ...{ pointId: 'p', pointIndex: 0, label: '0 dB', twinPointId: 't', score: 'loss', verdict: 'notShown' },
          counts: { planned: 2, pairs: 2, diverged: 1, bothDiverged: 0, twinDiverged: 0, missing: 0, unscored: 0, cut: 1 },
          ...{ simultaneous: { low: -1, high: 1 }, twinRounds: { low: 5, high: 10 }, runRounds: null },
          ...{ twinBest: estimate, best: estimate, gain: estimate, relativeGain: null, gainAtTarget: null, extraRounds },
          ...{ atRunRound: estimate, atTwinRound: estimate, updateGain: estimate, twinUpdateGain: null, caveats },
        },
      ],
    };
    const asked: unknown[] = [];
    const lab = await clientOf((_, response, body) => {
      asked.push((JSON.parse(body) as { variables: unknown }).variables);
      response.end(JSON.stringify({ data: { claim } }));
    });
    expect(await lab.claim('e', 0.5)).toEqual(claim);
    expect(await lab.claim('e')).toEqual(claim);
    const page = { offset: 0, limit: 100 };
    expect(asked).toEqual([
      { experimentId: 'e', budget: 0.5, ...page },
      { experimentId: 'e', ...page },
    ]);
  });

  it('becomes learning curves', async () => {
    const curve = { metric: 'trainLoss', rounds: [0, 5], mean: [2, 1], low: [null, 0.5], high: [null, 1.5], n: [1, 2] };
    const points = [{ pointId: 'p', pointIndex: 0, role: 'swept', label: '0 dB', curves: [curve] }];
    const learningCurves = { experimentId: 'e', name: 'n', omitted: 3, points };
    const lab = await answering({ data: { learningCurves } });
    expect(await lab.learningCurves('e', [0])).toEqual(learningCurves);
  });

  it('with errors is a RefusedError', async () => {
    const refused = await failure(
      (await answering({ errors: [{ message: 'there is no such experiment', extensions: { status: 404 } }] })).tradeoff('e'),
    );
    expect(refused).toBeInstanceOf(RefusedError);
    expect(refused).toMatchObject({ problem: { status: 404, detail: 'there is no such experiment' } });
  });

  it('that is a problem of the server is told as such', async () => {
    const problem = { type: 'about:blank', title: 'Unauthorized', status: 401, detail: 'a token is needed' };
    expect(await failure((await answering(problem, 401)).tradeoff('e'))).toMatchObject({ problem });
    expect(await failure((await answering('<html>', 503)).tradeoff('e'))).toBeInstanceOf(UnexpectedAnswerError);
    expect(await failure((await answering('<html>')).tradeoff('e'))).toBeInstanceOf(UnexpectedAnswerError);
    expect(await failure((await answering({ data: { tradeoff: null } })).tradeoff('e'))).toBeInstanceOf(UnexpectedAnswerError);
  });

  it('gives the series of all runs, page by page', async () => {
    const run = (id: string) => ({
      id,
      pointId: 'p',
      replicate: 0,
      seed: '1',
      state: 'completed',
      engine: null,
      dataFingerprint: null,
      series: [{ metric: METRIC_NAMES[0], rounds: [0], values: [null] }],
    });
    const lab = await clientOf((_, response, body) => {
      const { after } = (JSON.parse(body) as { variables: { after: string | null } }).variables;
      const runList = after === null ? { nextCursor: 'c', items: [run('a')] } : { nextCursor: null, items: [run('b')] };
      response.end(JSON.stringify({ data: { experiment: { runList } } }));
    });
    const ids: string[] = [];
    for await (const { id } of lab.runSeries('e')) ids.push(id);
    expect(ids).toEqual(['a', 'b']);
  });

  it('is asked for in shorter pages when it would be too large, and not at all when one run is', async () => {
    const limits: number[] = [];
    const serve = (most: number) =>
      clientOf((_, response, body) => {
        const { limit } = (JSON.parse(body) as { variables: { limit: number } }).variables;
        limits.push(limit);
        const errors = [{ message: 'the answer would be too large', extensions: { code: 'ANSWER_TOO_LARGE' } }];
        const data = { experiment: { runList: { nextCursor: null, items: [] } } };
        response.end(JSON.stringify(limit > most ? { errors } : { data }));
      });
    expect((await (await serve(30)).runSeries('e').next()).done).toBe(true);
    expect(limits.splice(0)).toEqual([100, 50, 25]);
    expect(await failure((await serve(0)).runSeries('e').next())).toMatchObject({ message: 'the answer would be too large' });
    expect(limits).toEqual([100, 50, 25, 13, 7, 4, 2, 1]);
  });

  it('comes with fine-tuning curves when those are asked for', async () => {
    const values = { mean: [1, 0.5], deviation: [null, 0], q05: [1, 0], q25: [1, 0], q50: [1, 0], q75: [1, 0], q95: [1, null] };
    const fineTuning = [{ at: 'last', round: 3, set: 'train', metric: 'loss', tasks: 4, ...values }];
    const run = { id: 'a', pointId: 'p', replicate: 0, seed: '1', state: 'completed', engine: null, dataFingerprint: null, fineTuning };
    const lab = await answering({ data: { experiment: { runList: { nextCursor: null, items: [run] } } } });
    expect((await lab.runCurves('e').next()).value).toEqual(run);
  });

  it('comes with trained parameters as bytes, or with the reason why there are none', async () => {
    const lab = await clientOf((request, response) => {
      if (request.url === '/v1/runs/a/parameters') return response.end(Buffer.of(1, 0, 255));
      const problem = { type: 'about:blank', title: 'Not found', status: 404, detail: 'there are no parameters of run b: it is queued' };
      return response.writeHead(404, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
    });
    expect(await lab.parameters('a')).toEqual(Uint8Array.of(1, 0, 255));
    expect(await failure(lab.parameters('b'))).toMatchObject({ message: 'there are no parameters of run b: it is queued' });
  });

  it('without the experiment is an error', async () => {
    const lab = await answering({ data: { experiment: null } });
    expect(await failure(lab.runSeries('e').next())).toMatchObject({ message: 'there is no experiment e' });
  });
});

describe('following an experiment', () => {
  const frame = (type: string, body: ExperimentSummaryBody | ExperimentEventBody) =>
    `${'sequence' in body ? `id: ${body.sequence}\n` : ''}event: ${type}\ndata: ${JSON.stringify(body)}\n\n`;
  const brief = (item: LiveItem) => (item.kind === 'event' ? item.event.sequence : item.summary.state);
  const stream = (response: ServerResponse) => response.writeHead(200, { 'Content-Type': 'text/event-stream' });

  /** Answers each connection by the next of `turns`; the last one answers all that follow. */
  async function serving(
    ...turns: ((response: ServerResponse) => void)[]
  ): Promise<{ readonly lab: LabClient; readonly resumed: string[] }> {
    const resumed: string[] = [];
    const lab = await clientOf((request, response) => {
      const turn = turns[Math.min(resumed.length, turns.length - 1)];
      resumed.push(String(request.headers['last-event-id']));
      turn(response);
    });
    return { lab, resumed };
  }

  async function collected(items: AsyncGenerator<LiveItem>): Promise<(string | number)[]> {
    const seen: (string | number)[] = [];
    for await (const item of items) seen.push(brief(item));
    return seen;
  }

  it('resumes where the connection was cut, gives each event once and ends with the experiment', async () => {
    const { lab, resumed } = await serving(
      (response) => {
        stream(response).write(frame('run.completed', event(1)) + frame('run.completed', event(2)) + frame('progress', summary()), () =>
          setImmediate(() => response.destroy()),
        );
      },
      (response) => response.writeHead(503).end('restarting'),
      (response) => stream(response).end(),
      (response) =>
        stream(response).end(frame('run.completed', event(2)) + frame('run.completed', event(3)) + frame('progress', summary('finished'))),
    );
    expect(await collected(lab.follow('e', { retryMs: 1 }))).toEqual([1, 2, 'running', 3, 'finished']);
    expect(resumed).toEqual(['0', '2', '2', '2']);
  });

  it('puts together what arrives in pieces, letters included', async () => {
    const bytes = Buffer.from(frame('progress', { ...summary('finished'), name: 'größe ∆' }));
    const { lab } = await serving((response) => {
      stream(response);
      const send = (at: number): void => {
        if (at >= bytes.length) response.end();
        else response.write(bytes.subarray(at, at + 7), () => setImmediate(send, at + 7));
      };
      send(0);
    });
    const names: string[] = [];
    for await (const item of lab.follow('e')) if (item.kind === 'progress') names.push(item.summary.name);
    expect(names).toEqual(['größe ∆']);
  });

  it('ends quietly when it is aborted, while waiting for news and while waiting to connect', async () => {
    const interrupt = new AbortController();
    const { lab } = await serving((response) => stream(response).write(frame('run.completed', event(1))));
    const seen: number[] = [];
    for await (const item of lab.follow('e', { signal: interrupt.signal })) {
      if (item.kind === 'event') seen.push(item.event.sequence);
      interrupt.abort();
    }
    expect(seen).toEqual([1]);
    const away = await serving((response) => response.destroy());
    const following = collected(away.lab.follow('e', { retryMs: 60_000, signal: AbortSignal.timeout(50) }));
    expect(await following).toEqual([]);
  });

  it('gives up when the server stays away', async () => {
    for (const turn of [(response: ServerResponse) => response.destroy(), (response: ServerResponse) => stream(response).end()]) {
      const { lab } = await serving(turn);
      expect(await failure(collected(lab.follow('e', { patienceMs: 30, retryMs: 5 })))).toBeInstanceOf(UnreachableError);
    }
  });

  it('takes a connection for dead that gives no sign of life, and opens another', async () => {
    const resumed: string[] = [];
    const lab = await clientOf((request, response) => {
      const after = String(request.headers['last-event-id']);
      resumed.push(after);
      if (resumed.length === 1) return; // takes the question, and never answers
      if (after === '0') stream(response).write(frame('run.completed', event(1)));
      else stream(response).end(frame('progress', summary('finished')));
    });
    expect(await collected(lab.follow('e', { retryMs: 1, silenceMs: 1_000 }))).toEqual([1, 'finished']);
    expect([resumed[0], resumed[1], resumed.at(-1)]).toEqual(['0', '0', '1']);
  });

  it('does not try again what was refused or not understood', async () => {
    const problem = { type: 'about:blank', title: 'Not found', status: 404, detail: 'there is no experiment e' };
    const refusing = await serving((response) => response.writeHead(404).end(JSON.stringify(problem)));
    expect(await failure(collected(refusing.lab.follow('e')))).toMatchObject({ problem });
    for (const data of ['not json', '{"sequence":"one"}']) {
      const { lab, resumed } = await serving((response) => stream(response).end(`event: run.completed\ndata: ${data}\n\n`));
      expect(await failure(collected(lab.follow('e')))).toBeInstanceOf(UnexpectedAnswerError);
      expect(resumed).toHaveLength(1);
    }
  });
});
