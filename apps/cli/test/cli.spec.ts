/** The built command as a process of its own: what it prints where, and what it exits with. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { METRIC_NAMES, PHYSICAL_FIGURES } from '@airmeta/spec';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const TIMEOUT_MS = 300_000;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;

beforeAll(() => {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is not built: run "npx tsc -b apps/cli"`);
  folder = mkdtempSync(join(tmpdir(), 'airmeta-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Running {
  readonly ended: Promise<Ended>;
  /** Resolves once standard error has this in it. */
  said(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

function start(
  args: readonly string[],
  { environment = {}, input = '' }: { environment?: Record<string, string>; input?: string } = {},
): Running {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { ...process.env, AIRMETA_URL: 'http://127.0.0.1:9', XDG_CONFIG_HOME: folder, ...environment },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(input);
  return {
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr })),
    said: async (text) => {
      while (!stderr.includes(text))
        await Promise.race([
          once(child.stderr, 'data'),
          once(child, 'close').then(() => Promise.reject(new Error(`it ended without saying ${text}: ${stderr}`))),
        ]);
    },
    signal: (name) => void child.kill(name),
  };
}

const airmeta = (...args: string[]) => start(args).ended;

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

const TINY = `
version: 1
name: tiny
base:
  task: { family: sinusoid }
  model: { kind: mlp, hidden: [8], activation: tanh }
  agents: { count: 4, participation: 0.5 }
  meta: { innerStep: 0.01, metaStep: 0.01 }
  rounds: 20
  evaluate: { every: 10, newTasks: 3, newAgents: 3 }
sweep: { grid: { uplink.snr: [0 dB, 20 dB] } }
replicates: 2
`;

