/**
 * Names, labels, notes and errors are other people's: no command hands a terminal anything of them that it would obey, and none of them
 * passes for a line of the command's own. Every command of `airmeta --help` that prints what a server says is walked through here.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMPARISON_BASES, PHYSICAL_FIGURES } from '@airmeta/spec';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

vi.setConfig({ testTimeout: 300_000 });

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const ID = '6f0c1d1e-0000-4000-8000-000000000001';

/** Colours, a C1 command, a text that runs backwards, and a line that says something the program did not. */
const HOSTILE = 'evil\u001b[31m\u009b2J\u202egnp.\u2066\u200f\u2028\nFORGED: all is well\r';
const OBEYED = /(?!\n)[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

const TIME = '2026-01-01T10:00:00Z';
const summary = {
  ...{
    id: ID,
    name: HOSTILE,
    description: HOSTILE,
    owner: HOSTILE,
    state: 'finished',
    hash: HOSTILE,
    replicates: 1,
    pointCount: 1,
    runCount: 1,
  },
  runs: { queued: 0, running: 0, completed: 1, diverged: 0, failed: 0, cancelled: 0 },
  ...{ roundsDone: 1, roundsTotal: 1, tags: [HOSTILE], notes: HOSTILE, createdAt: TIME, finishedAt: TIME },
};
const token = {
  id: ID,
  member: HOSTILE,
  label: HOSTILE,
  scope: 'read',
  createdAt: TIME,
  expiresAt: TIME,
  lastUsedAt: null,
  revokedAt: null,
};
const issued = { ...token, secret: HOSTILE };
const member = { name: HOSTILE, role: 'viewer', maxRunning: 1, createdAt: TIME, token: issued };

const estimate = { mean: 1, low: 0, high: 2, n: 2, outliers: 0, heavyTails: false, robust: null };
const none = { accuracy: null, loss: estimate };
const bases = Object.fromEntries(COMPARISON_BASES.map((basis) => [basis, none]));
const caveats = [{ kind: 'diverged', message: HOSTILE }];
const point = { pointId: 'p', pointIndex: 0, role: 'swept', label: HOSTILE, axes: [{ path: 'task.testAlphabets', value: [HOSTILE] }] };
const curve = { metric: 'trainLoss', rounds: [0], mean: [1], low: [null], high: [null], n: [1] };
const run = {
  ...{ id: ID, pointId: 'p', replicate: 0, seed: '1', state: 'completed', engine: HOSTILE, round: 1, rounds: 1, claims: 1, losses: 0 },
  ...{ shared: false, computeMs: 1, failure: { code: HOSTILE, message: HOSTILE } },
  series: [{ metric: 'trainLoss', rounds: [0], values: [1] }],
  fineTuning: [
    {
      ...{ at: 'last', round: 0, set: 'train', metric: 'loss', tasks: 1 },
      ...{ mean: [1], deviation: [1], q05: [1], q25: [1], q50: [1], q75: [1], q95: [1] },
    },
  ],
};
const answers = {
  tradeoff: {
    ...{ experimentId: ID, name: HOSTILE, against: 'ideal', targetTrainLoss: null, caveats },
    tuning: { axis: HOSTILE, chosenOn: 1, judgedOn: 1, by: HOSTILE },
    rowCount: 1,
    rows: [
      {
        ...{
          ...point,
          twinPointId: 't',
          twinPointIndex: 1,
          tuned: { value: HOSTILE, twinValue: HOSTILE, atEnd: true, twinAtEnd: false },
          extraRounds: null,
          caveats,
        },
        runs: { total: 1, completed: 1, diverged: 0, open: 0, missing: 0 },
        pairs: { completed: 1, diverged: 0, twinDiverged: 0, unpaired: 0 },
        roundsToTarget: { n: 0, reached: 0, censored: 0, diverged: 0, withoutTarget: 0, horizon: null, restrictedMean: null, median: null },
        physical: Object.fromEntries(PHYSICAL_FIGURES.map((name) => [name, estimate])),
        ...{ trainLoss: estimate, gapLoss: estimate, newTasks: bases, gains: bases, trainLossArea: null, twinUpdateGain: null },
        ...{ newAgentsLoss: null, newAgentsAccuracy: null, gapAccuracy: null },
      },
    ],
  },
  claim: {
    ...{ experimentId: ID, name: HOSTILE, against: 'ideal', budget: 0.18, compared: 1, simultaneousLevel: 0.95 },
    ...{ verdict: 'notShown', sentence: HOSTILE },
    rows: [
      {
        ...{ ...point, twinPointId: 't', score: 'loss', verdict: 'notShown', twinBest: estimate, best: estimate, gain: estimate, caveats },
        counts: { planned: 1, pairs: 1, diverged: 0, bothDiverged: 0, twinDiverged: 0, missing: 0, unscored: 0, cut: 0 },
        ...{ twinRounds: null, runRounds: null, atRunRound: null, atTwinRound: null, updateGain: null, twinUpdateGain: null },
        ...{ simultaneous: null, relativeGain: null, gainAtTarget: null, extraRounds: null },
      },
    ],
  },
  learningCurves: { experimentId: ID, name: HOSTILE, omitted: 0, points: [{ ...point, curves: [curve] }] },
  experiment: { points: [{ ...point, id: 'p', index: 0 }], runList: { nextCursor: null, items: [run] } },
};

const preview = {
  ...{ name: HOSTILE, hash: HOSTILE, pointCount: 1, twinCount: 0, replicates: 1, runCount: 1, roundsTotal: 1, recordsTotal: 1 },
  ...{ metaGradientsTotal: 1, points: [{ index: 0, label: HOSTILE, hash: HOSTILE, axes: {} }] },
};
const why = {
  ...{ runId: ID, state: 'queued', reason: 'line', sentence: HOSTILE, position: 1, ahead: [], cap: null, runningOfOwner: 0, freeSlots: 1 },
};
const attempt = { fence: 1, workerId: HOSTILE, fromRound: 0, startedAt: TIME, endedAt: TIME, end: 'completed' };
const audit = {
  ...{ id: ID, at: TIME, member: HOSTILE, tokenId: null, operation: HOSTILE, target: HOSTILE, outcome: 'done', requestId: HOSTILE },
};
const whoami = { auth: 'on', name: HOSTILE, role: 'viewer', token };
const refusal = { type: 'about:blank', title: HOSTILE, status: 409, detail: HOSTILE };
const faulty = { ...refusal, status: 422, faults: [{ pointer: `/${HOSTILE}`, message: HOSTILE }] };

/** What the server answers, by method and path; of a list of experiments, as many as `find` makes ambiguous. */
function answerTo({ method = '', url = '' }: IncomingMessage): { status?: number; body: unknown } {
  const path = `${method} ${url}`;
  if (path.includes('/refused')) return { status: 409, body: refusal };
  if (path.includes('/faulty')) return { status: 422, body: faulty };
  if (url.startsWith('/graphql')) return { body: { data: answers } };
  if (path.includes('/preview')) return { body: preview };
  if (path.includes('find=several')) return { body: { items: [summary, { ...summary, id: `7${ID.slice(1)}` }], nextCursor: 'more' } };
  if (path.includes('find=')) return { body: { items: [], nextCursor: null } };
  if (/^GET \/v1\/experiments(\?|$)/.test(path)) return { body: { items: [summary], nextCursor: null } };
  if (path.includes('/why')) return { body: why };
  if (path.includes('/attempts')) return { body: { items: [attempt] } };
  if (path.includes('/whoami')) return { body: whoami };
  if (path.startsWith('GET /v1/tokens')) return { body: { items: [token] } };
  if (path.startsWith('POST /v1/tokens')) return { body: issued };
  if (path.startsWith('GET /v1/members')) return { body: { items: [member] } };
  if (path.includes('/v1/members')) return { body: member };
  if (path.includes('/v1/audit')) return { body: { items: [audit], nextCursor: HOSTILE } };
  return { body: summary };
}

let server: Server;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'airmeta-hostile-'));
  server = createServer((request, response) => {
    if (request.url?.endsWith('/events')) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end(`event: progress\ndata: ${JSON.stringify(summary)}\n\n`);
      return;
    }
    const { status = 200, body } = answerTo(request);
    if (request.method === 'DELETE' && status === 200) response.writeHead(204).end();
    else response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

async function airmeta(args: readonly string[], input = ''): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: {
      ...{ PATH: process.env['PATH'] ?? '', XDG_CONFIG_HOME: folder, AIRMETA_TOKEN: 'amt' },
      AIRMETA_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

const SPECIFICATION = JSON.stringify({
  ...{ version: 1, name: 'evil\u009b2J\u202egnp\nFORGED', idealTwins: false },
  base: { task: { family: 'sinusoid' }, model: { kind: 'mlp', hidden: [4] }, rounds: 1, evaluate: { every: 1, newTasks: 1, newAgents: 1 } },
});

/** Arguments by the command that they try. */
const COMMANDS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  run: [
    ['run', '-'],
    ['run', '-', '--json'],
  ],
  preview: [
    ['preview', '-'],
    ['preview', '-', '--json'],
  ],
  submit: [
    ['submit', '-'],
    ['submit', '-', '--watch'],
    ['submit', '-', '--watch', '--report', 'report'],
    ['submit', '-', '--watch', '--json'],
  ],
  watch: [
    ['watch', ID],
    ['watch', ID, '--json'],
    ['watch', 'several'],
    ['watch', 'nothing\u009b'],
  ],
  list: [['list'], ['list', '--json']],
  tradeoff: [
    ['tradeoff', ID],
    ['tradeoff', ID, '--json'],
    ['tradeoff', ID, '--out', 'a.md', '--out', 'a.csv', '--out', 'a.svg'],
  ],
  claim: [
    ['claim', ID],
    ['claim', ID, '--json'],
    ['claim', 'several'],
  ],
  curves: [
    ['curves', ID, '--json'],
    ['curves', ID, '--out', 'b.csv', '--out', 'b.svg'],
  ],
  export: [
    ['export', ID],
    ['export', ID, '--fine-tuning'],
    ['export', ID, '--json'],
  ],
  parameters: [
    ['parameters', 'refused', '--out', 'r.safetensors'],
    ['parameters', 'faulty', '--out', 'r.safetensors'],
  ],
  personalize: [['personalize', 'refused']],
  pause: [
    ['pause', ID],
    ['pause', ID, '--json'],
  ],
  resume: [['resume', ID]],
  stop: [['stop', ID]],
  cancel: [['cancel', ID]],
  retry: [['retry', ID]],
  extend: [
    ['extend', ID, '--replicates', '3'],
    ['extend', ID, '--add', 'uplink.snr\u009b'],
  ],
  edit: [
    ['edit', ID, '--notes', 'n'],
    ['edit', ID, '--notes', 'n', '--json'],
  ],
  runs: [
    ['runs', ID],
    ['runs', ID, '--json'],
  ],
  why: [
    ['why', ID],
    ['why', ID, '--json'],
    ['why', 'refused'],
  ],
  attempts: [
    ['attempts', ID],
    ['attempts', ID, '--json'],
  ],
  'delete-run': [
    ['delete-run', 'r1'],
    ['delete-run', 'faulty'],
  ],
  whoami: [['whoami'], ['whoami', '--json']],
  visibility: [['visibility', ID, 'lab']],
  tokens: [
    ['tokens', 'list'],
    ['tokens', 'list', '--json'],
    ['tokens', 'create', 'x'],
    ['tokens', 'revoke', ID],
  ],
  members: [
    ['members', 'list'],
    ['members', 'add', 'x'],
    ['members', 'role', 'x', 'viewer'],
    ['members', 'cap', 'x', '1'],
    ['members', 'remove', 'x'],
  ],
  audit: [['audit'], ['audit', '--json']],
  login: [['login', '--token-stdin']],
};

/**
 * They print no text of anybody but the caller: numbers of a specification, files of the project, the caller's own lab. What `dataset` says of
 * other people's files goes through `printable` (dataset-text.ts).
 */
const OTHERS = ['bounds', 'dataset', 'presets', 'logout', 'admin', 'help'];

describe('what other people wrote', () => {
  it('is looked at in every command', async () => {
    const { stdout } = await airmeta(['--help']);
    const [, list = ''] = stdout.split('Commands:\n');
    const commands = [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name);
    expect([...Object.keys(COMMANDS), ...OTHERS].sort()).toEqual(commands.sort());
  });

  it.each(
    Object.values(COMMANDS)
      .flat()
      .map((args) => [args.map((arg) => JSON.stringify(arg)).join(' '), args] as const),
  )('does nothing to a terminal: airmeta %s', async (_, args) => {
    const { code, stdout, stderr } = await airmeta(args, args[0] === 'login' ? 'amt' : SPECIFICATION);
    expect(code === 0 || stderr.startsWith('airmeta: ') || stderr.includes('\nairmeta: '), stderr).toBe(true);
    for (const text of [stdout, stderr]) {
      expect(OBEYED.exec(text)).toBeNull();
      expect(text).not.toMatch(/^FORGED/m);
    }
    if (args.includes('--json') && code === 0)
      for (const line of stdout.trim().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });
});
