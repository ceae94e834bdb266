/** Commands that steer experiments and look at runs: the built command against a built server without workers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { sinusoidSweep } from '../../../test/support/experiments.js';
import { startApi } from '../../../test/support/lab-processes.js';
import { clearLab, createTestDatabase, type TestDatabase } from '../../../test/support/test-database.js';

/** Many processes, or heavy ones, one after another. */
vi.setConfig({ testTimeout: 300_000 });

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

let folder: string;
let database: TestDatabase;
let api: Awaited<ReturnType<typeof startApi>>;

beforeAll(async () => {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is not built: run "npx tsc -b apps/cli"`);
  folder = mkdtempSync(join(tmpdir(), 'airmeta-control-'));
  database = await createTestDatabase();
  api = await startApi({ databaseUrl: database.url });
});

beforeEach(() => clearLab(database));

afterAll(async () => {
  await api.stop();
  await database.drop();
  rmSync(folder, { recursive: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(args: readonly string[], url: string, input = ''): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'] ?? '', XDG_CONFIG_HOME: folder, AIRMETA_URL: url },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

const airmeta = (...args: string[]) => run(args, api.url);
/** What a command prints that must succeed. */
async function printed(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await airmeta(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trimEnd();
}
const json = async <T>(...args: string[]) => JSON.parse(await printed(...args, '--json')) as T;

const SWEEP = sinusoidSweep({ snrs: ['0 dB'], replicates: 2, rounds: 10, name: 'tiny' });

async function submitted(...options: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(['submit', '-', ...options], api.url, SWEEP);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trim();
}

interface Row {
  readonly id: string;
  readonly state: string;
}

describe('an experiment', () => {
  it('is paused, resumed, stopped and cancelled, and says what it is then', async () => {
    const id = await submitted();
    expect(await printed('pause', id)).toBe(`tiny is paused: 4 queued; "airmeta resume ${id}" lets it go on`);
    expect((await printed('list')).split('\n').at(-1)).toMatch(new RegExp(`^tiny +${id} +paused +0 of 4 `));
    expect(await printed('resume', id)).toBe('tiny is running: 4 queued');
    expect(await printed('stop', id)).toBe('tiny is stopped: 4 cancelled');
    expect(await airmeta('stop', id)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'airmeta: the experiment is stopped: there is nothing to stop\n',
    });
    expect(await json('resume', id)).toMatchObject({ id, state: 'running', ending: null, runs: { queued: 4 } });
    expect(await printed('cancel', id)).toBe('tiny is cancelled: 4 cancelled');
    expect(await printed('retry', await submitted())).toBe('tiny is running: 4 queued');
  });

  it('is extended by replicates, rounds and values as they would be written', async () => {
    const id = await submitted();
    const extended = await json(
      'extend',
      id,
      '--replicates',
      '3',
      '--rounds',
      '20',
      '--add',
      'uplink.snr=10 dB',
      '--add',
      'uplink.snr=noiseless',
    );
    expect(extended).toMatchObject({ replicates: 3, pointCount: 4, runCount: 12, roundsTotal: 240 });
    expect(await airmeta('extend', id, '--replicates', '1', '--add', 'uplink.snr=10')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'airmeta: the specification is not valid:\n  /replicates  there are 3 replicates; there can only be more\n',
    });
    for (const [args, sentence] of [
      [[], 'nothing to extend: give --replicates, --rounds or --add'],
      [['--add', 'uplink.snr'], '"uplink.snr" adds nothing: write an axis and a value, such as uplink.snr="30 dB"'],
    ] as const) {
      expect(await airmeta('extend', id, ...args)).toEqual({ code: 2, stdout: '', stderr: `airmeta: ${sentence}\n` });
    }
  });

  it('is edited, and found by tag and in the archive', async () => {
    const id = await submitted('--tag', 'paper', '--tag', 'old', '--priority', '-5');
    expect(
      await printed('edit', id, '--untag', 'old', '--tag', 'fig:2', '--priority', '7', '--notes', 'look', '--private', '--archive'),
    ).toBe('tiny: priority 7, tags paper, fig:2, private, archived');
    expect(await printed('list')).toBe('no experiments yet; submit one with "airmeta submit <specification>"');
    expect(await printed('list', '--archived', '--tag', 'paper')).toMatch(new RegExp(`^tiny +${id} .* paper fig:2$`, 'm'));
    expect(await json('list', '--archived', 'all')).toMatchObject([{ id, notes: 'look', priority: 7 }]);
    expect(await printed('edit', id, '--unarchive', '--shared', '--untag', 'paper', '--untag', 'fig:2')).toBe(
      'tiny: priority 7, no tags, seen by every member',
    );
    expect((await airmeta('edit', id)).stderr).toBe('airmeta: nothing to change: "airmeta edit --help" says what can be\n');
    expect((await airmeta('edit', id, '--private', '--shared')).code).toBe(2);
    expect((await airmeta('edit', id, '--priority', '101')).stderr).toContain('expected a whole number in -100..100');
  });

  it('is found by its name, by the beginning of its id, and asked for again where it may be several', async () => {
    const id = await submitted();
    expect(await json('pause', 'tiny')).toMatchObject({ id });
    expect(await json('resume', id.slice(0, 13))).toMatchObject({ id });
    expect(await json('cancel', id.slice(0, 4).toUpperCase())).toMatchObject({ id });
    const other = await submitted('--force');
    const { code, stderr } = await airmeta('runs', 'tiny');
    expect(code).toBe(2);
    for (const one of [id, other]) expect(stderr).toContain(`  ${one}  tiny, created `);
    expect((await airmeta('runs', 'tin')).stderr).toBe(
      'airmeta: there is no experiment of the name or id "tin"; "airmeta list" shows those there are\n',
    );
  });

  it('is submitted once under one idempotency key', async () => {
    const [first, again] = [await submitted('--idempotency-key', 'k'), await submitted('--idempotency-key', 'k')];
    expect(again).toBe(first);
    const other = await run(['submit', '-', '--idempotency-key', 'k', '--force'], api.url, SWEEP);
    expect({ code: other.code, stderr: other.stderr }).toEqual({
      code: 2,
      stderr: 'airmeta: the idempotency key "k" was used for another submission: use a new key for a new experiment\n',
    });
  });
});

describe('a run', () => {
  it('is listed with its id, says why it waits, and is deleted once it has ended', async () => {
    const id = await submitted();
    const rows = await json<Row[]>('runs', id);
    expect(rows.map(({ state }) => state)).toEqual(['queued', 'queued', 'queued', 'queued']);
    const [{ id: runId }] = rows;
    const lines = (await printed('runs', id)).split('\n');
    expect(lines[0]).toMatch(/^point +replicate +id +state +round +computed +failure$/);
    expect(lines[2]).toMatch(new RegExp(`^ideal uplink +0 +${runId} +queued +0 of 10 +0 s$`));
    expect(await printed('why', runId)).toBe('queued, number 1 in line: No worker is there: start one (docs/running-a-lab.md says how).');
    expect(await json('why', rows[3].id)).toMatchObject({ reason: 'no-workers', position: 4 });
    expect(await printed('attempts', runId)).toBe('no worker has taken it yet');
    expect((await airmeta('delete-run', runId)).stderr).toBe('airmeta: the run is queued: it can be deleted once it has ended\n');
    await printed('cancel', id);
    expect(await printed('why', runId)).toBe('cancelled: It was cancelled. "airmeta resume <experiment>" queues it again.');
    expect(await printed('delete-run', runId)).toBe(`run ${runId} is deleted`);
    expect(await airmeta('why', runId)).toEqual({ code: 1, stdout: '', stderr: `airmeta: there is no run ${runId}\n` });
    expect(await printed('runs', id, '--state', 'failed')).toBe('no run of it is failed');
    const cut = await airmeta('runs', id, '--limit', '2');
    expect([cut.stdout.trimEnd().split('\n').length, cut.stderr]).toEqual([4, 'there are more: --limit 4 shows them\n']);
  });
});

describe('against answers made up', () => {
  async function against(answer: (url: string) => { type?: string; body: string }, ...args: string[]): Promise<Ended> {
    const server = createServer((request, response) => {
      const { type = 'application/json', body } = answer(request.url ?? '');
      response.writeHead(200, { 'Content-Type': type }).end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      return await run(args, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it('attempts at a run are a table', async () => {
    const items = [
      ...[
        {
          fence: 1,
          workerId: 'w1',
          engine: 'x',
          fromRound: 0,
          startedAt: '2026-01-01T10:00:00Z',
          endedAt: '2026-01-01T10:01:00Z',
          end: 'lease-expired',
        },
      ],
      ...[
        {
          fence: 2,
          workerId: 'w2',
          engine: 'x',
          fromRound: 40,
          refusedCheckpointBytes: 2 ** 30,
          startedAt: '2026-01-01T10:01:30Z',
          endedAt: null,
          end: null,
        },
      ],
    ];
    const { stdout } = await against(() => ({ body: JSON.stringify({ items }) }), 'attempts', 'r');
    expect(stdout.split('\n').slice(2)).toEqual([
      expect.stringMatching(/^1 +w1 +0 +2026-01-01 10:00:00 +2026-01-01 10:01:00 +lease-expired$/),
      expect.stringMatching(/^2 +w2 +40 +2026-01-01 10:01:30 +- +running +too large to be kept: 1 GiB$/),
      '',
    ]);
  });

  it('a cap of a member is set and taken away', async () => {
    const member = (maxRunning: number | null) => ({
      body: JSON.stringify({ name: 'ada', role: 'viewer', maxRunning, createdAt: '2026-01-01T10:00:00Z' }),
    });
    expect((await against(() => member(3), 'members', 'cap', 'ada', '3')).stdout).toBe('ada may have 3 runs at once\n');
    expect((await against(() => member(null), 'members', 'cap', 'ada', 'none')).stdout).toBe('ada has no cap\n');
    expect(await against(() => member(3), 'members', 'cap', 'ada', '-1')).toMatchObject({ code: 2 });
  });

  it('watching shows what holds an experiment, and the time that is left as an interval', async () => {
    const summary = (state: string, more: object) => ({
      ...{ id: 'e', name: 'tiny', description: null, state, hash: 'h', replicates: 2, pointCount: 2, runCount: 4 },
      runs: { queued: 1, running: 1, completed: 2, diverged: 0, failed: 0, cancelled: 0 },
      ...{ roundsDone: 20, roundsTotal: 40, createdAt: '2026-01-01T10:00:00Z', finishedAt: null, ...more },
    });
    const frames = [
      summary('running', { hold: 'paused', remainingMs: { low: 61_000, high: 7_200_000 } }),
      summary('stopped', { ending: 'stop', runs: { queued: 0, running: 0, completed: 3, diverged: 0, failed: 0, cancelled: 1 } }),
    ];
    const ended = await against(
      (url) =>
        url.endsWith('/events')
          ? { type: 'text/event-stream', body: frames.map((body) => `event: progress\ndata: ${JSON.stringify(body)}\n\n`).join('') }
          : { body: JSON.stringify(frames[0]) },
      ...['watch', '00000000-0000-4000-8000-000000000001', '--json'],
    );
    expect(ended.code).toBe(1);
    expect(ended.stderr.split('\n')[0]).toMatch(
      /^50 % {2}paused until it is resumed, 2 of 4 runs done, 1 running, \d+ s, 1 min 1 s to 2 h 0 min left$/,
    );
    expect(JSON.parse(ended.stdout)).toMatchObject({ state: 'stopped', ending: 'stop' });
  });
});