describe('airmeta run', () => {
  it(
    'prints the same bytes every time, on one thread and on two',
    async () => {
      const path = write('tiny.yaml', TINY);
      const [first, again, one, two] = await Promise.all([
        airmeta('run', path, '--json'),
        airmeta('run', path, '--json'),
        airmeta('run', path, '--json', '--threads', '1'),
        airmeta('run', path, '--json', '--threads', '2'),
      ]);
      expect(first).toMatchObject({ code: 0, stderr: '' });
      expect(again.stdout).toBe(first.stdout);
      expect(one.stdout).toBe(first.stdout);
      expect(two.stdout).toBe(first.stdout);
    },
    TIMEOUT_MS,
  );

  it(
    'prints one JSON object a line: the records of a run, then its end, runs in order',
    async () => {
      const { stdout } = await start(['run', '-', '--json'], { input: TINY }).ended;
      expect(stdout.endsWith('\n')).toBe(true);
      const lines = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      const identities = [0, 1, 2].flatMap((point) => [0, 1].map((replicate) => ({ point, replicate })));
      expect(lines).toMatchObject(
        identities.flatMap((identity) => [
          ...[0, 10, 20].map((round) => ({ kind: 'record', ...identity, round })),
          { kind: 'completed', ...identity, rounds: 20, engine: expect.any(String) as string },
        ]),
      );
      const curve = { metric: 'loss', round: 20, mean: [expect.any(Number), expect.any(Number)] };
      expect(lines[3]['fineTuning']).toMatchObject([
        { ...curve, at: 'last', set: 'train', tasks: 4 },
        { ...curve, at: 'last', set: 'newAgents', tasks: 3 },
        { ...curve, at: 'last', set: 'newTasks', tasks: 3 },
        ...['train', 'newAgents', 'newTasks'].map((set) => ({ at: 'best', set })),
      ]);
      for (const metric of METRIC_NAMES) expect(lines[0]).toHaveProperty(metric);
      expect(lines[0]).toMatchObject({ pointHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string, trainAccuracy: null });
      // replicates share their seeds over points: common random numbers
      expect(lines.map(({ seed }) => seed)).toEqual(
        identities.flatMap(({ replicate }) => Array<unknown>(4).fill(lines[4 * replicate]['seed'])),
      );
    },
    TIMEOUT_MS,
  );

  it(
    'says how a run diverged, which is a result and no failure',
    async () => {
      const { code, stdout } = await start(['run', '-', '--json'], { input: TINY.replace('metaStep: 0.01', 'metaStep: 1000') }).ended;
      expect(code).toBe(0);
      const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
      expect(last).toMatchObject({ kind: 'diverged', round: expect.any(Number) as number, reason: expect.any(String) as string });
    },
    TIMEOUT_MS,
  );

  it(
    'prints a table for people, and progress beside it',
    async () => {
      const { code, stdout, stderr } = await start(['run', '-'], { input: TINY }).ended;
      expect(code).toBe(0);
      const [titles, rule, ...rows] = stdout.trim().split('\n');
      expect(titles.trim()).toMatch(/^NMSE|^point|aggregation/);
      expect(`${titles}${rule}`).toContain('point');
      expect(rows.filter((row) => /^(SNR 0 dB|SNR 20 dB|ideal uplink) +2 of 2 +\d/.test(row))).toHaveLength(3);
      expect(stdout).toContain('means ± 95 % t-interval over n completed runs, at the last round');
      expect(stderr).toMatch(/^tiny: 3 points x 2 replicates = 6 runs on \d threads? /);
      expect(stderr).toMatch(/100 % {2}6 of 6 runs, \d+ s\n$/);
    },
    TIMEOUT_MS,
  );

  it('lists every fault of a specification on standard error, with pointers, and exits 2', async () => {
    const path = write('wrong.yaml', TINY.replace('0 dB', '0 W').replace('rounds: 20', 'rounds: 0\n  rouns: 1'));
    const { code, stdout, stderr } = await airmeta('run', path);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const [headline, ...faults] = stderr.trimEnd().split('\n');
    expect(headline).toBe('airmeta: the specification is not valid:');
    expect(faults.sort()).toEqual([
      expect.stringMatching(/^ {2}\/base\/rounds +expected a whole number in 1\.\.10000000, not 0$/),
      expect.stringMatching(/^ {2}\/base\/rouns +unknown key "rouns"; allowed are task, /),
      expect.stringMatching(/^ {2}\/sweep\/grid\/uplink\.snr\/0 +"W" is not a unit of signal-to-noise ratio; only dB is, as in "0 dB"$/),
    ]);
  });

  it.each([
    ['a file that is not there', ['run', 'nowhere.yaml'], 'airmeta: nowhere.yaml cannot be read: there is no such file\n'],
    ['a folder', ['run', '.'], 'airmeta: . cannot be read: it is a folder\n'],
    [
      'text that is no YAML',
      ['run', 'broken.yaml'],
      'airmeta: the specification is not valid:\n  /  Flow sequence in block collection must be sufficiently indented',
    ],
    ['data that are not there', ['run', 'omniglot.yaml'], 'there is no folder for dataset "omniglot"; put its images or archives there\n'],
    [
      'a data set that is a path',
      ['run', 'omniglot.yaml', '--dataset', 'omniglot=../nowhere'],
      'there is no folder for dataset "omniglot"',
    ],
    ['half an option', ['run', 'tiny.yaml', '--dataset', 'omniglot'], 'expected NAME=FOLDER, such as omniglot=/data/omniglot'],
    ['no threads', ['run', 'tiny.yaml', '--threads', '0'], 'expected a whole number from 1'],
    ['no specification', ['run'], "missing required argument 'specification'"],
    ['an unknown command', ['fly'], "unknown command 'fly'\n(airmeta --help says more)\n"],
    ['an unknown option', ['run', 'tiny.yaml', '--fast'], "unknown option '--fast'"],
    [
      'a figure before there is one',
      ['submit', 'tiny.yaml', '--svg', 'a.svg'],
      '--svg, --csv, --out and --report show results: add --watch',
    ],
    [
      'a figure twice',
      ['submit', 'tiny.yaml', '--watch', '--svg', 'a.svg', '--report', 'out'],
      '--report writes figure and numbers itself',
    ],
    ['an unknown preset', ['run', 'preset:../x'], 'there is no preset "../x"; there are bounds, claim, '],
    ['an unknown preset to print', ['presets', 'x'], 'there is no preset "x"; there are bounds, claim, '],
    ['less than no extra rounds', ['claim', 'x', '--budget', '-0.1'], 'expected extra rounds as a share'],
    ['curves of no points', ['curves', 'x', '--points', '1,a', '--json'], 'expected at most 24 indices of points, such as 0,2,5'],
    ['curves without a form', ['curves', 'x'], 'learning curves are a figure or numbers: add --out <file> or --json'],
  ])('exits 2 with a sentence for %s', async (_, args, sentence) => {
    write('tiny.yaml', TINY);
    write('broken.yaml', 'a: [1\nb: 2');
    write('omniglot.yaml', 'version: 1\nname: x\nbase: { task: { family: omniglot } }');
    const { code, stdout, stderr } = await airmeta(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'ends at %s with a sentence and no stack',
    async (signal) => {
      const run = start(['run', '-', '--threads', '1'], {
        input: TINY.replace('rounds: 20', 'rounds: 10000000')
          .replace('every: 10,', 'every: 1000,')
          .replace('replicates: 2', 'replicates: 10'),
      });
      await run.said('0 of 30 runs');
      run.signal(signal);
      const { code, stdout, stderr } = await run.ended;
      expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
      expect(stderr).toMatch(/\nairmeta: interrupted; 0 of 30 runs had ended\n$/);
      expect(stderr).not.toMatch(/^ +at |Warning/m);
    },
    TIMEOUT_MS,
  );
});

const GLYPHS = `
version: 1
name: small
base:
  task: { family: glyphs, ways: 3, queries: 2, alphabets: 2, testAlphabets: 1, charactersPerAlphabet: 5 }
  model: { kind: linear }
  agents: { count: 4, participation: 0.5 }
  rounds: 4
  evaluate: { every: 4, newTasks: 6, newAgents: 2, fineTuneSteps: 2 }
idealTwins: false
`;

describe('airmeta bounds', () => {
  it(
    'prints for every point terms, measurements, conditions and constants, and writes the figure',
    async () => {
      const { code, stdout, stderr } = await start(['bounds', '-', '--svg', 'figures/bounds.svg'], { input: TINY }).ended;
      expect(code).toBe(0);
      for (const point of ['SNR 0 dB', 'SNR 20 dB', 'ideal uplink']) {
        expect(stdout).toMatch(new RegExp(`^${point}: 2 of 2 runs, template, not the paper's theorem$`, 'm'));
      }
      expect(stdout.match(/^bound: all terms +\d/gm)).toHaveLength(3);
      expect(stdout.match(/^measured: mean of \|\|grad F\|\|\^2 over rounds +\d/gm)).toHaveLength(3);
      expect(stdout.match(/^ {2}(holds|DOES NOT HOLD) +eta <= 1 \/ \(sqrt\(240\) Q L_F\)/gm)).toHaveLength(3);
      expect(stdout.match(/^bound of \|gap\| +infinite$/gm)).toHaveLength(1);
      expect(stdout.match(/^G_e\^2, energy of the aggregation error +\d/gm)).toHaveLength(3);
      expect(stderr).toMatch(/100 % {2}6 of 6 runs, \d+ s\nwrote figures\/bounds\.svg\n$/);
      expect(readFileSync(join(folder, 'figures/bounds.svg'), 'utf8')).toContain('template, not the paper');
    },
    TIMEOUT_MS,
  );

  it(
    'prints one JSON object a run, the same on one thread and on two',
    async () => {
      const path = write('bounded.yaml', TINY);
      const [one, two] = await Promise.all(['1', '2'].map((threads) => airmeta('bounds', path, '--json', '--threads', threads)));
      expect(one).toMatchObject({ code: 0, stderr: '' });
      expect(two.stdout).toBe(one.stdout);
      const lines = one.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines).toMatchObject(
        [0, 1, 2].flatMap((point) =>
          [0, 1].map((replicate) => ({
            ...{ kind: 'bounds', label: "template, not the paper's theorem", point, replicate },
            rounds: [10, 20].map((round) => ({ round, convergenceBound: expect.any(Number) as number })),
          })),
        ),
      );
      // Infinity is null in JSON
      expect(lines[5]).toMatchObject({ rounds: [{ gapBound: null }, { gapBound: null, informationNats: null }] });
    },
    TIMEOUT_MS,
  );

  it(
    'says of runs that diverged that they did',
    async () => {
      const input = TINY.replace('metaStep: 0.01', 'metaStep: 1000');
      const { code, stdout } = await start(['bounds', '-', '--svg', 'diverged.svg'], { input }).ended;
      expect(code).toBe(0);
      expect(stdout).toMatch(/^SNR 0 dB: 0 of 2 runs \(2 diverged\), template/m);
      expect(readFileSync(join(folder, 'diverged.svg'), 'utf8')).toContain('no run was played to the end');
    },
    TIMEOUT_MS,
  );

  it('exits 2 with a sentence for data that are not there', async () => {
    const { code, stdout, stderr } = await start(['bounds', '-'], {
      input: 'version: 1\nname: x\nbase: { task: { family: omniglot } }',
    }).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('there is no folder for dataset "omniglot"');
  });
});

describe('airmeta run of what is tuned', () => {
  it('says that it chooses nothing', { timeout: TIMEOUT_MS }, async () => {
    const document = {
      ...{ version: 1, name: 'tuned', replicates: 2, idealTwins: false },
      base: {
        ...{ task: { family: 'sinusoid' }, model: { kind: 'mlp', hidden: [4] }, rounds: 1, agents: { count: 2 } },
        evaluate: { every: 1, newTasks: 2, newAgents: 2 },
      },
      sweep: { grid: { 'meta.metaStep': [0.01, 0.02] } },
      tune: { axis: 'meta.metaStep', replicates: 1, by: 'new-tasks' },
    };
    const ran = await start(['run', '-', '--json'], { input: JSON.stringify(document) }).ended;
    expect(ran.code).toBe(0);
    expect(ran.stderr).toContain('nothing is tuned here: every value of meta.metaStep has a row of its own, over all replicates');
    const { tune: _, ...rest } = document;
    expect((await start(['run', '-', '--json'], { input: JSON.stringify(rest) }).ended).stderr).toBe('');
  });
});

describe('airmeta personalize', () => {
  const lastLine = ({ stdout }: Ended) => JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;

  it(
    'reproduces, from the file that a run has written, the curve that the run has printed',
    async () => {
      const ran = await start(['run', '-', '--json', '--parameters', 'kept/small.safetensors'], { input: GLYPHS }).ended;
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      const { fineTuning, pointHash, engine, parameters } = lastLine(ran) as {
        fineTuning: { at: string; round: number; set: string }[];
      } & Record<'pointHash' | 'engine' | 'parameters', string>;
      expect(parameters).toBe('kept/small.safetensors');
      const own = fineTuning.filter(({ at, set }) => at === 'last' && set === 'newTasks').map(({ at: _, round: __, ...rest }) => rest);
      const again = await airmeta('personalize', 'kept/small.safetensors', '--tasks', '6', '--json');
      expect(again).toMatchObject({ code: 0, stderr: '' });
      expect(lastLine(again)).toMatchObject({
        kind: 'personalization',
        run: null,
        pointHash,
        engine,
        round: 4,
        tasks: 6,
        steps: 2,
        curves: own,
      });
    },
    TIMEOUT_MS,
  );

  it(
    'takes another task, from a file or in place, and prints a table of its curve',
    async () => {
      await start(['run', '-', '--parameters', 'other.safetensors'], { input: GLYPHS }).ended;
      write('task.yaml', 'family: glyphs\nways: 3\nshots: 5');
      const [fromFile, inPlace] = await Promise.all(
        ['task.yaml', '{ family: glyphs, ways: 3, shots: 5 }'].map((task) =>
          airmeta('personalize', 'other.safetensors', '--task', task, '--steps', '3', '--tasks', '4', '--seed', '9', '--inner-step', '0.1'),
        ),
      );
      expect(fromFile).toMatchObject({ code: 0, stderr: '' });
      expect(inPlace.stdout).toBe(fromFile.stdout);
      expect(fromFile.stdout).toMatch(/^after steps +mean +sd +5 % +25 % +50 % +75 % +95 %$/m);
      expect(fromFile.stdout).toMatch(/^3 +\d/m);
      expect(fromFile.stdout).toContain('4 new tasks of family glyphs, 3 steps of size 0.1\n');
    },
    TIMEOUT_MS,
  );

  it(
    'writes a file for every run of a sweep',
    async () => {
      const { code, stderr } = await start(['run', '-', '--parameters', 'sweep.safetensors'], { input: TINY }).ended;
      expect(code).toBe(0);
      expect(stderr).toMatch(/wrote \d+ files, sweep-p0-r0\.safetensors to sweep-p\d+-r\d+\.safetensors/);
      for (const point of [0, 1, 2]) {
        for (const replicate of [0, 1]) expect(existsSync(join(folder, `sweep-p${point}-r${replicate}.safetensors`))).toBe(true);
      }
    },
    TIMEOUT_MS,
  );

  it(
    'exits 2 with a sentence for what does not fit',
    async () => {
      await start(['run', '-', '--parameters', 'misfit.safetensors'], { input: GLYPHS }).ended;
      write('text.yaml', 'a: 1');
      for (const [args, sentence] of [
        [
          ['misfit.safetensors', '--task', '{ family: glyphs, ways: 5 }'],
          'the model was trained for 196 inputs and 3 classes; this task has',
        ],
        [['misfit.safetensors', '--task', '{ family: glyphs, wais: 5 }'], 'the task is not valid:\n  /wais  unknown key "wais"'],
        [['misfit.safetensors', '--task', 'nowhere.yaml'], 'nowhere.yaml cannot be read: there is no such file'],
        [['misfit.safetensors', '--task', '{ family: omniglot, ways: 3 }'], 'there is no folder for dataset "omniglot"'],
        [['misfit.safetensors', '--tasks', '10001'], 'expected a whole number in 1..10000'],
        [['misfit.safetensors', '--inner-step', '0'], 'expected a number above 0 and at most 1000'],
        [['misfit.safetensors', '--seed', '-1'], 'expected a whole number from 0'],
        [['text.yaml'], 'text.yaml cannot be used: it is too short for a safetensors file'],
      ] as const) {
        const { code, stdout, stderr } = await airmeta('personalize', ...args);
        expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
        expect(stderr).toContain(sentence);
        expect(stderr).not.toMatch(/^ +at /m);
      }
    },
    TIMEOUT_MS,
  );
});

describe('airmeta presets', () => {
  const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));
  const names = readdirSync(examples)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.replace(/\.yaml$/, ''));

  it('lists every example with what it answers and costs', async () => {
    const { code, stdout } = await airmeta('presets', '--json');
    const presets = JSON.parse(stdout) as Record<string, unknown>[];
    expect(code).toBe(0);
    expect(presets.map(({ name }) => name)).toEqual(names.sort());
    for (const preset of presets) {
      expect(preset).toEqual({
        name: preset['name'],
        description: expect.stringMatching(/^.{20,}\.$/) as string,
        runCount: expect.any(Number) as number,
        roundsTotal: expect.any(Number) as number,
      });
    }
    expect(presets.find(({ name }) => name === 'quickstart')).toMatchObject({ runCount: 18, roundsTotal: 5400 });
    const table = (await airmeta('presets')).stdout;
    expect(table).toMatch(/^quickstart +18 +5400$/m);
    expect(table).toMatch(/^quickstart: Glyphs/m);
  });

  it('prints one as it is written, and takes it in place of a path', async () => {
    const text = readFileSync(join(examples, 'quickstart.yaml'), 'utf8');
    expect(await airmeta('presets', 'quickstart')).toEqual({ code: 0, stdout: text, stderr: '' });
    const { code, stderr } = await airmeta('run', 'preset:omniglot-mlp');
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('no folder for dataset "omniglot"') as string });
  });
});

