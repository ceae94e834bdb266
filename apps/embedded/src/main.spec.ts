import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';

import { buildCopy, type BuiltCopy } from '../test/built-copy.js';
import { fakeApi, fakeCli, fakeWorker } from '../test/fake-programs.js';
import { Witness, type Caller } from '../test/witness.js';
import { HELP } from './arguments.js';
import { readLabFile } from './lab-file.js';

interface Running {
  readonly child: ChildProcess;
  readonly lines: string[];
  /** The first line that matches, said already or yet to come. */
  line(pattern: RegExp): Promise<string>;
  readonly ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
}

describe('the embedded lab as a process', { timeout: 180_000 }, () => {
  let copy: BuiltCopy;
  let witness: Witness;
  let dataDirectory: string;
  let children: ChildProcess[];

  beforeAll(async () => {
    copy = await buildCopy();
    witness = await Witness.start();
    await copy.program('apps/api/dist/main.js', fakeApi(witness));
    await copy.program('apps/worker/dist/main.js', fakeWorker(witness));
    await copy.program('apps/cli/dist/main.js', fakeCli(witness));
  });
  beforeEach(async () => {
    dataDirectory = await mkdtemp(path.join(tmpdir(), 'airmeta-main-'));
    children = [];
  });
  afterEach(async () => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
    await rm(dataDirectory, { recursive: true });
  });
  afterAll(async () => {
    witness.close();
    await copy.remove();
  });

  const run = (program: string, environment: NodeJS.ProcessEnv = {}, args: readonly string[] = []): Running => {
    const child = spawn(process.execPath, [copy.module(program), ...args], {
      env: { PATH: process.env['PATH'], PORT: '0', AIRMETA_WORKERS: '1', AIRMETA_DATA_DIR: dataDirectory, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    const lines: string[] = [];
    const waiting = new Set<() => void>();
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        waiting.forEach((look) => look());
      });
    }
    const ended = once(child, 'close') as Running['ended'];
    const line = (pattern: RegExp): Promise<string> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find((said) => pattern.test(said));
          if (found !== undefined) resolve(found);
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`ended without saying ${String(pattern)}:\n${lines.join('\n')}`)));
      });
    return { child, lines, line, ended };
  };
  /** The API, a worker and the command line, which goes on when all have called: it might be done before the worker is. */
  const threeCallers = async (): Promise<Caller[]> => {
    const callers = [await witness.next(), await witness.next(), await witness.next()];
    expect(callers.map(({ name }) => name).sort()).toEqual(['api', 'cli', 'worker']);
    callers.find(({ name }) => name === 'cli')?.goOn();
    return callers;
  };
  const outside = (): NodeJS.ProcessEnv => ({ DATABASE_URL: inject('postgresAdminUrl') });

  it('runs on its own PostgreSQL, stops on Ctrl-C with exit code 0, and leaves nothing running', async () => {
    const lab = run('main.js');
    const ready = await lab.line(/the lab is ready on/);
    expect(ready).toMatch(/^\d\d:\d\d:\d\d the lab is ready on http:\/\/127\.0\.0\.1:\d+ - Ctrl-C stops it$/);
    const callers = [await witness.next(), await witness.next()];
    const description = await readLabFile(dataDirectory);
    expect(description?.pid).toBe(lab.child.pid);
    const password = await readFile(path.join(dataDirectory, 'postgres-password'), 'utf8');
    const client = new pg.Client({ connectionString: `postgresql://airmeta:${password}@127.0.0.1:${description?.postgresPort}/airmeta` });
    const cut = new Promise((resolve) => client.on('error', resolve));
    await client.connect();
    lab.child.kill('SIGINT');
    expect(await lab.ended).toEqual([0, null]);
    await Promise.all([cut, ...callers.map(({ gone }) => gone)]);
    expect((await readdir(dataDirectory)).sort()).toEqual(['postgres', 'postgres-password']);
    expect(lab.lines.slice(-5).map((line) => line.slice(9))).toEqual([
      'stopping the lab; Ctrl-C again ends it at once',
      'stopping the workers',
      'stopping the API',
      'stopping PostgreSQL',
      'the lab has stopped',
    ]);
  });

  it.each([
    [['--help'], 0, 'usage: npm start'],
    [['-h'], 0, 'usage: npm start'],
    [['--prot', '8080'], 2, "Unknown option '--prot': no lab was started"],
    [['examples/quickstart.yaml'], 2, "Unexpected argument 'examples/quickstart.yaml'"],
    [['--help=yes'], 2, 'no lab was started'],
  ])('with %j starts nothing and ends with %i', async (args, code, sentence) => {
    const lab = run('main.js', { DATABASE_URL: 'mysql://wrong' }, args);
    expect(await lab.ended).toEqual([code, null]);
    expect(lab.lines.join('\n')).toContain(sentence);
    if (code !== 0) expect(lab.lines).toHaveLength(1);
    expect(await readdir(dataDirectory)).toEqual([]);
  });

  it('explains every variable that it reads', async () => {
    const source = await readFile(new URL('config.ts', import.meta.url), 'utf8');
    const variables = [...source.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name).filter((name) => name !== 'INIT_CWD');
    expect(variables).toHaveLength(9);
    for (const name of variables) expect(HELP).toContain(name);
  });

  it('ends at once on the second Ctrl-C', async () => {
    await copy.program(
      'apps/worker/dist/main.js',
      `process.on('SIGTERM', () => setInterval(() => console.log('not yet'), 50));\n${witness.call('worker')}setInterval(() => {}, 1e6);`,
    );
    const lab = run('main.js', outside());
    await lab.line(/the lab is ready on/);
    const callers = [await witness.next(), await witness.next()];
    lab.child.kill('SIGINT');
    lab.child.stdout?.on('data', (text: Buffer) => {
      if (text.includes('not yet')) lab.child.kill('SIGINT'); // the first ones may be taken for an echo
    });
    expect(await lab.ended).toEqual([130, null]);
    await Promise.all(callers.map(({ gone }) => gone));
    await copy.program('apps/worker/dist/main.js', fakeWorker(witness));
  });

  it('takes its API and workers with it when it is killed, and can be started again', async () => {
    const lab = run('main.js', outside());
    await lab.line(/the lab is ready on/);
    const callers = [await witness.next(), await witness.next()];
    lab.child.kill('SIGKILL');
    await Promise.all(callers.map(({ gone }) => gone));
    const again = run('main.js', outside());
    await again.line(/the lab is ready on/);
    await witness.next();
    await witness.next();
  });

  it('refuses wrong settings and a second lab in one line, with exit code 1', async () => {
    const wrong = run('main.js', { PORT: 'http' });
    expect(await wrong.ended).toEqual([1, null]);
    expect(wrong.lines).toEqual(['PORT must be a whole number from 0 to 65535, not "http"']);

    const lab = run('main.js', outside());
    await lab.line(/the lab is ready on/);
    await witness.next();
    await witness.next();
    const second = run('main.js', outside());
    expect(await second.ended).toEqual([1, null]);
    expect(second.lines).toHaveLength(1);
    expect(second.lines[0]).toContain(`a lab is running on ${dataDirectory} already (process ${lab.child.pid})`);
    lab.child.kill('SIGTERM');
    expect(await lab.ended).toEqual([0, null]);
  });

  describe('a study', () => {
    it('starts a lab, runs the command line against it in the folder it was called from, and ends with its exit code', async () => {
      const study = run('study.js', { ...outside(), CLI_EXIT: '4', INIT_CWD: dataDirectory }, ['mine.yaml', '--out', 'figures']);
      const callers = await threeCallers();
      expect(await study.ended).toEqual([4, null]);
      await Promise.all(callers.map(({ gone }) => gone));
      expect(study.lines.map((line) => JSON.parse(line) as unknown)).toEqual([
        { args: ['submit', 'mine.yaml', '--watch', '--report', 'figures'], status: 200, cwd: await realpath(dataDirectory) },
      ]);
      expect(await readdir(dataDirectory)).toEqual(['lab.log']);
    });

    it('gives its lab the data sets that were named, beside those of the lab’s folder', async () => {
      const own = path.join(dataDirectory, 'own');
      const datasets = path.join(dataDirectory, 'datasets');
      for (const folder of [own, path.join(datasets, 'omniglot'), path.join(datasets, 'other')]) await mkdir(folder, { recursive: true });
      await copy.program(
        'apps/api/dist/main.js',
        fakeApi(witness).replace(
          "response.end('{}')",
          "response.end(JSON.stringify(readdirSync(process.env.AIRMETA_DATASETS_DIR).map((name) => [name, realpathSync(process.env.AIRMETA_DATASETS_DIR + '/' + name)])))",
        ) + "\nimport { readdirSync, realpathSync } from 'node:fs';",
      );
      await copy.program(
        'apps/cli/dist/main.js',
        `${witness.callAndWait('cli')}console.log(await (await fetch(process.env.AIRMETA_URL + '/health/ready')).text());process.exit();`,
      );
      const environment = { ...outside(), AIRMETA_DATASETS_DIR: datasets, INIT_CWD: dataDirectory };
      const study = run('study.js', environment, ['mine.yaml', '--dataset', 'omniglot=own', '--dataset', 'mine=own']);
      const callers = await threeCallers();
      expect(await study.ended).toEqual([0, null]);
      await Promise.all(callers.map(({ gone }) => gone));
      expect(study.lines.map((line) => JSON.parse(line) as unknown)).toEqual([
        [
          ['mine', await realpath(own)],
          ['omniglot', await realpath(own)],
          ['other', await realpath(path.join(datasets, 'other'))],
        ],
      ]);
      await copy.program('apps/api/dist/main.js', fakeApi(witness));
      await copy.program('apps/cli/dist/main.js', fakeCli(witness));
    });

    it('cannot give data sets to a lab that runs already, and says so', async () => {
      const lab = run('main.js', outside());
      await lab.line(/the lab is ready on/);
      await witness.next();
      await witness.next();
      const study = run('study.js', outside(), ['mine.yaml', '--dataset', `own=${dataDirectory}`]);
      expect(await study.ended).toEqual([1, null]);
      expect(study.lines).toEqual([
        `a lab is running on ${dataDirectory} already and looks for data sets in its own folder: stop it, or set AIRMETA_DATA_DIR`,
      ]);
    });

    it.each([
      [[], 2, 'expected one specification'],
      [['a.yaml', 'b.yaml'], 2, 'expected one specification'],
      [['a.yaml', '--fast'], 2, "Unknown option '--fast'"],
      [['a.yaml', '--dataset', 'own'], 2, '--dataset own: expected name=folder, such as omniglot=/data/omniglot'],
      [['a.yaml', '--dataset', '../own=x'], 2, 'expected name=folder'],
      [['a.yaml', '--dataset', 'own=nowhere'], 1, '--dataset own=nowhere: there is no such folder'],
    ])('refuses %j with exit code %i before anything is started', async (args, code, sentence) => {
      const study = run('study.js', outside(), args);
      expect(await study.ended).toEqual([code, null]);
      expect(study.lines.join('\n')).toContain(sentence);
      expect(await readdir(dataDirectory)).toEqual([]);
    });
  });

  describe('quickstart', () => {
    it('starts a lab, runs the command line against it, stops the lab and ends with its exit code', async () => {
      const quickstart = run('quickstart.js', { ...outside(), CLI_EXIT: '4' });
      const callers = await threeCallers();
      expect(await quickstart.ended).toEqual([4, null]);
      await Promise.all(callers.map(({ gone }) => gone));
      expect(quickstart.lines.map((line) => JSON.parse(line) as unknown)).toEqual([
        {
          args: ['submit', 'examples/quickstart.yaml', '--watch', '--report', 'out'],
          status: 200,
          cwd: await realpath(copy.folder),
        },
      ]);
      expect(await readdir(dataDirectory)).toEqual(['lab.log']);
    });

    it('uses a lab that runs already, and leaves it running', async () => {
      const lab = run('main.js', outside());
      await lab.line(/the lab is ready on/);
      const quickstart = run('quickstart.js', outside());
      await threeCallers();
      expect(await quickstart.ended).toEqual([0, null]);
      expect(await readLabFile(dataDirectory)).toMatchObject({ pid: lab.child.pid });
    });

    it('shows the last words of a lab that does not start', async () => {
      const quickstart = run('quickstart.js', { DATABASE_URL: 'postgresql://x@127.0.0.1:1/x', HOST: '203.0.113.1' });
      expect(await quickstart.ended).toEqual([1, null]);
      expect(quickstart.lines.join('\n')).toContain('the lab did not start');
      expect(quickstart.lines.join('\n')).toContain('203.0.113.1 is not an address of this machine');
    });

    it('stops the lab when it is interrupted', async () => {
      await copy.program('apps/cli/dist/main.js', `${witness.call('cli')}setInterval(() => {}, 1e6);`);
      const quickstart = run('quickstart.js', outside());
      const callers = [await witness.next(), await witness.next(), await witness.next()];
      quickstart.child.kill('SIGINT');
      expect(await quickstart.ended).toEqual([130, null]);
      await Promise.all(callers.map(({ gone }) => gone));
    });
  });
});
