import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { buildCopy } from '../test/built-copy.js';
import { acquireLabLock, labHolder, LabRunningError } from './lab-lock.js';

describe('lab lock', { timeout: 60_000 }, () => {
  let folder: string;

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

  it('goes to one of many that ask at once, also over what dead ones left', async () => {
    for (let round = 0; round < 20; round++) {
      await writeFile(path.join(folder, `lab.claim-${process.pid}-0123456789abcdef-x`), '');
      await writeFile(path.join(folder, `lab.held-${process.pid}-0123456789abcdef-x`), '');
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => acquireLabLock(folder)));
      const locks = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      expect(locks).toHaveLength(1);
      expect(await readdir(folder)).toHaveLength(2);
      locks[0]?.release();
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it('goes to one of many processes, and is free again when that one was killed', async () => {
    const copy = await buildCopy();
    const program = await copy.program(
      'contender.js',
      `import { acquireLabLock } from ${JSON.stringify(copy.module('lab-lock.js'))};
       try { await acquireLabLock(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1e6); }
       catch (error) { console.log(error.name); }`,
    );
    const contenders = Array.from({ length: 5 }, () => spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] }));
    const answers = await Promise.all(contenders.map(async ({ stdout }) => String((await once(stdout, 'data'))[0]).trim()));
    expect(answers.toSorted()).toEqual(['LabRunningError', 'LabRunningError', 'LabRunningError', 'LabRunningError', 'held']);
    const holder = contenders[answers.indexOf('held')];
    await expect(acquireLabLock(folder)).rejects.toThrow(`process ${holder?.pid}`);
    expect(await labHolder(folder)).toBe(holder?.pid);
    if (holder === undefined) return;
    const exited = once(holder, 'exit');
    holder.kill('SIGKILL');
    await exited;
    expect(await labHolder(folder)).toBeUndefined();
    (await acquireLabLock(folder)).release();
    expect(await readdir(folder)).toEqual([]);
    await copy.remove();
  });
});