describe('airmeta --help', () => {
  it('prints what there is on standard output and exits 0', async () => {
    const { code, stdout, stderr } = await airmeta('--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const command of [
      'run',
      'bounds',
      'preview',
      'submit',
      'watch',
      'list',
      'tradeoff',
      'claim',
      'curves',
      'presets',
      'export',
      'parameters',
      'personalize',
      'pause',
      'resume',
      'stop',
      'cancel',
      'retry',
      'extend',
      'edit',
      'runs',
      'why',
      'attempts',
      'delete-run',
    ])
      expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
  });

  it('prints on standard error and exits 2 when nothing was asked', async () => {
    const { code, stdout, stderr } = await airmeta();
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: airmeta');
  });

  it('knows its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
    expect(await airmeta('--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('against a server', () => {
  const ID = '6f0c1d1e-0000-4000-8000-000000000001';
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function serving(listener: RequestListener): Promise<Record<string, string>> {
    const server = createServer(listener).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return { AIRMETA_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  const summary = (state: string, completed: number, failed = 0) => ({
    ...{ id: ID, name: 'tiny', description: null, state, hash: 'h', replicates: 2, pointCount: 3, runCount: 6 },
    runs: { queued: 0, running: 6 - completed - failed, completed, diverged: 0, failed, cancelled: 0 },
    ...{ roundsDone: completed * 20, roundsTotal: 120, createdAt: '2026-01-01T10:00:00Z', finishedAt: null },
  });

  it(
    'exits 1 with a sentence when none answers',
    async () => {
      for (const args of [
        ['list'],
        ['watch', 'x'],
        ['tradeoff', 'x'],
        ['claim', 'x'],
        ['curves', 'x', '--json'],
        ['export', 'x'],
        ['cancel', 'x'],
        ['parameters', 'x', '--out', 'x.safetensors'],
        ['personalize', 'x'],
        ['submit', write('tiny.yaml', TINY)],
      ]) {
        const { code, stderr } = await airmeta(...args);
        expect({ code, stderr }).toEqual({
          code: 1,
          stderr: 'airmeta: no lab server answers at http://127.0.0.1:9; start one with "npm start", or set AIRMETA_URL\n',
        });
      }
    },
    TIMEOUT_MS,
  );

  it('says what the server refused: faults with exit 2, anything else with exit 1', async () => {
    const problem = (status: number, more: object) => ({
      type: 'about:blank',
      title: 'Refused',
      status,
      detail: 'there is no experiment e2',
      ...more,
    });
    const environment = await serving((request, response) => {
      const body = request.method === 'POST' ? problem(422, { faults: [{ pointer: '/name', message: 'is missing' }] }) : problem(404, {});
      response.writeHead(body.status, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify(body));
    });
    expect(await start(['submit', '-'], { environment }).ended).toEqual({
      code: 2,
      stdout: '',
      stderr: 'airmeta: the specification is not valid:\n  /name  is missing\n',
    });
    expect(await start(['watch', ID.replace('6', '7')], { environment }).ended).toEqual({
      code: 1,
      stdout: '',
      stderr: 'airmeta: there is no experiment e2\n',
    });
  });

  it.each([
    ['18', /18 is no share: write 18% or 0\.18 for 18 percent, or 1800% for 18 times as many/],
    ['1.8', /1\.8 is no share: write 1\.8% or 0\.018 for 1\.8 percent, or 180% for 1\.8 times as many/],
    ['x', /expected extra rounds as a share from 0 to 1, such as 0\.18, or from 0% to \d+%, such as 18%/],
    ['-1', /expected extra rounds as a share/],
    ['20000%', /expected at most 10000%/],
  ])('asks back what a budget of %s is', async (budget, sentence) => {
    const { code, stderr } = await airmeta('claim', ID, `--budget=${budget}`);
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
  });

  it('takes a budget as a share or in percent', async () => {
    const asked: unknown[] = [];
    const environment = await serving((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        if (request.url === '/graphql') asked.push((JSON.parse(body) as { variables: { budget?: unknown } }).variables.budget);
        response.writeHead(500).end();
      });
    });
    for (const budget of ['0.18', '18%', '18 %', '1', '.5', '0']) await start(['claim', ID, '--budget', budget], { environment }).ended;
    expect(asked).toEqual([0.18, 0.18, 0.18, 1, 0.5, 0]);
  });

  it('finds an experiment by its name or by the beginning of its id, and lists what it may be', async () => {
    const asked: string[] = [];
    const found: Readonly<Record<string, readonly object[]>> = {
      tiny: [summary('finished', 6)],
      '6f0c': [summary('finished', 6)],
      twice: [summary('finished', 6), { ...summary('finished', 6), id: ID.replace('6', '8'), owner: 'ada' }],
    };
    const environment = await serving((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const name = /find=([^&]*)/.exec(request.url ?? '')?.[1];
      response.end(JSON.stringify(name === undefined ? summary('finished', 6) : { items: found[name] ?? [], nextCursor: null }));
    });
    for (const reference of ['tiny', '6f0c']) {
      expect((await start(['pause', reference], { environment }).ended).code).toBe(0);
      expect(asked.splice(0)).toEqual([`GET /v1/experiments?limit=10&archive=all&find=${reference}`, `POST /v1/experiments/${ID}/pause`]);
    }
    expect(await start(['pause', 'twice'], { environment }).ended).toEqual({
      code: 2,
      stdout: '',
      stderr: [
        'airmeta: "twice" may be several experiments: say which by its id, or by the beginning of it',
        `  ${ID}  tiny, created 2026-01-01 10:00 UTC`,
        `  ${ID.replace('6', '8')}  tiny, created 2026-01-01 10:00 UTC by ada`,
        '',
      ].join('\n'),
    });
    expect(await start(['pause', 'none'], { environment }).ended).toEqual({
      code: 1,
      stdout: '',
      stderr: 'airmeta: there is no experiment of the name or id "none"; "airmeta list" shows those there are\n',
    });
  });

  it.each([
    [['tradeoff', ID, '--svg', 'a.csv'], /expected a file whose name ends in \.svg/],
    [['tradeoff', ID, '--out', 'a.xlsx'], /expected a file whose name ends in one of \.svg, \.csv, \.md, \.json/],
    [['curves', ID, '--out', 'a'], /expected a file whose name ends in one of \.svg, \.csv, \.json/],
    [['export', ID, '--out', 'a.json'], /expected a file whose name ends in one of \.csv, \.ndjson/],
    [['parameters', ID, '--out', 'a.bin'], /expected a file whose name ends in \.safetensors/],
    [['run', '-', '--parameters', 'a.npy'], /expected a file whose name ends in \.safetensors/],
  ])('refuses a file whose ending says something else: %j', async (args, sentence) => {
    const { code, stderr } = await airmeta(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(sentence);
  });

  it('saves the parameters of a run as they come', async () => {
    const environment = await serving((request, response) => response.end(request.url));
    const saved = await start(['parameters', 'r1', '--out', 'out/r1.safetensors'], { environment }).ended;
    expect(saved).toEqual({ code: 0, stdout: '', stderr: 'wrote out/r1.safetensors\n' });
    expect(readFileSync(join(folder, 'out/r1.safetensors'), 'utf8')).toBe('/v1/runs/r1/parameters');
  });

  it('exports series as CSV, also of a run that was stored before there were all metrics', async () => {
    const points = [{ id: 'p', index: 3, role: 'swept', label: 'SNR 0 dB', axes: [{ path: 'uplink.snr', value: '0 dB' }] }];
    const series = [
      { metric: 'trainLoss', rounds: [0, 5], values: [2, 1.5] },
      { metric: 'receivedSnrDb', rounds: [5], values: [9] },
    ];
    const run = { id: 'a', pointId: 'p', replicate: 0, seed: '1', state: 'completed', engine: null, dataFingerprint: null, series };
    const environment = await serving((_, response) => {
      response.end(
        JSON.stringify({
          data: { experiment: { points: { nextCursor: null, items: points }, runList: { nextCursor: null, items: [run] } } },
        }),
      );
    });
    const { stdout } = await start(['export', ID], { environment }).ended;
    const [header, ...rows] = stdout
      .trim()
      .split('\n')
      .map((text) => text.split(','));
    const cells = (row: readonly string[]) =>
      ['point', 'uplink.snr [dB]', 'run', 'round', 'trainLoss', 'decodingNmse', 'receivedSnrDb'].map((name) => row[header.indexOf(name)]);
    expect(rows.map(cells)).toEqual([
      ['3', '0', 'a', '0', '2', '', ''],
      ['3', '0', 'a', '5', '1.5', '', '9'],
    ]);
    const written = await start(['export', ID, '--out', 'out/series.csv'], { environment }).ended;
    expect(written).toEqual({ code: 0, stdout: '', stderr: 'wrote out/series.csv\n' });
    expect(readFileSync(join(folder, 'out/series.csv'), 'utf8')).toBe(stdout);
  });

  it('exports fine-tuning curves as CSV, one line a step, or as JSON, one line a run', async () => {
    const points = [{ id: 'p', index: 0, role: 'swept', label: 'base', axes: [] }];
    const values = { mean: [1, 0.5], deviation: [null, 0], q05: [1, 0], q25: [1, 0], q50: [1, 0], q75: [1, 0], q95: [1, null] };
    const fineTuning = [{ at: 'last', round: 3, set: 'train', metric: 'loss', tasks: 4, ...values }];
    const run = { id: 'a', pointId: 'p', replicate: 0, seed: '1', state: 'completed', engine: null, dataFingerprint: null, fineTuning };
    const environment = await serving((_, response) => {
      response.end(
        JSON.stringify({
          data: { experiment: { points: { nextCursor: null, items: points }, runList: { nextCursor: null, items: [run] } } },
        }),
      );
    });
    const { stdout } = await start(['export', ID, '--fine-tuning'], { environment }).ended;
    expect(stdout.trim().split('\n')).toEqual([
      'experiment,point,label,role,run,state,replicate,seed,engine,at,round,set,metric,tasks,step,mean,deviation,q05,q25,q50,q75,q95',
      `${ID},0,base,swept,a,completed,0,1,,last,3,train,loss,4,0,1,,1,1,1,1,1`,
      `${ID},0,base,swept,a,completed,0,1,,last,3,train,loss,4,1,0.5,0,0,0,0,0,`,
    ]);
    const json = await start(['export', ID, '--fine-tuning', '--json'], { environment }).ended;
    expect(JSON.parse(json.stdout)).toEqual(run);
  });

  it('prints the id of what was submitted, and lists it', async () => {
    const environment = await serving((request, response) => {
      response
        .writeHead(200)
        .end(JSON.stringify(request.method === 'POST' ? summary('running', 0) : { items: [summary('running', 2)], nextCursor: null }));
    });
    expect(await start(['submit', '-'], { environment, input: TINY }).ended).toEqual({ code: 0, stdout: `${ID}\n`, stderr: '' });
    const { stdout } = await start(['list'], { environment }).ended;
    expect(stdout.trim().split('\n').at(-1)).toMatch(new RegExp(`^tiny +${ID} +running +2 of 6 +2026-01-01 10:00$`));
  });

  it.each([
    [0, 0],
    [1, 1],
  ])('follows an experiment, writes its files and, with %i failed runs, exits %i', async (failed, expectedCode) => {
    const estimate = { mean: 1.5, low: 1.25, high: 1.75, n: 2, outliers: 0, heavyTails: false, robust: null };
    const bracket = { atLeast: 10, atMost: 20, low: 5, high: 25 };
    const extraRounds = {
      ...{
        pairs: 2,
        reached: 1,
        censored: 1,
        diverged: 0,
        withoutTarget: 0,
        twinAtStart: 0,
        shareOf: 'geometricMean',
        share: bracket,
        difference: bracket,
      },
    };
    const names = ['newAgentsLoss', 'newAgentsAccuracy', 'gapAccuracy', 'trainLossArea', 'twinUpdateGain'];
    const nothing = { accuracy: null, loss: null };
    const comparison = { last: { accuracy: null, loss: estimate }, best: nothing, target: nothing, earlyStop: nothing };
    const row = {
      ...{
        pointId: 'p',
        pointIndex: 0,
        role: 'swept',
        label: '0 dB',
        axes: [],
        runs: { total: 2, completed: 2, diverged: 0, open: 0, missing: 0 },
      },
      ...{
        twinPointId: 't',
        twinPointIndex: null,
        tuned: null,
        pairs: { completed: 2, diverged: 0, twinDiverged: 0, unpaired: 0 },
        extraRounds,
        caveats: [],
      },
      roundsToTarget: { n: 2, reached: 1, censored: 1, diverged: 0, withoutTarget: 0, horizon: 600, restrictedMean: bracket, median: null },
      physical: Object.fromEntries(PHYSICAL_FIGURES.map((name) => [name, null])),
      ...{ trainLoss: estimate, gapLoss: estimate, newTasks: comparison, gains: comparison },
      ...Object.fromEntries(names.map((name) => [name, null])),
    };
    const claim = {
      ...{
        experimentId: ID,
        name: 'tiny',
        against: 'ideal',
        budget: 0.18,
        compared: 1,
        simultaneousLevel: 0.95,
        verdict: 'notShown',
        sentence: 'Not shown.',
        rowCount: 1,
      },
      rows: [
        {
          ...{ pointId: 'p', pointIndex: 0, label: '0 dB', score: 'loss', twinBest: estimate, best: estimate, gain: estimate },
          counts: { planned: 2, pairs: 2, diverged: 0, bothDiverged: 0, twinDiverged: 0, missing: 0, unscored: 0, cut: 2 },
          ...{ twinPointId: 't', verdict: 'notShown', twinRounds: null, runRounds: null, atRunRound: null, atTwinRound: null },
          ...{ updateGain: null, twinUpdateGain: null, caveats: [] },
          ...{ simultaneous: null, relativeGain: null, gainAtTarget: null, extraRounds: null },
        },
      ],
    };
    const curve = { metric: 'trainLoss', rounds: [0, 5], mean: [2, 1], low: [1, 0.5], high: [3, 1.5], n: [2, 2] };
    const points = [{ pointId: 'p', pointIndex: 0, role: 'swept', label: '0 dB', curves: [curve] }];
    const data = {
      experiment: { arithmeticNote: 'two arithmetics' },
      tradeoff: {
        experimentId: ID,
        name: 'tiny',
        against: 'ideal',
        targetTrainLoss: null,
        tuning: null,
        caveats: [],
        rowCount: 1,
        rows: [row],
      },
      claim,
      learningCurves: { experimentId: ID, name: 'tiny', omitted: 0, points },
    };
    const environment = await serving((request, response) => {
      if (request.url?.endsWith('/events')) {
        const frames = [summary('running', 3), summary('finished', 6 - failed, failed)].map(
          (body) => `event: progress\ndata: ${JSON.stringify(body)}\n\n`,
        );
        response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end(frames.join(''));
      } else if (request.url === '/graphql') {
        let body = '';
        request
          .on('data', (chunk: Buffer) => (body += chunk.toString()))
          .on('end', () => {
            const { against = 'ideal' } = (JSON.parse(body) as { variables: { against?: string } }).variables;
            const refused = { message: 'it has run no such twins', extensions: { code: 'not-comparable', status: 422 } };
            response.end(JSON.stringify(against === 'ideal' ? { data } : { errors: [refused] }));
          });
      } else response.end(JSON.stringify(summary('running', 0)));
    });
    const { code, stdout, stderr } = await start(['submit', '-', '--watch', '--svg', 'out/a.svg', '--csv', 'out/a.csv'], {
      environment,
      input: TINY,
    }).ended;
    expect(code).toBe(expectedCode);
    expect(stderr).toContain(`submitted tiny as ${ID}: 3 points x 2 replicates = 6 runs\n`);
    expect(stderr).toContain('note: two arithmetics\nwrote out/a.svg\nwrote out/a.csv\n');
    expect(stdout).toMatch(/^0 dB +2 of 2 +1 of 2 +10 to 20 \[5, 25\] +1\.50 ± 0\.25/m);
    expect(readFileSync(join(folder, 'out/a.svg'), 'utf8')).toContain('▷');
    const [header, line] = readFileSync(join(folder, 'out/a.csv'), 'utf8')
      .split('\n')
      .map((text) => text.split(','));
    const cell = (column: string) => line[header.indexOf(column)];
    expect(line.slice(0, 6)).toEqual([ID, '0', '0 dB', 'swept', 'ideal', '']);
    expect(['rounds_to_target_censored', 'rounds_to_target_restricted_mean_low', 'train_loss_mean', 'train_loss_n'].map(cell)).toEqual([
      '1',
      '5',
      '1.5',
      '2',
    ]);

    const reported = await start(['submit', write('tiny.yaml', TINY), '--watch', '--report', 'report'], { environment }).ended;
    expect(reported.code).toBe(expectedCode);
    expect(reported.stdout).toMatch(/^Not shown\.$/m);
    const files = ['tiny.svg', 'tiny.csv', 'tiny.md', 'tiny.json', 'tiny-curves.svg'];
    expect(reported.stderr.trimEnd().split('\n').slice(-5)).toEqual(files.map((file) => `wrote report/${file}`));
    const [svg, csv, markdown, json, curves] = files.map((file) => readFileSync(join(folder, 'report', file), 'utf8'));
    expect([svg, csv]).toEqual(['a.svg', 'a.csv'].map((file) => readFileSync(join(folder, 'out', file), 'utf8')));
    expect(curves).toContain('train loss');
    expect(markdown).toContain('| 0 dB | 2 of 2 | 1 of 2 | 10 to 20 \\[5, 25\\] | 1.50 ± 0.25 |');
    expect(JSON.parse(json)).toEqual({ tradeoff: { ...data.tradeoff, rows: [{ ...row, axes: {} }] }, claim });

    const { stdout: claimed } = await start(['claim', ID], { environment }).ended;
    expect(claimed).toMatch(/^0 dB +not shown +2 of 2 \(2 cut\) +-; - +1\.50 ± 0\.25/m);
    expect(claimed).toMatch(/\nNot shown\.\n$/);
    expect(JSON.parse((await start(['claim', ID, '--budget', '100%', '--json'], { environment }).ended).stdout)).toEqual(claim);
    const drawn = await start(['curves', ID, '--svg', 'curves.svg', '--json'], { environment }).ended;
    expect(JSON.parse(drawn.stdout)).toEqual(data.learningCurves);
    expect(readFileSync(join(folder, 'curves.svg'), 'utf8')).toBe(curves);
  });
});
