/** A lab of members as they meet it: real processes, from the first start to the audit log. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabClient } from '@airmeta/client';
import type { ExperimentSummaryBody } from '@airmeta/spec';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sinusoidSweep } from '../support/experiments.js';
import { startApi } from '../support/lab-processes.js';
import { PROJECT } from '../support/project.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const TOKEN = /airmeta_[\w-]{43}/;

let database: TestDatabase;
let api: Awaited<ReturnType<typeof startApi>>;
let folder: string;
let credentials: string;
let firstToken: string;

const startLab = () => startApi({ databaseUrl: database.url, environment: { AIRMETA_AUTH: 'on', AIRMETA_LOG_LEVEL: 'info' } });

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startLab();
  folder = mkdtempSync(join(tmpdir(), 'airmeta-access-'));
  credentials = join(folder, 'airmeta', 'credentials.json');
});

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

async function run(entry: string, args: readonly string[], environment: Record<string, string>, input = ''): Promise<Ended> {
  const child = spawn(process.execPath, [join(PROJECT, entry), ...args], { env: { PATH: process.env['PATH'] ?? '', ...environment } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** The command line of somebody whose home is the test's folder. */
const airmeta = (args: readonly string[], { input = '', ...environment }: Record<string, string> = {}) =>
  run('apps/cli/dist/main.js', args, { XDG_CONFIG_HOME: folder, ...environment }, input);

describe('the first start', () => {
  it('prints one token for the first admin, and later starts print none', async () => {
    const tokens: string[] = api.output().match(new RegExp(TOKEN, 'g')) ?? [];
    expect(tokens).toHaveLength(1);
    firstToken = tokens[0];
    expect(await new LabClient(api.url, firstToken).whoami()).toMatchObject({ name: 'admin', role: 'admin' });
    await api.stop();
    api = await startLab();
    expect(api.output()).not.toMatch(TOKEN);
  });

  it('does not happen where everybody would be let in', async () => {
    const environment = { DATABASE_URL: database.url, HOST: '0.0.0.0', PORT: '0', AIRMETA_AUTH: 'off' };
    expect(await run('apps/api/dist/main.js', [], environment)).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'airmeta api could not start: AIRMETA_AUTH=off would let in everyone who reaches 0.0.0.0: ' +
        'set AIRMETA_AUTH=on, or HOST=127.0.0.1 to keep the lab to this machine\n',
    });
  });
});

