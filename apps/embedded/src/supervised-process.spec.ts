import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { buildCopy, type BuiltCopy } from '../test/built-copy.js';
import { ENDS_WITH_SUPERVISOR, Witness } from '../test/witness.js';
import { nodeProcess } from './node-process.js';
import { SupervisedProcess, type ProcessEnd } from './supervised-process.js';

describe('supervised process', { timeout: 60_000 }, () => {
  let copy: BuiltCopy;
  let witness: Witness;
  const started: SupervisedProcess[] = [];

  beforeAll(async () => {
    copy = await buildCopy();
    witness = await Witness.start();
  });
  afterEach(() => started.splice(0).forEach((supervised) => supervised.kill()));
  afterAll(async () => {
    witness.close();
    await copy.remove();
  });

  const supervise = async (name: string, source: string, graceMs = 5_000): Promise<SupervisedProcess> => {
    const entry = await copy.program(`${name}.js`, source);
    const supervised = nodeProcess({ entry, environment: process.env, graceMs });
    started.push(supervised);
    return supervised;
  };
  const failure = async (supervised: SupervisedProcess): Promise<[ProcessEnd, number]> =>
    (await once(supervised, 'failed')) as [ProcessEnd, number];

  it('starts another process when one ends by itself, later each time', async () => {
    const supervised = await supervise('crash', 'process.exit(3);');
    supervised.start();
    expect(await failure(supervised)).toEqual([{ code: 3, signal: null }, 250]);
    expect(await failure(supervised)).toEqual([{ code: 3, signal: null }, 500]);
  });

  it('starts another process at the shortest wait after one that was up for a while', async () => {
    const entry = await copy.program('crash-late.js', 'process.exit(3);');
    const supervised = new SupervisedProcess({
      launch: () => spawn(process.execPath, [entry], { stdio: 'ignore' }),
      stopSteps: [{ signal: 'SIGTERM', graceMs: 5_000 }],
      backoff: { initialMs: 10, maxMs: 1_000 },
      steadyMs: 1,
    });
    started.push(supervised);
    supervised.start();
    for (let round = 0; round < 3; round++) expect((await failure(supervised))[1]).toBe(10);
  });

  it('replaces a process that was killed', async () => {
    const supervised = await supervise('steady', `${witness.call('steady')}setInterval(() => {}, 1e6);`);
    supervised.start();
    const first = await witness.next();
    expect(supervised.pid).toBe(first.pid);
    process.kill(first.pid, 'SIGKILL');
    const second = await witness.next();
    expect(second.pid).not.toBe(first.pid);
    expect(supervised.pid).toBe(second.pid);
  });

  it('passes on every line of both streams', async () => {
    const supervised = await supervise('speak', `console.log('one'); console.error('two'); setInterval(() => {}, 1e6);`);
    const lines = new Set<string>();
    const heard = new Promise<void>((resolve) => {
      supervised.on('line', (line) => {
        if (lines.add(line).size === 2) resolve();
      });
    });
    supervised.start();
    await heard;
    expect(lines).toEqual(new Set(['one', 'two']));
  });

  it('stops with SIGTERM and starts no other process', async () => {
    const supervised = await supervise(
      'polite',
      `process.on('SIGTERM', () => process.exit(0));\n${witness.call('polite')}setInterval(() => {}, 1e6);`,
    );
    const failed = once(supervised, 'failed').then(() => 'failed');
    supervised.start();
    const { gone } = await witness.next();
    const stopped = supervised.stop();
    await gone;
    await stopped;
    supervised.start();
    expect(supervised.pid).toBeUndefined();
    expect(await Promise.race([failed, Promise.resolve('stopped')])).toBe('stopped');
  });

  it('stops with SIGKILL what does not care for SIGTERM', async () => {
    const supervised = await supervise(
      'stubborn',
      `process.on('SIGTERM', () => {});\n${witness.call('stubborn')}setInterval(() => {}, 1e6);`,
      50,
    );
    supervised.start();
    const { gone } = await witness.next();
    await supervised.stop();
    await gone;
  });

  it('can be stopped between two processes', async () => {
    const supervised = await supervise('crash-once', 'process.exit(1);');
    supervised.start();
    await failure(supervised);
    await supervised.stop();
    expect(supervised.pid).toBeUndefined();
  });

  it('reports a program that cannot be started', async () => {
    const supervised = new SupervisedProcess({
      launch: () => spawn('/nowhere/program'),
      stopSteps: [{ signal: 'SIGTERM', graceMs: 1_000 }],
    });
    started.push(supervised);
    supervised.start();
    const [{ error }] = await failure(supervised);
    expect(error?.message).toContain('ENOENT');
  });

  it('dies with its supervisor when that is killed', async () => {
    const entry = await copy.program('child.js', `${ENDS_WITH_SUPERVISOR}${witness.call('child')}setInterval(() => {}, 1e6);`);
    const supervisor = await copy.program(
      'supervisor.js',
      `import { nodeProcess } from ${JSON.stringify(copy.module('node-process.js'))};\n` +
        `nodeProcess({ entry: ${JSON.stringify(entry)}, environment: process.env, graceMs: 1000 }).start();\n`,
    );
    const parent = spawn(process.execPath, [supervisor], { stdio: 'inherit' });
    const child = await witness.next();
    parent.kill('SIGKILL');
    await child.gone;
  });
});
