import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { buildCopy } from '../test/built-copy.js';
import { acquireLabLock, labHolder, LabRunningError } from './lab-lock.js';

describe('lab lock', { timeout: 20_000 }, () => {
  let folder: string;
  const file = (): string => path.join(folder, 'lab.lock');

  beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'airmeta-lock-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is held by one at a time', async () => {
    const lock = await acquireLabLock(folder);
    await expect(acquireLabLock(folder)).rejects.toThrow(LabRunningError);
    await expect(acquireLabLock(folder)).rejects.toThrow(`a lab is running on ${folder} already (process ${process.pid})`);
    expect(await labHolder(folder)).toBe(process.pid);
    lock.release();
    expect(await labHolder(folder)).toBeUndefined();
    (await acquireLabLock(folder)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it('goes to one of many that ask at once, also over the lock of a dead one', async () => {
    await writeFile(file(), JSON.stringify({ pid: process.pid, identity: 'of an earlier boot' }));
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => acquireLabLock(folder)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['lab.lock']);
  });

  it('is taken over from a process that was killed, and from a file that makes no sense', async () => {
    const copy = await buildCopy();
    const program = await copy.program(
      'holder.js',
      `import { acquireLabLock } from ${JSON.stringify(copy.module('lab-lock.js'))};\n` +
        `await acquireLabLock(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1e6);\n`,
    );
    const holder = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    await expect(acquireLabLock(folder)).rejects.toThrow(`process ${holder.pid}`);
    const exited = once(holder, 'exit');
    holder.kill('SIGKILL');
    await exited;
    (await acquireLabLock(folder)).release();
    await writeFile(file(), '{');
    const lock = await acquireLabLock(folder);
    expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({ pid: process.pid });
    lock.release();
    await copy.remove();
  });
});