describe('airmeta', () => {
  it('says how to log in', async () => {
    const { code, stderr } = await airmeta(['list'], { AIRMETA_URL: api.url });
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^airmeta: this lab asks who you are: run "airmeta login", or set AIRMETA_TOKEN/),
    ]);
    expect((await airmeta(['login', api.url])).stderr).toContain('give the token on standard input');
  });

  it('logs in with a token that works, and keeps it where only its user can read it', async () => {
    const wrong = await airmeta(['login', api.url, '--token-stdin'], { input: `airmeta_${'x'.repeat(43)}\n` });
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('this lab does not know this token')]);
    expect(existsSync(credentials)).toBe(false);
    const { code, stdout } = await airmeta(['login', api.url, '--token-stdin'], { input: `${firstToken}\n` });
    expect([code, stdout]).toEqual([0, expect.stringContaining(`logged in to ${api.url} as admin, who may act as admin`)]);
    expect(stdout).not.toContain(firstToken);
    expect(statSync(credentials).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'airmeta')).mode & 0o077).toBe(0);
    expect((await airmeta(['whoami'])).stdout).toMatch(
      /^admin at http:.*, acting as admin, with the token "first start" of scope admin, until /,
    );
  });

  it('sends the kept token to the lab it is of, and to no other', async () => {
    writeFileSync(credentials, JSON.stringify({ url: 'http://127.0.0.1:9', token: firstToken }));
    expect((await airmeta(['whoami'], { AIRMETA_URL: api.url })).stderr).toContain('this lab asks who you are');
    expect((await airmeta(['whoami'], { AIRMETA_URL: api.url, AIRMETA_TOKEN: firstToken })).code).toBe(0);
    writeFileSync(credentials, JSON.stringify({ url: `${api.url}/`, token: firstToken }));
    expect((await airmeta(['whoami'], { AIRMETA_URL: api.url })).code).toBe(0);
    writeFileSync(credentials, 'broken');
    expect(await airmeta(['whoami'])).toMatchObject({ code: 2, stderr: expect.stringContaining('run it again') as string });
    await airmeta(['login', api.url, '--token-stdin'], { input: firstToken });
  });

  it('adds members, gives tokens and roles, takes them away, and shows who did what', { timeout: 300_000 }, async () => {
    const added = await airmeta(['members', 'add', 'ada', '--role', 'viewer']);
    expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(/^airmeta_[\w-]{43}\n$/) as string });
    const ada = { AIRMETA_TOKEN: added.stdout.trim() };
    const refused = await airmeta(['submit', '-'], { ...ada, input: sinusoidSweep() });
    expect([refused.code, refused.stderr]).toEqual([
      1,
      'airmeta: a viewer may not submit experiments: ask an admin of this lab for the role researcher\n',
    ]);
    expect((await airmeta(['members', 'role', 'ada', 'researcher'])).stdout).toBe('ada is now researcher\n');
    const write = await airmeta(['tokens', 'create', 'for sweeps', '--member', 'ada', '--scope', 'write', '--days', '3']);
    expect(write.stderr).toMatch(/^a token of ada, scope write, until .*; it is not shown again:\n$/);
    const submitted = await airmeta(['submit', '-', '--private', '--json'], {
      AIRMETA_TOKEN: write.stdout.trim(),
      input: sinusoidSweep({ rounds: 10 }),
    });
    const experiment = JSON.parse(submitted.stdout) as ExperimentSummaryBody;
    expect(experiment).toMatchObject({ owner: 'ada', visibility: 'private' });
    expect((await airmeta(['visibility', experiment.id, 'lab'])).stdout).toBe('test sweep is the lab’s: every member sees it\n');
    const tokens = JSON.parse((await airmeta(['tokens', 'list', '--json'])).stdout) as { id: string; label: string }[];
    const { id } = tokens.find(({ label }) => label === 'for sweeps') ?? { id: '' };
    expect((await airmeta(['tokens', 'revoke', id])).stdout).toBe(`token ${id} is revoked, and so are those that were made with it\n`);
    expect((await airmeta(['tokens', 'list'])).stdout).toMatch(/for sweeps .* write +revoked 20/);
    expect((await airmeta(['members', 'list'])).stdout).toMatch(/ada +researcher/);
    expect((await airmeta(['members', 'remove', 'ada'])).stdout).toBe('ada is no member any more\n');
    expect((await airmeta(['whoami'], ada)).stderr).toContain('this token was revoked');
    const { stdout, stderr } = await airmeta(['audit', '--limit', '3']);
    expect(
      stdout
        .split('\n')
        .slice(2, 5)
        .map((line) => line.replace(/ {2,}/g, '|').split('|').slice(1, 5)),
    ).toEqual([
      ['admin', 'members:remove', 'ada', 'done'],
      ['admin', 'tokens:revoke', id, 'done'],
      ['admin', 'experiments:change', `${experiment.id} to lab`, 'done'],
    ]);
    expect(stderr).toMatch(/^more: airmeta audit --after \S+\n$/);
  });

  it('logs out', async () => {
    expect(readFileSync(credentials, 'utf8')).toContain(firstToken);
    expect((await airmeta(['logout'])).stdout).toContain(`logged out of ${api.url}`);
    expect(existsSync(credentials)).toBe(false);
    expect((await airmeta(['logout'])).stdout).toBe('you were not logged in\n');
  });
});
